"""File names from identifiers: safe on every file system, and never a way out of the folder."""

import hashlib
import os
import re
from typing import Any

from lighter.errors import RunError

LONGEST = 200  # bytes; file systems take 255, and a suffix and the name of a part come on top
_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')

__all__ = ["LONGEST", "file_name"]


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
