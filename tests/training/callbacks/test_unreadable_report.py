"""The report of samples that could not be read, in a real run."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

from lighter.callbacks import UnreadableReport
from lighter.errors import RunError
from lighter.training.system import System
from lighter.training.unreadable import ReplacingCollate, TolerantDataset


class Files(Dataset[Any]):
    def __init__(self, bad: Any) -> None:
        self.bad = bad

    def __len__(self) -> int:
        return 8

    def __getitem__(self, index: int) -> Any:
        if index in self.bad:
            raise OSError(f"file {index} is broken")
        return torch.ones(1) * index, torch.ones(1)


def loader(bad: Any, workers: int = 0) -> DataLoader[Any]:
    return DataLoader(TolerantDataset(Files(bad)), 4, collate_fn=ReplacingCollate(), num_workers=workers)


def run(system: System, stage: str = "fit", epochs: int = 2) -> UnreadableReport:
    report = UnreadableReport()
    trainer = pl.Trainer(
        accelerator="cpu",
        max_epochs=epochs,
        callbacks=[report],
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
    )
    getattr(trainer, stage)(system)
    return report


def system(**loaders: Any) -> System:
    return System(nn.Linear(1, 1), loaders, lambda found: torch.optim.SGD(found, lr=0.01), criterion=nn.MSELoss())


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The lines without the places of files."""
    records = [record.getMessage() for record in caplog.records if record.name == "lighter"]
    return [line.split(f" ({Path(__file__)}")[0] for text in records for line in text.splitlines()]


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_each_epoch_and_the_end_are_told(caplog: pytest.LogCaptureFixture) -> None:
    run(system(train=loader([1, 6], 1), val=[loader([]), loader([5])]))
    epochs = [
        [
            f"val, epoch {epoch}: 1 samples could not be read",
            "  5: OSError: file 5 is broken",
            f"train, epoch {epoch}: 2 samples could not be read",
            "  1: OSError: file 1 is broken",
            "  6: OSError: file 6 is broken",
        ]
        for epoch in range(2)
    ]
    sums = ["val: 1 different samples could not be read in all", "train: 2 different samples could not be read in all"]
    assert told(caplog) == [*epochs[0], *epochs[1], *sums]


@pytest.mark.parametrize("stage", ["validate", "test", "predict"])
def test_other_stages(stage: str, caplog: pytest.LogCaptureFixture) -> None:
    run(system(val=loader([2]), test=loader([2]), predict={"a": loader([2])}), stage)
    mode = "val" if stage == "validate" else stage
    assert told(caplog)[0] == f"{mode}, epoch 0: 1 samples could not be read"


def test_of_many_the_first_are_told(caplog: pytest.LogCaptureFixture) -> None:
    run(system(train=loader([0, 1, 2, 4, 5, 6])), epochs=1)
    lines = told(caplog)
    assert lines[0] == "train, epoch 0: 6 samples could not be read"
    assert lines[5:7] == ["  5: OSError: file 5 is broken", "  and 1 more"]


def test_nothing_is_told_of_good_data(caplog: pytest.LogCaptureFixture) -> None:
    plain = DataLoader(Files([]), 4)
    run(system(train=loader([]), val=plain))
    assert told(caplog) == []


def test_a_run_that_fails_tells_the_sum(caplog: pytest.LogCaptureFixture) -> None:
    class Worse(Files):
        reads = 0

        def __getitem__(self, index: int) -> Any:
            Worse.reads += 1
            self.bad = [1] if Worse.reads <= 8 else range(8)
            return super().__getitem__(index)

    bad = DataLoader(TolerantDataset(Worse([])), 4, collate_fn=ReplacingCollate())
    with pytest.raises(RunError, match="all 4 samples of a batch cannot be read"):
        run(system(train=bad))
    assert told(caplog)[-1] == "train: 1 different samples could not be read in all"


SCRIPT = """
import logging
import sys
import warnings

import pytorch_lightning as pl
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

from lighter.callbacks import UnreadableReport
from lighter.training.system import System
from lighter.training.unreadable import ReplacingCollate, TolerantDataset

warnings.simplefilter("ignore")
logging.basicConfig(level=logging.WARNING, format="%(name)s|%(message)s", stream=sys.stdout)


class Files(Dataset):
    def __len__(self):
        return 12

    def __getitem__(self, index):
        if index in (1, 10):
            raise OSError(f"file {index} is broken")
        return torch.ones(1) * index, torch.ones(1)


loader = DataLoader(TolerantDataset(Files()), 3, collate_fn=ReplacingCollate())
system = System(nn.Linear(1, 1), {"train": loader}, torch.optim.Adam, criterion=nn.MSELoss())
options = dict(logger=False, enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False)
trainer = pl.Trainer(
    accelerator="cpu", devices=2, strategy=sys.argv[1], max_epochs=2, callbacks=[UnreadableReport()], **options
)
trainer.fit(system)
if torch.distributed.is_initialized():
    torch.distributed.destroy_process_group()
"""


# Processes that Lightning forks share one record, those that it starts anew have one each.
@pytest.mark.parametrize("strategy", ["ddp_fork", "ddp"])
def test_ranks_add_up(warm: Callable[..., subprocess.CompletedProcess[str]], strategy: str, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    done = warm(script, strategy, folder=tmp_path, ranks=1 if strategy == "ddp_fork" else 2)
    assert done.returncode == 0, done.stderr
    lines = [line.removeprefix("lighter|") for line in done.stdout.splitlines() if "read" in line or "broken" in line]
    epochs = [
        [
            f"train, epoch {epoch}: 2 samples could not be read",
            "  1: OSError: file 1 is broken",
            "  10: OSError: file 10 is broken",
        ]
        for epoch in range(2)
    ]
    sums = ["train: 2 different samples could not be read in all"]
    assert [line.split(f" ({script}")[0] for line in lines] == [*epochs[0], *epochs[1], *sums]
