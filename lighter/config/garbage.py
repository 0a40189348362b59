"""A pause in Python's search for garbage, while much is made that is none: a large tree, the imports of a run."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["collect_from_now", "uncollected"]


def collect_from_now() -> None:
    """Ends the pause of a process that began without a search; what lives by now is looked through no more.

    Half a million objects of the imported libraries live as long as the process, and each search, the one at its end
    too, would go through them all. Does nothing where the search was never off.
    """
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


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
