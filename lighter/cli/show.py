"""`lighter show`."""

import sys

from lighter.cli.printing import put


def show(*sources: str, id: str = "", origins: bool = False, defaults: bool = False, allow: str | None = None) -> None:
    """Print a config, its sources in one, as YAML that runs again.

    Args:
        sources: config files (YAML or JSON), run folders and id=value overrides; later ones override earlier ones.
        id: the part to print, such as system::optimizer.
        origins: show beside each value the places that it came from, oldest first.
        defaults: show in each call, as comments, the arguments that it leaves to their defaults; imports the targets.
        allow: the packages, with commas between, that a config may use if you do not trust it: torch,my_project.
    """
    from lighter.config import Config
    from lighter.config.dumping import plain
    from lighter.config.tree import named

    config = Config.load(*sources, allow=allow)
    # A config is read as UTF-8, also one that a console of another encoding wrote.
    text = config.dump(id, origins, defaults=defaults, is_ascii=not sys.stdout.encoding.lower().startswith("utf"))
    node = named(id, config.portable)
    put(
        text,
        name=config.name,
        id=id,
        config=plain(node, escape=True, has_numbers=True) if node is not None else None,
        text=text,
    )
