"""One pass over data, as far as it is."""

import math
import time
from dataclasses import dataclass, field

from lighter.console.pace import Pace
from lighter.console.values import clock

__all__ = ["Work"]


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
