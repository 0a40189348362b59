"""Numbers as the console shows them, and which of the logged values."""

import math
from collections.abc import Mapping
from typing import Any

from lighter.errors import visible
from lighter.training import logged_name
from lighter.training.logged_name import TRAIN_LOSS, Unit, split_unit

MOST = 8  # values in a line


def newest(trainer: Any) -> dict[str, float]:
    """The values that matter, by name: what is logged for the progress bar, and what callbacks watch.

    Of a value that is logged for steps and epochs the step's. Where a module marks none for the bar, the losses.
    """
    logged = trainer.callback_metrics
    bar = dict(trainer.progress_bar_metrics)
    bar |= {c.monitor: logged[c.monitor] for c in trainer.callbacks if getattr(c, "monitor", None) in logged}
    if not bar:
        bar = {name: value for name, value in logged.items() if "loss" in name}
    steps = {shown_name(name) for name in bar if split_unit(name)[1] is Unit.STEP}
    bar = {
        name: value for name, value in bar.items() if split_unit(name)[1] is Unit.STEP or shown_name(name) not in steps
    }
    values = {name: _number(value) for name, value in bar.items()}
    return {name: value for name, value in list(values.items())[:MOST] if value is not None}


def of_epoch(trainer: Any, values: Mapping[str, float]) -> dict[str, float]:
    """The same values as of the whole epoch, where they are logged for it, after the train loss.

    That is not among them where an epoch has fewer steps than are between two that are logged.
    """
    logged = trainer.callback_metrics
    found: dict[str, float] = {}
    for name in (TRAIN_LOSS, *values):
        whole = logged_name.of_epoch(name)
        number = _number(logged[whole]) if whole in logged else None
        if number is not None:
            found[whole] = number
        elif name in values:
            found[name] = values[name]
    return found


def shown_name(name: str) -> str:
    """The name of a logged value without what its place in the line says."""
    return split_unit(name)[0]


def told(values: Mapping[str, float], digits: int = 4) -> list[str]:
    """Values with their names."""
    return [f"{visible(shown_name(name))} {value:.{digits}g}" for name, value in values.items()]


def duration(seconds: float) -> str:
    """A time as people read it: `2 d 3 h`, `2 h 05 min`, `3 min 20 s`, `4.2 s`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours >= 48:
        return f"{hours // 24} d {hours % 24} h"
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {seconds:02} s"


def clock(seconds: int) -> str:
    """A time as a clock shows it: `2:05:00`, `3:20`."""
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def counted(number: int) -> str:
    """A large number in three digits or fewer: 950, 4.8 K, 1.2 M."""
    if number < 1000:
        return str(number)
    power = min(int(math.log10(number) / 3 + 1e-9), 4)
    return f"{number / 1000**power:.3g} {' KMBT'[power]}"


def _number(value: Any) -> float | None:
    """A value with one element, else None."""
    return float(value) if getattr(value, "numel", lambda: 1)() == 1 else None
