"""A damaged checkpoint is noticed before anything is built from it."""

import zipfile
import zlib
from contextlib import suppress
from pathlib import Path

from lighter.errors import RunError
from lighter.run_directory import SUFFIX

__all__ = ["require_intact"]


def require_intact(path: Path) -> None:
    """Raises RunError where a checkpoint is cut off or its content has changed, with those beside it that are well."""
    fault = _fault(path)
    if fault is None:
        return
    others = [other for other in _by_age(path.parent) if other != path and _fault(other) is None]
    cure = f"the one before it is well: --ckpt_path={others[0]}" if others else "there is no other beside it"
    raise RunError(f"the checkpoint '{path}' is damaged: {fault}; {cure}")


def _fault(path: Path) -> str | None:
    """What is wrong with a file as PyTorch writes them; None for a good one, a folder, or a file of another kind."""
    if not path.is_file():
        return None
    with path.open("rb") as file:
        begin = file.read(4)
    if not begin:
        return "it is empty"
    if begin != b"PK\x03\x04":  # older than PyTorch 1.6, or in a format of its own
        return None if begin[:1] in {b"\x80", b"{"} else "it does not begin as a checkpoint does"
    try:
        with zipfile.ZipFile(path) as archive:
            bad = archive.testzip()
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
        return f"it is cut off or overwritten ({error})"
    return f"the content of its part '{bad}' has changed since it was written" if bad else None


def _by_age(folder: Path) -> list[Path]:
    """The checkpoints of a folder, the newest first."""
    found: list[tuple[float, Path]] = []
    for path in folder.glob(f"*{SUFFIX}"):
        with suppress(FileNotFoundError):
            found.append((path.stat().st_mtime, path))
    return [path for _, path in sorted(found, reverse=True)]
