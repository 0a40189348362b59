"""What a command prints for people and other programs to read."""

import os
import sys


def put(text: str) -> None:
    """Prints a text as it is; a reader that has seen enough, as `head` has, is no failure."""
    try:
        print(text, end="", flush=True)
    except BrokenPipeError:
        # Nothing more can be written there; this keeps Python from trying again when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
