"""The results of a stage as a table, and where its files are."""

from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from lighter.errors import shown_path
from lighter.runs.console.recording import added_to
from lighter.runs.folder import LOG
from lighter.runs.result import Result
from lighter.training.logged_name import LoggedName, Unit, split_unit
from lighter.training.ranks import is_first
from lighter.training.stages import Mode, Stage

UNBOUND = 1000  # characters: where no terminal is, nothing is cut or wrapped

_ORDER = (Mode.TRAIN, Mode.VAL, Mode.TEST, "")  # the last of a module's own names, which do not say their mode


def show(result: Result, report: Path | None = None) -> None:
    """Prints what a stage came to, on the process that speaks for all, and adds it to the run's log."""
    if not is_first():
        return
    with added_to(result.run.path / LOG):
        console = Console(highlight=False)
        if not console.is_terminal:
            console.width = UNBOUND
        if result.metrics and result.stage is not Stage.PREDICT:
            console.print(_title(result), style="bold", markup=False, soft_wrap=True)
            console.print(_table(result, is_plain=not console.is_terminal))
        places = [("run folder", result.run.path)]
        places += [(f"{name} checkpoint", Path(path)) for name, path in sorted(result.checkpoints.items())]
        places += [("predictions", path) for path in result.written]
        places += [("report", report)] if report is not None else []
        for name, path in places:
            console.print(f"{name}: {shown_path(path)}", markup=False, soft_wrap=True)


def _title(result: Result) -> str:
    """What the table is of: of an evaluation, which weights it is of."""
    if result.stage is Stage.FIT:
        return f"{result.stage} results"
    untrained = "the weights as the config builds them, not trained"
    return f"{result.stage} results of {shown_path(Path(result.weights)) if result.weights else untrained}"


def _table(result: Result, *, is_plain: bool) -> Table:
    """One row for each value, one column for each mode that has one."""
    values = _by_name(result.metrics)
    modes = [mode for mode in _ORDER if any(mode in row for row in values.values())]
    table = Table(box=None if is_plain else box.ROUNDED, pad_edge=not is_plain)
    table.add_column("", overflow="fold")
    for mode in modes:
        table.add_column(mode or "value", justify="right", no_wrap=True)
    for name, row in values.items():
        table.add_row(name, *(_number(row[mode]) if mode in row else "" for mode in modes))
    return table


def _by_name(metrics: dict[str, float]) -> dict[str, dict[str, float]]:
    """The epoch values: name -> mode -> value; step values are left to the log."""
    rows: dict[str, dict[str, float]] = {}
    for logged, value in sorted(metrics.items(), key=lambda item: ("loss" not in item[0], item[0])):
        name = LoggedName.parse(logged)
        if name is None:
            whole, unit = split_unit(logged)
            if unit is None or whole not in metrics:  # else Lightning has added one for the steps and one for the epoch
                rows.setdefault(logged, {})[""] = value
        elif name.unit is Unit.EPOCH:
            rows.setdefault(name.title, {})[name.mode] = value
    return rows


def _number(value: float) -> str:
    return f"{value:.3g}" if 0 < abs(value) < 1e-3 else f"{value:.4f}"
