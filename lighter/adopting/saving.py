"""A new file, written whole or not at all, and never over one that is there."""

import os
from contextlib import suppress
from pathlib import Path

from lighter.errors import UsageError

SUFFIXES = (".yaml", ".yml")

__all__ = ["SUFFIXES", "require_free", "save"]


def require_free(path: Path) -> None:
    """Raises UsageError where no config can be written to a path."""
    if path.suffix not in SUFFIXES:
        raise UsageError(f"'{path}' is no name for a config: write --out={path.stem or 'config'}.yaml")
    if os.path.lexists(path):
        raise UsageError(f"'{path}' is there already and stays as it is: write --out=another.yaml, or move it away")
    if not path.parent.is_dir():
        raise UsageError(f"there is no folder '{path.parent}' for '{path.name}': make it, or write --out=config.yaml")


def save(text: str, path: Path) -> None:
    """Writes a text to a path where nothing is. Raises UsageError where that cannot be."""
    require_free(path)
    half = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with half.open("x", encoding="utf-8") as file:
            file.write(text)
        _place(half, path)
    except OSError as error:
        raise UsageError(f"'{path}' cannot be written: {error.strerror}; write --out=folder/config.yaml") from error
    finally:
        with suppress(OSError):
            half.unlink()


def _place(half: Path, path: Path) -> None:
    try:
        path.hardlink_to(half)  # refuses where in the meantime something has come to lie there
    except FileExistsError as error:
        raise UsageError(f"'{path}' is there already and stays as it is: write --out=another.yaml") from error
    except OSError:  # some file systems know no such links
        half.rename(path)
