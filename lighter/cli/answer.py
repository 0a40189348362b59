"""The one answer of a command with `--json`, in the form of schema.json: for editors, CI and assistants."""

import json
import math
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

from lighter.cli.streams import Console
from lighter.errors import ConfigError, Edit, LighterError, Mistake, Position, Problem, UsageError

VERSION = 1  # of the schema; a new field leaves it as it is
SCHEMA = Path(__file__).with_name("schema.json")


class Answer:
    """What is written at the end; until then all that is printed, by children of the process too, goes to stderr."""

    def __init__(self, command: str) -> None:
        self.command = command
        self.told: dict[str, object] | None = None
        self.mistakes: list[Problem] = []  # that are told though the command ends well
        self.notes: list[str] = []
        sys.stdout.flush()
        self.stdout = Console(os.dup(1), "w")
        os.dup2(2, 1)

    def write(self, status: int, error: BaseException | None) -> OSError | None:
        """Writes it; gives why it could not be."""
        whole = {
            "version": VERSION,
            "command": self.command,
            "status": status,
            "mistakes": [_mistake(one) for one in (*self.mistakes, *_problems(error))],
            "notes": [*self.notes, *_notes(error)],
            "answer": self.told,
        }
        self.stdout.write(f"{json.dumps(_plain(whole), indent=2, allow_nan=False)}\n".encode())
        return self.stdout.lost


_current: Answer | None = None


@contextmanager
def answering(command: str, is_said: Callable[[], bool]) -> Iterator[None]:
    """Answers in the end with the status that the command ends the process with, and with its mistakes.

    Of several processes of a run the one that `is_said` says does.
    """
    global _current  # noqa: PLW0603  # as there is one stdout
    answer = _current = Answer(command)
    status, cause = 0, None
    try:
        yield
    except SystemExit as end:
        status, cause = end.code if isinstance(end.code, int) else 0, end.__cause__
        raise
    except BaseException as error:
        status, cause = 1, error
        raise
    finally:
        _current = None
        with answer.stdout:
            lost = answer.write(status, cause) if is_said() else None
        if lost is not None and not isinstance(lost, BrokenPipeError):
            print(f"error: the answer cannot be written to stdout: {lost.strerror}", file=sys.stderr)
            if not status:
                raise SystemExit(1)


def is_asked() -> bool:
    """Whether an answer is to be given."""
    return _current is not None


def tell(**fields: object) -> None:
    """Keeps what the command has come to for the answer, if one is asked for."""
    if _current is not None:
        _current.told = {**(_current.told or {}), **fields}


def warn(problems: Sequence[Problem]) -> None:
    """Keeps for it mistakes that stop nothing."""
    if _current is not None:
        _current.mistakes += problems


def note(text: str) -> None:
    """Keeps for it what Lighter says beside."""
    if _current is not None:
        _current.notes.append(text)


def _problems(error: BaseException | None) -> Sequence[Problem]:
    if isinstance(error, ConfigError):
        return error.problems
    if isinstance(error, LighterError):
        code: Mistake = "usage" if isinstance(error, UsageError) else "run"
        return [Problem(str(error), code=code)]
    return [Problem(f"{type(error).__name__}: {error}", code="failure")] if isinstance(error, Exception) else []


def _notes(error: BaseException | None) -> list[str]:
    return list(getattr(error, "__notes__", ()))


def _mistake(problem: Problem) -> dict[str, object]:
    return {
        "code": problem.code,
        "severity": "warning" if problem.is_warning else "error",
        "text": problem.what,
        "help": problem.help,
        "place": problem.place,
        **_where(problem.position),
        "also": [{"text": text, **_where(position)} for text, position in problem.also],
        "edit": _edit(problem.edit),
    }


def _where(position: Position | None) -> dict[str, object]:
    """The source as it is called, its file, and where in it: lines and columns from 1, the end behind the last one."""
    source = position.source if position is not None else None
    name = source.name if source is not None else None
    file = str(source.path.absolute()) if source is not None and source.path is not None else None
    if position is None or not position.source.has_lines:
        return {"source": name, "file": file, "line": None, "column": None, "end_column": None}
    return {
        "source": name,
        "file": file,
        "line": position.line,
        "column": position.column,
        "end_column": position.column + position.width,
    }


def _edit(edit: Edit | None) -> dict[str, object] | None:
    if edit is None or edit.span is None:
        return None
    start, end = edit.span
    where = {**_where(edit.position), "column": start + 1, "end_column": end + 1}
    return {**{key: value for key, value in where.items() if key != "source"}, "old": edit.old, "new": edit.new}


def _plain(value: Any) -> Any:
    """The value in JSON's own kinds; a path is whole, and a number that is not finite, which JSON has not, a text."""
    if isinstance(value, Mapping):
        return {str(key): _plain(below) for key, below in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(below) for below in value]
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else str(float(value))
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, Path):
        return str(value.absolute())
    if value is None or isinstance(value, (bool, int)):
        return value
    return str(value)
