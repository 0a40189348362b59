"""Two real processes: what they log, and the table they write, equal those of one process on the same data.

Also where the data cannot be divided among them, and some samples are given to both.
"""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Warm = Callable[..., subprocess.CompletedProcess[str]]
SCRIPT = """
import json
import os
import sys
import warnings

import pytorch_lightning as pl
import torch
from monai.metrics.regression import MAEMetric
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from torch.utils.data.distributed import DistributedSampler
from torchmetrics import MeanSquaredError

from lighter.callbacks import TableWriter
from lighter.training.system import System

ranks, folder = int(sys.argv[1]), sys.argv[2]
warnings.filterwarnings("error", ".*(sync_dist|before the ``update`` method).*")  # on any rank, and the run ends
inputs = torch.linspace(-1, 1, 10).reshape(10, 1)
targets = 3 * inputs**2
torch.manual_seed(0)


def loader(size, count=10):
    return DataLoader(TensorDataset(inputs[:count], targets[:count]), batch_size=size)


def in_order(size):
    # Without this sampler Lightning takes one that shuffles.
    data = TensorDataset(inputs, targets)
    sampler = DistributedSampler(data, ranks, int(os.environ.get("LOCAL_RANK", 0)), shuffle=False)
    return DataLoader(data, batch_size=size, sampler=sampler)


def criterion(pred, target):
    mse = nn.functional.mse_loss(pred, target)
    # A loss that only one batch has, so only one rank.
    rare = {"first": mse * 0 + 5} if bool((target == targets[0]).any()) else {}
    return {"total": mse, "half": mse / 2, **rare}


def metrics():
    return {"mse": MeanSquaredError(), "rmse": MeanSquaredError(squared=False), "mae": MAEMetric()}


system = System(
    nn.Linear(1, 1),
    {
        "train": in_order(4 // ranks),
        "val": [loader(4 // ranks), loader(2, 4)],
        "test": loader(3),
        "predict": loader(2, 9),
    },
    optimizer=lambda parameters: torch.optim.SGD(parameters, lr=0.1),
    criterion=criterion,
    metrics={"train": metrics(), "val": metrics(), "test": metrics()},
)
writer = TableWriter("table.csv")
trainer = pl.Trainer(
    accelerator="cpu", devices=ranks, strategy="ddp" if ranks > 1 else "auto", max_epochs=2, log_every_n_steps=1,
    logger=False, enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False,
    default_root_dir=folder, callbacks=[writer],
)
trainer.fit(system)
values = {name: float(value) for name, value in trainer.callback_metrics.items() if name.endswith("epoch")}
values |= trainer.test(system, verbose=False)[0]
trainer.predict(system, return_predictions=False)
told = {"values": values, "written": str(writer.path_written)}
"""

UNEVEN = """
from monai.metrics.confusion_matrix import ConfusionMatrixMetric
from torch.nn import functional
from torchmetrics import Metric, PearsonCorrCoef
from torchmetrics.classification import MulticlassAUROC, MulticlassConfusionMatrix, MulticlassF1Score
from torchmetrics.classification import MulticlassRecall
from torchmetrics.wrappers import ClasswiseWrapper, MinMaxMetric

inputs = torch.randn(13, 4, generator=torch.Generator().manual_seed(0))
classes = torch.arange(13) % 3


def loader(count, size, **options):
    return DataLoader(TensorDataset(inputs[:count], classes[:count]), batch_size=size, **options)


def criterion(pred, target):
    entropy = functional.cross_entropy(pred, target)
    return {"total": entropy * 2, "entropy": entropy, "weight": pred.square().mean()}


class EachSample(Metric):
    def __init__(self):
        super().__init__()
        self.add_state("values", [], dist_reduce_fx=None)

    def update(self, pred, target):
        self.values.extend(pred[:, 0])

    def compute(self):
        return {"median": torch.stack(self.values).median(), "both": torch.stack(self.values).aminmax()}


class Confusion(ConfusionMatrixMetric):
    def __call__(self, pred, target):
        return super().__call__(functional.one_hot(pred.argmax(1), 3), functional.one_hot(target, 3))


def metrics():
    return {
        "f1": MulticlassF1Score(3), "auroc": MulticlassAUROC(3), "matrix": MulticlassConfusionMatrix(3),
        "each": ClasswiseWrapper(MulticlassRecall(3, average=None)), "range": MinMaxMetric(MulticlassRecall(3)),
        "samples": EachSample(), "monai": Confusion(metric_name=["sensitivity", "hit rate"]),
    }


def values(count, size, drops, accumulate):
    system = System(
        nn.Linear(4, 3),
        {"train": loader(count, size, shuffle=True), "val": {"all": loader(count, size), "few": loader(3, 2)},
         "test": loader(count, size, drop_last=drops)},
        optimizer=lambda parameters: torch.optim.SGD(parameters, lr=0.0),
        criterion=criterion, metrics={mode: metrics() for mode in ("train", "val", "test")},
    )
    trainer = pl.Trainer(
        accelerator="cpu", devices=ranks, strategy="ddp" if ranks > 1 else "auto", max_epochs=2, log_every_n_steps=1,
        accumulate_grad_batches=accumulate, logger=False, enable_checkpointing=False, enable_progress_bar=False,
        enable_model_summary=False, default_root_dir=folder,
    )
    trainer.fit(system)
    found = {name: float(value) for name, value in trainer.callback_metrics.items() if name.endswith("epoch")}
    return found | trainer.test(system, verbose=False)[0]


told["uneven"] = {}
for case in ((11, 4, False, 1), (12, 5, False, 2), (13, 1, True, 1), (1, 4, False, 1)):
    torch.manual_seed(1)
    told["uneven"][str(case)] = values(*case)
with open(f"{folder}/values{trainer.global_rank}.json", "w") as file:
    json.dump(told, file)
"""


def run(warm: Warm, folder: Path, ranks: int) -> list[Any]:
    """What each rank has logged."""
    folder.mkdir()
    script = folder / "script.py"
    script.write_text(SCRIPT + UNEVEN, encoding="utf-8")
    done = warm(script, ranks, folder, folder=folder, ranks=ranks)
    assert done.returncode == 0, done.stderr
    return [json.loads((folder / f"values{rank}.json").read_text()) for rank in range(ranks)]


@pytest.fixture(scope="module")
def runs(warm: Warm, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Any], Path]:
    folder = tmp_path_factory.mktemp("runs")
    return [*run(warm, folder / "one", 1), *run(warm, folder / "two", 2)], folder


def test_two_processes_log_what_one_logs(runs: tuple[list[Any], Path]) -> None:
    one, first, second = (told["values"] for told in runs[0])
    rare = [name for name in one if "first" in name]
    assert sorted(rare) == [f"{of}/loss/first/epoch" for of in ("test", "train", "val/0", "val/1", "val")]
    assert {"train/loss/epoch", "train/metrics/mae/epoch", "val/1/metrics/rmse/epoch", "val/loss/epoch"} < one.keys()
    assert first == pytest.approx(one, abs=1e-6)
    assert second == first


def test_a_sample_that_both_processes_are_given_counts_once(runs: tuple[list[Any], Path]) -> None:
    one, first, second = (told["uneven"] for told in runs[0])
    assert {len(values) for values in one.values()} == {103}
    for case, values in one.items():
        for found in (first[case], second[case]):
            assert without_order(found) == pytest.approx(without_order(values), abs=1e-6, nan_ok=True), case
            # The last bit of a score, which a batch of another size may change, can change the order of two.
            assert found == pytest.approx(values, abs=0.02, nan_ok=True), case


def without_order(values: dict[str, float]) -> dict[str, float]:
    return {name: value for name, value in values.items() if "auroc" not in name}


def test_two_processes_write_the_table_that_one_writes(runs: tuple[list[Any], Path]) -> None:
    told, folder = runs
    one, two = ((folder / name / "table.csv").read_text().splitlines() for name in ("one", "two"))
    assert [row.split(",")[0] for row in two] == [row.split(",")[0] for row in one] == ["identifier", *"012345678"]
    values = [[float(row.split(",")[1]) for row in table[1:]] for table in (one, two)]
    assert values[1] == pytest.approx(values[0], abs=1e-6)
    assert sorted(path.name for path in (folder / "two").glob("table*")) == ["table.csv"]
    assert [rank["written"] for rank in told[1:]] == [str(folder / "two" / "table.csv")] * 2
