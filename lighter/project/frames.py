"""The lines of the user's code that an exception went through."""

import importlib
import os
import re
import sysconfig
import traceback
from pathlib import Path

from lighter.errors import Position, Source, shown_path
from lighter.project.project import Project

# What runs between a config and the user's code: to a user, none of it is a place where something went wrong.
MACHINERY = ("config", "project", "utils")
_PACKAGE = Path(__file__).parents[1]
_PASSED_OVER = (
    "<frozen importlib",
    *(f"{folder}{os.sep}" for folder in (*(_PACKAGE / name for name in MACHINERY), Path(importlib.__file__).parent)),
)
_INSTALLED = tuple({f"{sysconfig.get_path(name)}{os.sep}" for name in ("stdlib", "purelib", "platlib")})


def user_frames(error: BaseException, project: Project | None) -> list[traceback.FrameSummary]:
    """Those of an exception's frames that are the project's; without any those of no library; else all but ours."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if not f.filename.startswith(_PASSED_OVER)]
    root = f"{project.root}{os.sep}" if project is not None else "\0"
    libraries = tuple(folder for folder in _INSTALLED if folder.startswith(root))  # an environment in the project
    theirs = [f for f in frames if f.filename.startswith(root) and not f.filename.startswith(libraries)]
    return theirs or [f for f in frames if not is_installed(f.filename)] or frames


def is_installed(filename: str) -> bool:
    """Whether a file is Python's own or an installed library's, or no file at all."""
    return filename.startswith((*_INSTALLED, "<"))


def position_of(frame: traceback.FrameSummary) -> Position:
    """Where a frame was at work."""
    start = frame.colno or 0
    width = (frame.end_colno or 0) - start if frame.end_lineno == frame.lineno else 10**6
    return position_in(frame.filename, frame.lineno or 1, start + 1, width)


def position_in(filename: str, line: int, column: int = 1, width: int = 1) -> Position:
    """A place in a file that was read, if it can still be."""
    path = Path(filename)
    text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    # Python counts lines by their ends alone; a form feed, say, ends none.
    text = re.sub("[\v\f\x1c-\x1e\x85\u2028\u2029]", " ", text)
    return Position(Source(shown_path(path) if text else filename, text, path=path), line, column, max(1, width))
