"""How far a piece of work is, how fast it goes, and the time that is left."""

import math
import time
from collections import deque

from lighter.runs.console.values import clock

WINDOW = 30.0  # seconds that a rate is taken over


class Work:
    """A name, how many batches there are, None where nobody knows, and how many are done; its rate is of late."""

    def __init__(self, name: str, total: int | None, done: int = 0, start: float | None = None) -> None:
        self.name = name
        self.total = total
        self.done = done
        self.start = start if start is not None else time.monotonic()
        self._marks = deque([(self.start, 0)])

    def mark(self, time: float) -> None:
        """Takes down how much is done at a time, in seconds."""
        while len(self._marks) > 1 and time - self._marks[1][0] > WINDOW:
            self._marks.popleft()
        self._marks.append((time, self.done))

    @property
    def rate(self) -> float | None:
        """Batches a second; None before the first is done."""
        (start, before), (end, done) = self._marks[0], self._marks[-1]
        return (done - before) / (end - start) if end > start and done > before else None

    @property
    def part(self) -> float:
        """What is done, from 0 to 1; 0 where nobody knows."""
        return min(1.0, self.done / self.total) if self.total else 0.0

    def told(self) -> list[str]:
        """How far it is, how fast, and how long it will yet take."""
        parts = [f"{self.done:>{len(str(self.total))}}/{self.total}" if self.total else f"{self.done}"]
        if (rate := self.rate) is not None:
            parts.append(f"{rate:.1f}/s" if rate >= 1 else f"{1 / rate:.1f} s each")
            if self.total:
                parts.append(f"{clock(math.ceil(max(0, self.total - self._marks[-1][1]) / rate))} left")
        return parts
