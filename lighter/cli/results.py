"""The results of a stage as a table, and where its files are."""

from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from lighter.errors import shown_path, visible
from lighter.runs.best_values import EPOCH
from lighter.runs.console.recording import added_to
from lighter.runs.folder import LOG
from lighter.runs.result import Result
from lighter.training.logged_name import LoggedName, Unit, split_unit
from lighter.training.ranks import is_first
from lighter.training.stages import Mode, Stage

UNBOUND = 1000  # characters: where no terminal is, nothing is cut or wrapped

_ORDER = (Mode.TRAIN, Mode.VAL, Mode.TEST, "")  # the last of a module's own names, which do not say their mode
_BEST = "best "  # before a mode: of the epoch of the best checkpoint


def show(result: Result, report: Path | None = None) -> None:
    """Prints what a stage came to, on the process that speaks for all, and adds it to the run's log."""
    if not is_first():
        return
    with added_to(result.run.path / LOG):
        console = Console(highlight=False)
        if not console.is_terminal:
            console.width = UNBOUND
        if result.metrics and result.stage is not Stage.PREDICT:
            console.print(visible(_title(result)), style="bold", markup=False, soft_wrap=True)
            console.print(_table(result, is_plain=not console.is_terminal))
        places = [("run folder", result.run.path)]
        places += [(f"{name} checkpoint", Path(path)) for name, path in sorted(result.checkpoints.items())]
        places += [("predictions", path) for path in result.written]
        places += [("report", report)] if report is not None else []
        for name, path in places:
            console.print(visible(f"{name}: {shown_path(path)}"), markup=False, soft_wrap=True)


def _title(result: Result) -> str:
    """What the table is of: of an evaluation, which weights it is of."""
    if result.stage is not Stage.FIT:
        untrained = "the weights as the config builds them, not trained"
        return f"{result.stage} results of {shown_path(Path(result.weights)) if result.weights else untrained}"
    if not result.best:
        return "fit results"
    which = "which is" if result.is_best_last else f"and of epoch {result.best[EPOCH] + 1:.0f},"
    return f"fit results of the last epoch, {which} the best one"


def _table(result: Result, *, is_plain: bool) -> Table:
    """One row for each value, one column for each mode that has one; those of the best epoch if it is another."""
    values = _by_name(result)
    columns = [f"{which}{mode or 'value'}" for which in ("", _BEST) for mode in _ORDER]
    columns = [column for column in columns if any(column in row for row in values.values())]
    table = Table(box=None if is_plain else box.ROUNDED, pad_edge=not is_plain)
    table.add_column("", overflow="fold")
    for column in columns:
        table.add_column(column, justify="right", no_wrap=True)
    for name, row in values.items():
        table.add_row(visible(name), *(_number(row[column]) if column in row else "" for column in columns))
    return table


def _by_name(result: Result) -> dict[str, dict[str, float]]:
    """The epoch values: name -> column -> value; step values are left to the log."""
    rows: dict[str, dict[str, float]] = {}
    for which, metrics in (("", result.metrics), (_BEST, {} if result.is_best_last else result.best)):
        for logged, value in sorted(metrics.items(), key=lambda item: ("loss" not in item[0], item[0])):
            name, (whole, unit) = LoggedName.parse(logged), split_unit(logged)
            if name is not None and name.unit is Unit.EPOCH:
                rows.setdefault(name.title, {})[f"{which}{name.mode}"] = value
            # Of a value of a module's own, Lightning may have added one for the steps and one for the epoch.
            elif name is None and logged != EPOCH and (unit is None or whole not in metrics):
                rows.setdefault(logged, {})[f"{which}value"] = value
    return rows


def _number(value: float) -> str:
    return f"{value:.3g}" if 0 < abs(value) < 1e-3 else f"{value:.4f}"
