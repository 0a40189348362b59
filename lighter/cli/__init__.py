"""The command line, put together with Fire."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import TextIO

from lighter.cli.streams import keep_console
from lighter.cli.usage import ANSWERING, JSON, TRACEBACK
from lighter.errors import TERMINATED, ConfigError, LighterError, Problem, Terminated, UsageError, visible

MISTAKE, FAILURE, INTERRUPTED = 2, 1, 130

__all__ = ["main"]


def main(words: Sequence[str] | None = None) -> None:
    """Runs one command; ends the process with 2 for a mistake, 1 for a failure, 130 for Ctrl-C, 143 for SIGTERM."""
    words = list(sys.argv[1:] if words is None else words)
    keep_console()
    if JSON not in words or words[0] not in ANSWERING:
        _end(words)
        return
    from lighter.cli.answer import answering

    with answering(words[0], is_said=_speaks):
        _end([word for word in words if word != JSON])


def _end(words: list[str]) -> None:
    """Runs it, and says why it ends the process where it does."""
    shows_all = TRACEBACK in words
    try:
        _run([word for word in words if word != TRACEBACK])
    except ConfigError as error:
        colour = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
        _say("\n\n".join(problem.text(colour) for problem in error.problems))
        raise SystemExit(MISTAKE) from error
    except LighterError as error:
        _say(visible("\n".join([f"error: {error}", *_notes(error)])))
        raise SystemExit(MISTAKE if isinstance(error, UsageError) else FAILURE) from error
    except KeyboardInterrupt as interrupt:
        _say("interrupted")
        raise SystemExit(_of_rank(INTERRUPTED)) from interrupt
    except Terminated as ended:
        raise SystemExit(_of_rank(TERMINATED)) from ended
    except SystemExit:
        raise
    except BaseException as error:  # also one that a user's code has made
        if shows_all:
            raise
        _say(visible(_told(error)))
        raise SystemExit(FAILURE) from error


def _speaks() -> bool:
    """Whether this is the process that speaks for all of a run's."""
    return _of_rank(FAILURE) == FAILURE


def _of_rank(status: int) -> int:
    """The status of a process that was asked to end; of other ranks none, for Lightning kills rank zero after one."""
    ranks = sys.modules.get("lightning_fabric.utilities.rank_zero")
    return status if ranks is None or ranks.rank_zero_only.rank == 0 else 0


def _run(words: list[str]) -> None:
    from lighter.cli.garbage import uncollected
    from lighter.cli.printing import put
    from lighter.cli.usage import BRIEF, NAMES, asks_for_help, command, command_help, introduction, switches, understood

    if words == ["--version"]:
        from lighter import __version__

        put(f"{__version__}\n")
    elif not words or asks_for_help(words[:1]):
        put(introduction())
    elif words[0] in NAMES and asks_for_help(words[1:]):
        put(command_help(words[0]))
    else:
        words = understood(words)
        _require_folder()
        import fire
        from fire.decorators import SetParseFn

        # Every word stays the text it is: values are read as YAML, by the config, not as Python, by Fire.
        function = SetParseFn(str)(command(words[0]))
        if on := switches(words[0]):
            function = SetParseFn(bool, *on)(function)  # only a switch that is on has a word
        with _notes_shown(), uncollected() if words[0] in BRIEF else nullcontext():
            fire.Fire({words[0]: function}, command=words, name="lighter")


def _require_folder() -> None:
    """Raises UsageError where the shell stands in a folder that somebody has removed: no path has a beginning there."""
    try:
        os.getcwd()  # noqa: PTH109  # of which Path.cwd makes a path
    except OSError as error:
        raise UsageError("the current folder is no longer there: go to one that is, such as 'cd ~'") from error


@contextmanager
def _notes_shown() -> Iterator[None]:
    """Shows what Lighter's own logger says that a person should know, once, whatever else is done with it."""
    import logging

    from lighter.cli.answer import note, warn

    said: set[str] = set()  # the runs of a sweep have much in common

    class Noting(logging.StreamHandler[TextIO]):
        def filter(self, record: logging.LogRecord) -> bool:
            is_new = (text := record.getMessage()) not in said
            said.add(text)
            return is_new and bool(super().filter(record))

        def format(self, record: logging.LogRecord) -> str:
            problem = next(iter(record.args), None) if isinstance(record.args, tuple) else None
            warn([problem]) if isinstance(problem, Problem) else note(record.getMessage())
            return visible(super().format(record))

    logger, handler = logging.getLogger("lighter"), Noting(sys.stderr)
    handler.setLevel(logging.WARNING)
    handler.addFilter(_is_said_here)
    propagated, logger.propagate = logger.propagate, False  # a library's handler at the root would say it again
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagated


def _is_said_here(_record: object) -> bool:
    from lighter.training.ranks import is_first

    return is_first()


def _told(error: BaseException) -> str:
    """The exception with the frames that say something to the user, and its notes."""
    import traceback

    from lighter.project.frames import is_ours, without_libraries
    from lighter.project.optional_imports import is_optional_import, lacks

    if isinstance(error, OSError) and error.filename is not None and is_ours(error):
        return "\n".join([f"error: '{os.fspath(error.filename)}': {error.strerror}", *_notes(error)])
    if is_optional_import(error):
        what, help = lacks(error)
        return "\n".join([f"error: MONAI needs {what}", *_notes(error), *([f"  = help: {help}"] if help else [])])
    told = traceback.TracebackException.from_exception(error)
    told.__notes__ = None
    # Of another rank no frames: rank zero's are likely the same.
    lines = told.format() if _of_rank(FAILURE) else told.format_exception_only()
    shown, left_out = without_libraries("".join(lines))
    if left_out:
        error.add_note(f"{left_out} frames of libraries are left out; {TRACEBACK} shows them")
    return "\n".join([shown, *_notes(error)])


def _notes(error: BaseException) -> list[str]:
    return [f"  = {note}" for note in getattr(error, "__notes__", ())]


def _say(text: str) -> None:
    sys.stdout.flush()
    print(text, file=sys.stderr, flush=True)
