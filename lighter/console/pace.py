"""How fast batches go by, and how long the rest will take."""

from collections import deque

WINDOW = 30.0  # seconds that a rate is taken over

__all__ = ["Pace"]


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
