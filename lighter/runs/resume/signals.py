"""SIGTERM and Ctrl-C as wishes that a run grants at its next step, not in the middle of one."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from lighter.errors import Terminated

_ASKS = (signal.SIGTERM, signal.SIGINT)


class StopSignals:
    """Listens while a run trains; who asks a second time is obeyed at once."""

    def __init__(self) -> None:
        self.received: signal.Signals | None = None
        self._before: dict[signal.Signals, Any] = {}

    def __getstate__(self) -> dict[str, Any]:
        return {"received": None, "_before": {}}  # a spawned rank listens for itself

    def listen(self) -> None:
        """Begins to; only the main thread can."""
        if threading.current_thread() is threading.main_thread() and not self._before:
            self._before = {asks: signal.signal(asks, self._receive) for asks in _ASKS}

    def stop(self) -> None:
        """Leaves the signals to whoever had them before."""
        while self._before:
            asks, before = self._before.popitem()
            if signal.getsignal(asks) == self._receive:
                signal.signal(asks, before)

    def error(self) -> BaseException:
        """What ends the run."""
        return KeyboardInterrupt() if self.received is signal.SIGINT else Terminated()

    def _receive(self, number: int, _frame: FrameType | None) -> None:
        if self.received is not None:
            raise self.error()
        self.received = signal.Signals(number)


@contextmanager
def signals_as_exceptions() -> Iterator[None]:
    """Lets SIGTERM end a stage at once, where nobody listens to it, and Ctrl-C be a KeyboardInterrupt again.

    Lightning notes the one without a word, and turns the other into an exit with status 1.
    """
    is_heard = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGTERM, _terminate) if is_heard else None
    try:
        yield
    except Terminated:
        raise
    except SystemExit as exit:
        if isinstance(exit.__context__, KeyboardInterrupt):
            raise KeyboardInterrupt from exit
        raise
    finally:
        if is_heard:
            signal.signal(signal.SIGTERM, before or signal.SIG_DFL)


def _terminate(_number: int, _frame: FrameType | None) -> None:
    raise Terminated
