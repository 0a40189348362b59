"""`lighter convert`."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from lighter.errors import ConfigError, UsageError, visible

if TYPE_CHECKING:
    from lighter.cli.converting.conversion import Converted

NOT_VALID = 1  # what is written


def convert(
    *sources: str, to: str = "config.yaml", kind: str = "", model: str = "", data: str = "", link: str = ""
) -> None:
    """Write a config from one of Hydra, LightningCLI, a MONAI bundle or a former Lighter, and check it.

    Args:
        sources: config files of the other tool, and words that its command line takes, such as model=big.
        to: the file to write; config.yaml if it is left out. One that is there already stays as it is.
        kind: which tool the files are of, where nothing in them tells.
        model: of LightningCLI, the class whose arguments stand at model, my_module.MyModel; its script says it, too.
        data: the class whose arguments stand at data.
        link: arguments that LightningCLI links, as data.batch_size=model.batch_size, several with commas between.
    """
    from lighter.cli.converting.conversion import SCRIPT, Request, conversion, split_words
    from lighter.cli.new_file import require_free, save
    from lighter.cli.printing import put
    from lighter.config.paths import expanded

    path = Path(expanded(to))
    require_free(path, "to")
    files, words = split_words(sources)
    if not files and not any(word.endswith(SCRIPT) for word in words):
        raise UsageError("'lighter convert' needs a config file: lighter convert configs/train.yaml model=big")
    given = {"model": model, "data": data, "link": link}
    options = {name: value for name, value in given.items() if value}
    name, converted = conversion(Request(files, words, path, options), kind)
    texts = _texts(converted, path)
    for other in texts:
        require_free(other, "to")
    for other, text in texts.items():
        save(text, other, "to")
    put("\n".join(_told(name, converted, texts)) + "\n")
    _check(to)


def _texts(converted: "Converted", path: Path) -> dict[Path, str]:
    """What is written, by its path; the config last, which may name the others."""
    from lighter.cli.converting.writing import written

    others = {path.parent / name: written(part) for name, part in converted.others.items()}
    return others | {path: written(converted.root)}


def _told(name: str, converted: "Converted", texts: dict[Path, str]) -> Iterable[str]:
    *others, path = map(str, texts)
    yield f"{path} is written, from {name}" + (f", and beside it {', '.join(others)}" if others else "")
    if count := sum(line.lstrip().startswith("# left out:") for text in texts.values() for line in text.splitlines()):
        yield f"{count} of its parts {'is' if count == 1 else 'are'} left out: comments in it say which, and why"
    if converted.left:
        yield "left to do:"
        yield from (f"  - {line}" for line in converted.left)


def _check(to: str) -> None:
    """Says what `lighter check` does of what is written, and ends with its own status where that is not valid yet."""
    from lighter.cli.check import found_valid
    from lighter.cli.printing import put

    try:
        put(f"{found_valid(to)}\n")
    except ConfigError as error:
        sys.stdout.flush()
        print(visible(f"'lighter check {to}' says:\n\n{error}"), file=sys.stderr)
        raise SystemExit(NOT_VALID) from error
