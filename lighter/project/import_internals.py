"""What Python does not promise of its import system, its frames and its processes, and Lighter uses all the same.

A test names each and asks this Python for it, so that a release without one is found there.
"""

import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from types import FrameType


class WatchedSpec(ModuleSpec):
    """A module's spec that calls `begins` before its code runs, and `has_run` with its name after it.

    The import system sets `_initializing` around the execution of a module (since Python 3.3). A loader that did
    something after its own call of the code would be in every user's traceback.
    """

    begins: Callable[[], None] | None = None
    has_run: Callable[[str], None] | None = None
    _is_initializing = False

    @property
    def _initializing(self) -> bool:
        return self._is_initializing

    @_initializing.setter
    def _initializing(self, value: bool) -> None:
        self._is_initializing = value
        if value and self.begins is not None:
            self.begins()
        if not value and self.has_run is not None:
            self.has_run(self.name)


def calling_frame(depth: int) -> FrameType:
    """The frame that called, `depth` steps above the one that asks: no other way to it is as fast."""
    return sys._getframe(depth + 1)  # noqa: SLF001  # as above


def process_settings() -> dict[str, object]:
    """What the processes that this one starts get of its settings, whichever way multiprocessing starts them.

    A process hands `_config` on pickled before all that it is to work with, and offers no other way to do so.
    """
    from multiprocessing import current_process  # most programs start none

    settings: dict[str, object] = vars(current_process())["_config"]
    return settings
