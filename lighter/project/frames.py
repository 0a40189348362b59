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
# Where an expression of a limited config is worked out, of which the place in the config says all.
_ARITHMETIC = str(_PACKAGE / "config" / "allowlist")
LINES = 24  # of a traceback that fits on a screen
_FRAME = re.compile(
    r'^(?P<indent>[ |+]*)File "(?P<file>[^"]+)", line \d+, in .*\n(?:(?P=indent)(?:  |\[Previous).*\n)*', re.MULTILINE
)
_PASSED_OVER = (
    "<frozen importlib",
    *(f"{folder}{os.sep}" for folder in (*(_PACKAGE / name for name in MACHINERY), Path(importlib.__file__).parent)),
)
_STDLIB = f"{sysconfig.get_path('stdlib')}{os.sep}"
# By name: an environment may take packages from that of another, or of the system, or lie in the project.
_LIBRARY = re.compile(r"[/\\](site|dist)-packages[/\\]")


def user_frames(error: BaseException, project: Project | None) -> list[traceback.FrameSummary]:
    """Those of an exception's frames that are the project's; without any those of no library; else all but ours."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if not f.filename.startswith(_PASSED_OVER)]
    root = f"{project.root}{os.sep}" if project is not None else "\0"
    inside = [f for f in frames if f.filename.startswith(root)]
    theirs = [f for f in inside if not _LIBRARY.search(f.filename, len(root) - 1)]
    return theirs or [f for f in frames if not is_installed(f.filename)] or frames


def without_libraries(text: str) -> tuple[str, int]:
    """The text of a traceback with the frames of the user's own and the last one, and how many it leaves out."""

    def kept(frame: re.Match[str]) -> str:
        file, is_last = frame["file"], not text.startswith(f'{frame["indent"]}File "', frame.end())
        is_own = file == "<config>" or not (is_installed(file) or file.startswith(f"{_PACKAGE}{os.sep}"))
        return frame[0] if is_own or (is_last and not file.startswith(_ARITHMETIC)) else ""

    shown = _FRAME.sub(kept, text)
    lines, half = shown.rstrip().splitlines(), LINES // 2
    if (more := len(lines) - LINES) > 0:
        lines[half : half + more] = [f"  ... {more} lines ..."]
    return "\n".join(lines), len(_FRAME.findall(text)) - len(_FRAME.findall(shown))


def is_ours(error: BaseException) -> bool:
    """Whether it is Lighter's own code that an exception comes from, itself or by what it calls of Python's own."""
    files = [frame.f_code.co_filename for frame, _ in traceback.walk_tb(error.__traceback__)]
    theirs = [file for file in files if _LIBRARY.search(file) or not file.startswith((_STDLIB, "<"))]
    return bool(theirs) and theirs[-1].startswith(f"{_PACKAGE}{os.sep}")


def is_installed(filename: str) -> bool:
    """Whether a file is Python's own or an installed library's, or no file at all."""
    return filename.startswith((_STDLIB, "<")) or _LIBRARY.search(filename) is not None


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
