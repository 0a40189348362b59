"""What a stage of a run came to."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lighter.errors import shown_path
from lighter.runs.best_values import EPOCH
from lighter.runs.folder import RunDirectory
from lighter.training.logged_name import Unit, split_unit
from lighter.training.stages import Stage


@dataclass(frozen=True, slots=True, repr=False)
class Result:
    """What a stage of a run has come to; `print(result)` shows it in a few lines.

    Attributes:
        stage: which stage it was.
        run: the run folder: `result.run.path`; `result.run.results()` is what all of its stages have recorded.
        metrics: the last value of all that was logged, by its name: `result.metrics["val/loss/epoch"]`.
        checkpoints: after fit the paths of `best` (where a value is monitored), `last`, and `averaged` (where weights
            were averaged).
        predictions: after predict a list with an entry for each batch, where they are not written to files.
        written: after predict the files that the writers wrote.
        weights: after an evaluation the checkpoint that it was of; None for the weights as the config builds them.
        best: after fit the values of the epoch of the best checkpoint, with its `epoch`.
    """

    stage: Stage
    run: RunDirectory
    metrics: dict[str, float]
    checkpoints: dict[str, str] = field(default_factory=dict)
    predictions: Any = None
    written: tuple[Path, ...] = ()
    weights: str | None = None
    best: dict[str, float] = field(default_factory=dict)

    @property
    def is_best_last(self) -> bool:
        """Whether the best checkpoint is of the last epoch."""
        last = ((self.metrics.get(name), value) for name, value in self.best.items() if name != EPOCH)
        return all(one == value or (one != one and value != value) for one, value in last)  # noqa: PLR0124  # NaN

    def __repr__(self) -> str:
        lasting = [(name, one) for name, one in sorted(self.metrics.items()) if split_unit(name)[1] is not Unit.STEP]
        rows = [(name, f"{value:.4g}") for name, value in lasting]
        rows += [(f"best {name}", f"{one:.4g}") for name, one in self.best.items() if not self.is_best_last]
        rows += [(f"{name} checkpoint", shown_path(path)) for name, path in sorted(self.checkpoints.items())]
        rows += [("weights", shown_path(self.weights))] if self.weights is not None else []
        rows += [("predictions", shown_path(path)) for path in self.written]
        if self.predictions is not None:
            rows.append(("predictions", f"{len(self.predictions)} batches"))
        width = max((len(name) for name, _ in rows), default=0)
        title = f"{self.stage} in {shown_path(self.run.path)}{', last epoch' if self.best else ''}"
        return "\n  ".join([title, *(f"{name:{width}}  {told}" for name, told in rows)])
