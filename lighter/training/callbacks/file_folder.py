"""A folder of files, each of which is there only when it is whole."""

import hashlib
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lighter.errors import RunError

LONGEST = 200  # bytes; file systems take 255, and a suffix and the name of a part come on top
_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')

_PART = ".part"


def file_name(identifier: Any, suffix: str) -> str:
    """The name of a sample's file: its identifier, without what no file may be called, and the suffix.

    `/` and its like become `_`. A number is filled up to six digits, so that files sort as they are numbered. A name
    over LONGEST bytes is cut, with a digest of the whole. Raises RunError where nothing is left.
    """
    whole = f"{identifier:06}" if isinstance(identifier, int) and not isinstance(identifier, bool) else str(identifier)
    name = _UNSAFE.sub("_", whole).removesuffix(suffix).strip(" ")
    leading = len(name) - len(name.lstrip("."))
    name = "_" * leading + name[leading:].rstrip(". ")  # no hidden file, and neither '.' nor '..'
    if not name.strip("_"):
        raise RunError(
            f"FileWriter: the identifier {whole!r} gives no name for a file; "
            "change it in the data, or leave it out to number the files"
        )
    if len(os.fsencode(name)) > LONGEST:
        digest = hashlib.sha256(os.fsencode(whole)).hexdigest()[:8]
        name = f"{os.fsencode(name)[: LONGEST - 9].decode(errors='ignore')}_{digest}"
    return name + suffix


class FileFolder:
    """The files of a run, written by one rank or by several.

    Each is written in a folder beside the others, and moved to its place when it is whole. Files of earlier runs are
    replaced. `may_repeat` says that another rank may write the same sample once more.
    """

    def __init__(self, folder: Path, rank: int = 0, ranks: int = 1, may_repeat: bool = False) -> None:
        self.files = 0
        self._folder = folder
        self._may_repeat = may_repeat
        self._beside = folder / f"{_PART}{rank}"
        self._made: set[Path] = set()
        for path in folder.glob(f"{_PART}[0-9]*"):
            number = path.name.removeprefix(_PART)
            # What a killed run left: that of this rank, and of those that are no more.
            if path == self._beside or (rank == 0 and number.isdecimal() and int(number) >= ranks):
                shutil.rmtree(path)
        self._beside.mkdir()
        start = self._beside / "start"
        start.touch()
        self._start = start.stat().st_ctime_ns  # by the clock of the file system, as the times of files are

    def put(self, place: str, write: Callable[[Path], None]) -> None:
        """Has a file written: `write` gets a path of the same name. Raises RunError where this run has it already."""
        final = self._folder / place
        self._check_new(final)
        beside = self._beside / final.name
        write(beside)
        if not beside.is_file():
            raise RunError(
                f"FileWriter: the writer has made no file '{final.name}'; "
                "it is called with a value and a path, and must write to that path, as torch.save does"
            )
        if final.parent not in self._made:
            final.parent.mkdir(parents=True, exist_ok=True)
            self._made.add(final.parent)
        beside.replace(final)
        self.files += 1

    def close(self) -> None:
        """Ends the writing; half a file, if there is one, goes."""
        shutil.rmtree(self._beside)

    def _check_new(self, final: Path) -> None:
        """No set of names: it would grow with the data. A file of this run is younger than its start."""
        try:
            written = final.stat().st_ctime_ns
        except FileNotFoundError:
            return
        if written >= self._start and not self._may_repeat:
            raise RunError(
                f"FileWriter: two samples have the file '{final}'; the second would replace the first. "
                "Give each sample an identifier of its own, or leave it out to number the files"
            )
