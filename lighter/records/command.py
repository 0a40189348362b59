"""The command that has started this process, as a person typed it."""

import sys
from pathlib import Path

from lighter.records.masking import masked_words

__all__ = ["command"]


def command() -> list[str]:
    """Its words, without secrets: `lighter fit config.yaml`, `python train.py`; of a notebook what started it."""
    python, *words = sys.orig_argv or [sys.executable]
    # A command that was installed is a file without an ending, which the system gives to Python.
    is_installed = (
        bool(words) and sys.argv[:1] == words[:1] and not Path(words[0]).suffix and not words[0].startswith("-")
    )
    if is_installed and Path(words[0]).parent == Path(python).parent:
        return [Path(words[0]).name, *masked_words(words[1:])]
    return [Path(python).name, *masked_words(words)]
