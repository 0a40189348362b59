"""What was logged when the best checkpoint was written: its callback keeps the monitored value alone."""

import math
from typing import TYPE_CHECKING, Any

from lighter.runs.folder import BEST, METRICS, RunDirectory
from lighter.runs.trackers.metrics_rows import header, whole_rows
from lighter.training.logged_name import Unit, split_unit
from lighter.training.stages import Stage

if TYPE_CHECKING:
    import pytorch_lightning as pl

EPOCH, STEP = "epoch", "step"


def best_values(trainer: "pl.Trainer", run: RunDirectory) -> dict[str, float]:
    """The values of that step and their `epoch`, from `metrics.csv`; nothing where no best checkpoint is known."""
    path = run.path / METRICS
    names = header(path)
    callbacks: list[Any] = trainer.checkpoint_callbacks
    chosen = next((one for one in reversed(callbacks) if getattr(one, "best_model_score", None) is not None), None)
    if chosen is None or not {chosen.monitor, EPOCH, STEP} <= {*names}:
        return {}
    score, watched = float(chosen.best_model_score), names.index(chosen.monitor)
    epoch, step = names.index(EPOCH), names.index(STEP)
    rows = (row for row in whole_rows(path) if len(row) == len(names) and row[watched] not in {"", "nan"})
    # The first of equals is the one that was kept.
    best = min(rows, key=lambda row: abs(float(row[watched]) - score), default=None)
    if best is None or not math.isclose(float(best[watched]), score, rel_tol=1e-6):
        return {}
    same = (row for row in whole_rows(path) if len(row) == len(names) and row[epoch] == best[epoch])
    cells = {n: cell for row in same if row[step] == best[step] for n, cell in zip(names, row, strict=True) if cell}
    return {n: float(cell) for n, cell in cells.items() if n != STEP and split_unit(n)[1] is not Unit.STEP}


def kept_values(run: RunDirectory) -> dict[str, float]:
    """The values of all stages, by their logged names; of training those of the checkpoint that the others use."""
    results = run.results()
    if isinstance(best := results.get(BEST), dict):
        results[Stage.FIT] = {name: value for name, value in best.items() if name != EPOCH}
    found = [values for stage in Stage if isinstance(values := results.get(stage), dict)]
    return {name: value for values in found for name, value in values.items()}
