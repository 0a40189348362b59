"""What is told when a target cannot be had: absent, or its module raised while it was imported."""

import importlib
import os
import re
import traceback
from dataclasses import dataclass
from pathlib import Path as FilePath

from lighter.config.loading import shown_path
from lighter.config.short_names import locate_target
from lighter.errors import Problem, suggestion
from lighter.source import Position, Source
from lighter.utils.dynamic_imports import InvalidPath, NotPythonText, Project, TargetNotFound, locate

_HERE = FilePath(__file__).parent
_MACHINERY = tuple(
    f"{folder}{os.sep}" for folder in (_HERE, _HERE.parent / "utils", FilePath(importlib.__file__).parent)
)

__all__ = ["Failed", "located"]


@dataclass(frozen=True, slots=True)
class Failed:
    """A dotted name that could not be turned into an object, and why."""

    dotted: str
    error: BaseException

    def problem(self, position: Position, place: str) -> Problem:
        """The mistake as it is told where the name is written."""
        if isinstance(self.error, TargetNotFound):
            return _not_found(self.error, position, place)
        if isinstance(self.error, (InvalidPath, NotPythonText)):
            return Problem(str(self.error), position, place)
        said = self.error.msg if isinstance(self.error, SyntaxError) else self.error
        what = f"importing '{self.dotted}' raised {type(self.error).__name__}: {said}"
        return Problem(what, position, place, self._help(), self._raised_at())

    def _help(self) -> str:
        if isinstance(self.error, ModuleNotFoundError) and self.error.name:
            return f"install the package that brings '{self.error.name}', or correct the import"
        if isinstance(self.error, SystemExit):
            return "the file ends the process when it is imported; guard that part with 'if __name__ == \"__main__\":'"
        return ""

    def _raised_at(self) -> tuple[tuple[str, Position], ...]:
        """The line of the user's code that raised, before it the line that led there."""
        frames = [f for f in traceback.extract_tb(self.error.__traceback__) if not _is_machinery(f.filename)]
        at = [_of_frame(frame) for frame in frames]
        if isinstance(self.error, SyntaxError) and self.error.filename:
            at.append(_in_file(self.error.filename, self.error.lineno or 1, self.error.offset or 1))
        if not at:
            return ()
        return (("imported here", at[0]), ("raised here", at[-1])) if len(at) > 1 else (("raised here", at[0]),)


def located(dotted: str, project: Project | None, is_target: bool = False) -> object | Failed:
    """The object of a dotted name, or why it cannot be had; the name of a target may be short."""
    try:
        return locate_target(dotted, project) if is_target else locate(dotted, project)
    except (Exception, SystemExit) as error:  # noqa: BLE001  # told with its place, beside the config's other mistakes
        return Failed(dotted, error)


def _not_found(error: TargetNotFound, position: Position, place: str) -> Problem:
    known = [name for name in error.candidates if not name.startswith("_")]
    return Problem(error.what, position, place, error.hint or suggestion(error.missing, known, "it has"))


def _of_frame(frame: traceback.FrameSummary) -> Position:
    start = frame.colno or 0
    width = (frame.end_colno or 0) - start if frame.end_lineno == frame.lineno else 10**6
    return _in_file(frame.filename, frame.lineno or 1, start + 1, width)


def _in_file(filename: str, line: int, column: int, width: int = 1) -> Position:
    path = FilePath(filename)
    text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    # Python counts lines by their ends alone; a form feed, say, ends none.
    text = re.sub("[\v\f\x1c-\x1e\x85\u2028\u2029]", " ", text)
    return Position(Source(shown_path(path) if text else filename, text, path=path), line, column, max(1, width))


def _is_machinery(filename: str) -> bool:
    """Whether a frame belongs to the import itself, Python's part of it or ours."""
    return filename.startswith(("<frozen importlib", *_MACHINERY))
