"""What plugins report of their state, shown to people: bars on a terminal, lines elsewhere and in the log."""

from collections.abc import Mapping
from numbers import Real
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from lighter.errors import visible
from lighter.runs.console.recording import say

PROGRESS = "progress"  # of a state: the part that is done, from 0 to 1
TENTHS = 10


class ShownProgress:
    """Shows the states of plugins, each under its name; a `progress` from 0 to 1 is its bar.

    Without a terminal there is a line for each tenth of the way, and for each state that says something else.
    """

    def __init__(self, console: Console | None = None) -> None:
        console = Console(stderr=True) if console is None else console
        name, said = (TextColumn(f"{{task.{part}}}", markup=False) for part in ("description", "fields[said]"))
        columns = (name, BarColumn(), said, TimeElapsedColumn())
        self._bars = Progress(*columns, console=console) if console.is_terminal else None
        self._tasks: dict[str, TaskID] = {}
        self._last: dict[str, object] = {}

    def __enter__(self) -> Self:
        if self._bars is not None:
            self._bars.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._bars is not None:
            self._bars.stop()

    def __call__(self, plugin: str, state: Mapping[str, Any]) -> None:
        """Shows a plugin's state."""
        done, said = _read(state)
        said = visible(said, kept="")
        if self._bars is not None:
            self._draw(self._bars, plugin, done, said)
        told = f"{done:.0%}" if done is not None else ""
        step = int(done * TENTHS + 1e-9) if done is not None else said
        if self._last.get(plugin) == step:
            return
        self._last[plugin] = step
        say(f"{plugin}: {' '.join(filter(None, (told, said)))}", is_shown=self._bars is None)

    def _draw(self, bars: Progress, plugin: str, done: float | None, said: str) -> None:
        if plugin not in self._tasks:
            self._tasks[plugin] = bars.add_task(plugin, total=None, said="")
        bars.update(self._tasks[plugin], total=None if done is None else 1.0, completed=done or 0.0, said=said)


def _read(state: object) -> tuple[float | None, str]:
    """The part that is done, if the state has it, and all else that it says."""
    if not isinstance(state, Mapping):  # whatever a plugin reports, its work continues
        return None, str(state)
    done = _part(state.get(PROGRESS))
    rest = {key: value for key, value in state.items() if done is None or key != PROGRESS}
    shown = (f"{key} {value:.4g}" if isinstance(value, float) else f"{key} {value}" for key, value in rest.items())
    return done, ", ".join(shown)


def _part(value: object) -> float | None:
    """A number from 0 to 1, as NumPy's are numbers too."""
    return float(value) if isinstance(value, Real) and 0 <= float(value) <= 1 else None
