"""A config that a command writes, where nothing is yet."""

import os
from pathlib import Path

from lighter.errors import UsageError
from lighter.runs.whole_files import opened_whole

SUFFIXES = (".yaml", ".yml")


def require_free(path: Path, flag: str) -> None:
    """Raises UsageError where no config can be written to a path, which a flag gives."""
    if path.suffix not in SUFFIXES:
        raise UsageError(f"'{path}' is no name for a config: write --{flag}={path.stem or 'config'}.yaml")
    if os.path.lexists(path):
        raise UsageError(f"'{path}' is there already and stays as it is: write --{flag}=another.yaml, or move it away")
    if not path.parent.is_dir():
        raise UsageError(
            f"there is no folder '{path.parent}' for '{path.name}': make it, or write --{flag}=config.yaml"
        )


def save(text: str, path: Path, flag: str) -> None:
    """Writes a text to a path where nothing is. Raises UsageError where that cannot be."""
    require_free(path, flag)
    content = text.encode()
    try:
        with opened_whole(path) as file:
            file.write(content)
            file.flush()  # a full disk is noticed before the name is taken
            path.touch(exist_ok=False)  # refuses what has come to be there in the meantime; the whole file replaces it
    except FileExistsError as error:
        raise UsageError(f"'{path}' is there already and stays as it is: write --{flag}=another.yaml") from error
    except OSError as error:
        raise UsageError(f"'{path}' cannot be written: {error.strerror}; write --{flag}=folder/config.yaml") from error
