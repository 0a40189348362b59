"""One pass over data, as far as it is."""

import math
import time
from collections import deque
from dataclasses import dataclass, field

from lighter.runs.console.values import clock

WINDOW = 30.0  # seconds that a rate is taken over


class Pace:
    """The rate of what was done lately."""

    def __init__(self, time: float) -> None:
        self._marks: deque[tuple[float, int]] = deque([(time, 0)])

    def mark(self, time: float, done: int) -> None:
        """Takes down how much is done at a time, in seconds."""
        while len(self._marks) > 1 and time - self._marks[1][0] > WINDOW:
            self._marks.popleft()
        self._marks.append((time, done))

    @property
    def rate(self) -> float | None:
        """Batches a second; None before the first is done."""
        (start, before), (end, done) = self._marks[0], self._marks[-1]
        return (done - before) / (end - start) if end > start and done > before else None

    def remaining(self, total: int) -> float | None:
        """Seconds until all are done."""
        rate = self.rate
        return max(0, total - self._marks[-1][1]) / rate if rate else None


@dataclass(slots=True)
class Work:
    """A name, how many batches there are, None where nobody knows, and how many are done."""

    name: str
    total: int | None
    done: int = 0
    start: float = field(default_factory=time.monotonic)
    pace: Pace = field(init=False)

    def __post_init__(self) -> None:
        self.pace = Pace(self.start)

    @property
    def part(self) -> float:
        """What is done, from 0 to 1; 0 where nobody knows."""
        return min(1.0, self.done / self.total) if self.total else 0.0

    def told(self) -> list[str]:
        """How far it is, how fast, and how long it will yet take."""
        rate, left = self.pace.rate, self.pace.remaining(self.total) if self.total else None
        parts = [f"{self.done:>{len(str(self.total))}}/{self.total}" if self.total else f"{self.done}"]
        if rate is not None:
            parts.append(f"{rate:.1f}/s" if rate >= 1 else f"{1 / rate:.1f} s each")
        if left is not None:
            parts.append(f"{clock(math.ceil(left))} left")
        return parts
