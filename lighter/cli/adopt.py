"""`lighter adopt`."""


def adopt(repo: str, *, out: str = "config.yaml") -> None:
    """Read a repository without running it, list its models and data, and write a first config.

    Args:
        repo: the folder of a repository, of which no line is run.
        out: the file to write; config.yaml if it is left out. One that is there already stays as it is.
    """
    from pathlib import Path

    from lighter.cli.adopting.adoption import adoption
    from lighter.cli.new_file import require_free, save
    from lighter.cli.printing import put
    from lighter.config.paths import expanded

    path = Path(expanded(out))
    require_free(path, "out")
    found = adoption(repo, path)
    save(found.config.text, path, "out")
    put(f"{found.printed}\n{out} is written; {found.left}\n")
