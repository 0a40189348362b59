"""The results of a stage as a table, and where its files lie."""

import os
from pathlib import Path

from rich.console import Console
from rich.table import Table

from lighter.ranks import is_first
from lighter.runner import Result
from lighter.stages import Mode, Stage

_ORDER = (Mode.TRAIN, Mode.VAL, Mode.TEST)

__all__ = ["show"]


def show(result: Result) -> None:
    """Prints what a stage came to, on the process that speaks for all."""
    if not is_first():
        return
    console = Console(soft_wrap=True)
    if result.metrics and result.stage is not Stage.PREDICT:
        console.print(_table(result))
    for told, path in _places(result):
        console.print(f"{told}: {_shown(path)}", highlight=False, markup=False)


def _table(result: Result) -> Table:
    """One row for each value, one column for each mode that has one."""
    values = _by_name(result.metrics)
    modes = [mode for mode in _ORDER if any(mode in row for row in values.values())]
    table = Table(title=f"{result.stage} results", title_justify="left")
    table.add_column("")
    for mode in modes:
        table.add_column(mode, justify="right")
    for name, row in values.items():
        table.add_row(name, *(f"{row[mode]:.4f}" if mode in row else "" for mode in modes))
    return table


def _by_name(metrics: dict[str, float]) -> dict[str, dict[str, float]]:
    """The epoch values: name -> mode -> value; step values are left to the log."""
    rows: dict[str, dict[str, float]] = {}
    for logged, value in sorted(metrics.items(), key=lambda item: ("loss" not in item[0], item[0])):
        mode, _, name = logged.partition("/")
        if mode in _ORDER and name.endswith("/epoch"):
            rows.setdefault(name.removesuffix("/epoch").removeprefix("metrics/"), {})[mode] = value
        elif mode not in _ORDER:
            rows.setdefault(logged, {})[Mode.TRAIN] = value
    return rows


def _places(result: Result) -> list[tuple[str, Path]]:
    places = [("run folder", result.run.path)]
    places += [(f"{name} checkpoint", Path(path)) for name, path in sorted(result.checkpoints.items())]
    places += [("predictions", path) for path in result.written]
    return places


def _shown(path: Path) -> str:
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative
