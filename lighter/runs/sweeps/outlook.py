"""What a sweep would do: how much there is, what was done already, and the first trials that are not."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from lighter.runs.sweeps.checking import Checked
from lighter.runs.sweeps.reading import Sweep
from lighter.runs.sweeps.search import is_grid
from lighter.runs.sweeps.space import Label, written
from lighter.runs.sweeps.study import Study, values_of

SHOWN = 10


def outlook(checked: Checked, folder: Path | None = None) -> str:
    """Lines for people; `folder` is that of a sweep that goes on. What a search chooses by results is not foreseen."""
    sweep = checked.sweep
    size = sweep.space.size
    points = f"of {size:,} points" if size is not None else "of points that are not counted: a range has no step"
    monitored = ", ".join(f"{one.name} ({one.mode})" for one in checked.objectives)
    done = _done(checked, folder)
    lines = [f"{'grid' if is_grid(sweep) else 'search'}: {checked.trials:,} trials {points}", f"monitor: {monitored}"]
    if not is_grid(sweep) and size is not None and checked.trials >= size:
        lines.append(f"a search may try a point twice; write 'search: grid' to try each of the {size:,} once")
    if done:
        lines.append(f"begun already: {done:,}")
    left = checked.trials - done
    lines += [
        f"trial {done + at}: {', '.join(f'{name}={written(label)}' for name, label in values.items())}"
        for at, values in enumerate(islice(_next(checked, done), min(SHOWN, left)))
    ]
    lines += [f"and {left - SHOWN:,} more"] if left > SHOWN else []
    return "".join(f"{line}\n" for line in lines)


def _next(checked: Checked, done: int) -> Iterator[dict[str, Label]]:
    """What is tried after so many trials, as long as nothing is known of the results."""
    sweep: Sweep = checked.sweep
    if is_grid(sweep):
        yield from map(sweep.space.point, range(done, checked.trials))
        return
    study = Study(sweep, None, [one.mode for one in checked.objectives], done)
    while True:
        yield values_of(study.ask(), sweep.space.parameters)


def _done(checked: Checked, folder: Path | None) -> int:
    from lighter.runs.sweeps.begun import holds_sweep

    if folder is None or not holds_sweep(folder):
        return 0
    return len(Study(checked.sweep, folder, [one.mode for one in checked.objectives]).trials)
