"""`lighter new`."""

import keyword
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from unicodedata import normalize

from lighter.errors import UsageError

TEMPLATE = Path(__file__).with_name("template")
PLACEHOLDER = "my_project"  # the name in the template, which is a project that runs as it is
# What lies beside the package in the project, and what YAML would read as another value.
_TAKEN = ("runs", "tests", "true", "false", "null")
_TOLD = """\
{folder} is made, a small project that trains as it is:
  config.yaml        what is trained, on what, and how
  {code:<17}  the code: data.py, models.py
  tests/             whether the config is right, and trains: pytest
  README.md          the commands, and how to make it yours
  requirements.txt, .gitignore, .github/workflows/test.yml

  cd {folder}
  lighter fit config.yaml
"""


def new(name: str) -> None:
    """Make a small project that trains at once: config, data, model, tests, README.

    Args:
        name: the folder to make, and the package of code in it; one that is there already stays as it is.
    """
    from lighter.cli.printing import put
    from lighter.config.paths import expanded

    folder = Path(expanded(name))
    require_free(folder)
    save(folder)
    put(_TOLD.format(folder=folder, code=f"{folder.name}/"))


def require_free(folder: Path) -> None:
    """Raises UsageError where no project can have this name, or be at this place."""
    if fault := _fault(folder.name):
        raise UsageError(f"{fault}: write 'lighter new {folder.parent / _proper(folder.name)}'")
    if os.path.lexists(folder):
        raise UsageError(f"'{folder}' is there already and stays as it is: give another name, or move it away")
    if not folder.parent.is_dir():
        raise UsageError(f"there is no folder '{folder.parent}' for '{folder.name}': make it first")


def _fault(name: str) -> str:
    """What keeps a name from being a package's; nothing where it can be."""
    from lighter.project.libraries import is_installed, is_protected

    if not re.fullmatch(r"[A-Za-z]\w*", name, re.ASCII) or keyword.iskeyword(name):
        return f"'{name or '.'}' is no name for a Python package"
    if name.lower() in _TAKEN:
        return f"'{name}' has another meaning in a project"
    if is_protected(name) or is_installed(name, ""):
        return f"'import {name}' means another package already"
    return ""


def _proper(name: str) -> str:
    """The nearest name that a package can have."""
    plain = normalize("NFKD", name).encode("ascii", "ignore").decode()
    near = re.sub(r"\W+", "_", plain, flags=re.ASCII).strip("_") or "project"
    return f"my_{near}" if _fault(near) else near


def save(folder: Path) -> None:
    """Writes the template to a place where nothing is, whole or not at all. Raises UsageError where that cannot be."""
    beside = folder.with_name(f".{folder.name}.{os.getpid()}")
    try:
        for path, content in files(folder.name):
            (beside / path).parent.mkdir(parents=True, exist_ok=True)
            (beside / path).write_bytes(content)
        beside.rename(folder)  # what is there in the meantime stays, for only an empty folder can be replaced
    except OSError as error:
        raise UsageError(f"'{folder}' cannot be written: {error.strerror}; name a place in another folder") from error
    finally:
        with suppress(OSError):  # where nothing can be written, nothing can be removed
            shutil.rmtree(beside)


def files(name: str) -> Iterator[tuple[Path, bytes]]:
    """Each file of a project, its path and its content."""
    for path in sorted(TEMPLATE.rglob("*")):
        inside = path.relative_to(TEMPLATE)
        if path.is_file() and "__pycache__" not in inside.parts:
            content = re.sub(rf"\b{PLACEHOLDER}\b".encode(), name.encode(), path.read_bytes())
            yield Path(*(name if part == PLACEHOLDER else part for part in inside.parts)), content
