"""A training whose numbers are known: its weight grows by one with each epoch, and the first epoch's is the best."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lighter.runs.jobs.local import Local

LOADER = {
    "_target_": "torch.utils.data.DataLoader",
    "dataset": "$torch.utils.data.TensorDataset(*[torch.ones(2, 1)] * 2)",
}


@pytest.fixture
def rising(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Its config; after epoch e the weight is e + 1, and the val loss the square of e."""
    monkeypatch.chdir(tmp_path)
    quiet = {"enable_progress_bar": False, "enable_model_summary": False}
    return {
        "seed": 1,
        "trainer": {"max_epochs": 3, "accelerator": "cpu", "log_every_n_steps": 1, **quiet},
        "system": {
            "model": "$(lambda line: (line.weight.data.zero_(), line)[1])(torch.nn.Linear(1, 1, bias=False))",
            "criterion": "$lambda pred, target: -pred.mean() if pred.requires_grad else (pred - 1).square().mean()",
            "optimizer": {"_target_": "torch.optim.SGD", "lr": 1.0},
            "metrics": {"test": {"w": {"_target_": "torchmetrics.MeanMetric"}}},
            "adapters": {"test": {"metrics": {"arguments": ["pred"]}}},
            "dataloaders": {"train": {**LOADER, "batch_size": 2}, "val": {**LOADER, "batch_size": 2}, "test": LOADER},
        },
    }


class Kept(Local):
    """A launcher whose jobs start soon: it keeps its fork server from one test to the next."""

    def close(self) -> None:
        pass


@pytest.fixture(scope="session")
def local() -> Iterator[Local]:
    kept = Kept()
    yield kept
    Local.close(kept)
