"""What is told when a target cannot be had: absent, or its module raised while it was imported."""

import traceback
from dataclasses import dataclass
from pathlib import Path as FilePath

from lighter.errors import Problem, suggestion
from lighter.source import Position, Source
from lighter.utils.dynamic_imports import Project, TargetNotFound, locate

_MACHINERY = ("importlib", "<frozen importlib", "lighter/utils/", "lighter/config/")

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
        if isinstance(self.error, ValueError) and not traceback.extract_tb(self.error.__traceback__):
            return Problem(str(self.error), position, place)
        what = f"importing '{self.dotted}' raised {type(self.error).__name__}: {self.error}"
        return Problem(what, position, place, self._help(), self._raised_at())

    def _help(self) -> str:
        if isinstance(self.error, ModuleNotFoundError) and self.error.name:
            return f"install the package that brings '{self.error.name}', or correct the import"
        if isinstance(self.error, SystemExit):
            return "the file ends the process when it is imported; guard that part with 'if __name__ == \"__main__\":'"
        return ""

    def _raised_at(self) -> tuple[tuple[str, Position], ...]:
        """The line of the user's code that raised, and the line that asked for it."""
        if isinstance(self.error, SyntaxError) and self.error.filename:
            line, column = self.error.lineno or 1, self.error.offset or 1
            return (("raised here", _in_file(self.error.filename, line, column)),)
        frames = [f for f in traceback.extract_tb(self.error.__traceback__) if not _is_machinery(f.filename)]
        if not frames:
            return ()
        last = frames[-1]
        at = _in_file(last.filename, last.lineno or 1, (last.colno or 0) + 1, (last.end_colno or 1) - (last.colno or 0))
        return (("raised here", at),)


def located(dotted: str, project: Project | None) -> object | Failed:
    """The object of a dotted name, or why it cannot be had."""
    try:
        return locate(dotted, project)
    except (Exception, SystemExit) as error:
        # Whatever the user's module raises is told with its place, beside the config's other mistakes.
        return Failed(dotted, error)


def _not_found(error: TargetNotFound, position: Position, place: str) -> Problem:
    kind = "module " if error.kind == "module" else ""
    what = f"'{error.within}' has no {kind}'{error.missing}'" if error.within else f"there is no module '{error.missing}'"
    known = [name for name in error.candidates if not name.startswith("_")]
    return Problem(what, position, place, suggestion(error.missing, known, "it has"))


def _in_file(filename: str, line: int, column: int, width: int = 1) -> Position:
    path = FilePath(filename)
    text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    return Position(Source(filename, text, path=path), line, column, max(1, width))


def _is_machinery(filename: str) -> bool:
    return any(part in filename.replace("\\", "/") for part in _MACHINERY)
