"""What a command prints for people and other programs to read."""

import sys

from lighter.cli.streams import lost
from lighter.errors import RunError, visible


def put(text: str, /, **answer: object) -> None:
    """Prints a text, which may hold names from anywhere; where `--json` asks for an answer, keeps that instead.

    A reader that has seen enough, as `head` has, is no failure. Raises RunError where it cannot be written.
    """
    if answer:
        from lighter.cli.answer import is_asked, tell

        if is_asked():
            tell(**answer)
            return
    try:
        print(visible(text), end="", flush=True)
        fault = lost(sys.stdout)
    except OSError as error:
        fault = error
    if fault is not None and not isinstance(fault, BrokenPipeError):
        raise RunError(f"what is asked for cannot be written to stdout: {fault.strerror}")
