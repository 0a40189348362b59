"""A pause in Python's search for garbage, while much is made that is none: a large tree, the imports of a run."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """No search for garbage meanwhile: it would go through what grows again and again, and find nothing."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        if gc.get_freeze_count() == 0:
            # Frozen and thawed, all that lives counts as old: the next searches for young garbage do not look at it.
            gc.freeze()
            gc.unfreeze()
        gc.enable()
