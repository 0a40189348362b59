"""What a checkpoint says is put back at the moments at which it was taken; `test_resume_point.py` tests the whole."""

import random
from io import BytesIO
from typing import Any

import numpy as np
import pytest
import pytorch_lightning as pl
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

import lighter
from lighter.runs.resume.lightning_loops import Phase
from lighter.runs.resume.restoring import PendingRestore, captured, put_back
from lighter.training.loaders.random_states import global_states
from lighter.training.stages import Mode
from lighter.training.system import System


class Points(Dataset[Tensor]):
    def __init__(self) -> None:
        self.R = np.random.RandomState(54321)

    def __len__(self) -> int:
        return 4

    def __getitem__(self, index: int) -> Tensor:
        return torch.tensor([float(self.R.rand())])


class Module(pl.LightningModule):
    """Notes what is drawn, and in the middle of the epoch goes back to its start."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(1, 1)
        self.drawn: list[tuple[float, ...]] = []
        self.states: dict[str, Any] = {}

    def draw(self, dataset: Any) -> tuple[float, ...]:
        return random.random(), float(np.random.rand()), float(torch.rand(())), float(dataset.R.rand())  # noqa: NPY002

    def training_step(self, batch: Any, index: int) -> Tensor:
        if index == 0:
            saved = BytesIO()
            torch.save(captured(self.trainer), saved)
            saved.seek(0)
            self.states = torch.load(saved, weights_only=True)
        if index in {0, 2}:
            put_back(self.trainer, self.states)
            train: Any = self.trainer.train_dataloader
            loaders: Any = train["a"][0], self.trainer.val_dataloaders
            self.drawn.append(tuple(value for one in loaders for value in self.draw(one.dataset)))
        loss: Tensor = self.layer(batch["a"][0]).sum()
        return loss

    def validation_step(self, batch: Tensor, index: int) -> None: ...

    def configure_optimizers(self) -> Any:
        return torch.optim.SGD(self.parameters(), lr=0.1)

    def train_dataloader(self) -> Any:
        return {"a": [DataLoader(Points())]}

    def val_dataloader(self) -> Any:
        return lighter.DataLoader(Points())


def test_all_sources_of_a_run_go_back() -> None:
    module = Module()
    quiet: Any = {"enable_progress_bar": False, "enable_model_summary": False, "logger": False}
    pl.Trainer(accelerator="cpu", max_epochs=1, enable_checkpointing=False, **quiet).fit(module)
    first, second = module.drawn
    assert first == second
    assert len({*first}) == len(first) == 8


DATA = TensorDataset(torch.zeros(6, 1))


def states(seed: int, **more: Any) -> dict[str, Any]:
    torch.manual_seed(seed)
    return {"process": global_states(), "train": [], "val": [], "own": [], **more}


def saved(phase: Phase, *ranks: dict[str, Any]) -> dict[str, Any]:
    position = {"phase": str(phase), "batch": 3, "is_last": False, "logged": 3}
    return {"position": position, "validations": 0, "metrics": {}, "ranks": list(ranks)}


def rank(seed: int, **more: Any) -> dict[str, Any]:
    return {"now": states(seed), "epoch": None, "sums": None, **more}


@pytest.fixture
def trainer() -> pl.Trainer:
    return pl.Trainer(accelerator="cpu", logger=False, enable_checkpointing=False)


@pytest.mark.parametrize(
    ("phase", "is_at_start"),
    [(Phase.EPOCH, True), (Phase.EPOCH_END, True), (Phase.BATCH, False), (Phase.VALIDATION, False)],
)
def test_a_place_is_at_the_start_of_an_epoch_or_within(phase: Phase, is_at_start: bool) -> None:
    assert PendingRestore(saved(phase, rank(1)), 0, []).is_at_start is is_at_start


@pytest.mark.parametrize(
    ("phase", "number", "seed"),
    [
        (Phase.EPOCH, 0, 1),
        (Phase.EPOCH, 1, 3),
        (Phase.EPOCH, 2, 1),  # a rank that was not there before
        (Phase.BATCH, 0, 2),  # an iterator is made of what there was as the epoch began
        (Phase.BATCH, 1, 4),
    ],
)
def test_each_rank_has_its_own_states_as_its_loader_is_made(
    trainer: pl.Trainer, phase: Phase, number: int, seed: int
) -> None:
    is_start = phase is Phase.EPOCH
    ranks = [rank(now, epoch=None if is_start else states(epoch)) for now, epoch in ((1, 2), (3, 4))]
    PendingRestore(saved(phase, *ranks), number, []).prepare(trainer, DataLoader(DATA), "train")
    drawn = torch.rand(3)
    torch.manual_seed(seed)
    assert torch.equal(drawn, torch.rand(3))


def test_a_validation_loader_leaves_the_process_as_it_is(trainer: pl.Trainer) -> None:
    resumption = PendingRestore(saved(Phase.EPOCH, rank(1)), 0, [])
    torch.manual_seed(9)
    resumption.prepare(trainer, DataLoader(DATA), "val")
    drawn = torch.rand(3)
    torch.manual_seed(9)
    assert torch.equal(drawn, torch.rand(3))


def test_generators_of_loaders_are_given_their_states(trainer: pl.Trainer) -> None:
    generator = torch.Generator().manual_seed(5)
    loader = DataLoader(DATA, shuffle=True, generator=generator)
    from lighter.training.loaders.random_states import states as states_of

    now = states(1, train=[states_of(loader)])
    wanted = torch.rand(2, generator=generator)
    PendingRestore(saved(Phase.EPOCH, {"now": now, "epoch": None, "sums": None}), 0, []).prepare(
        trainer, loader, "train"
    )
    assert torch.equal(torch.rand(2, generator=generator), wanted)


def test_own_loaders_begin_the_epoch_that_comes(trainer: pl.Trainer) -> None:
    before, after = (lighter.DataLoader(DATA, 2, shuffle=True) for _ in range(2))
    for _ in range(2):
        list(before)
    resumption = PendingRestore(saved(Phase.EPOCH, rank(1)), 0, [before.state_dict()])
    resumption.prepare(trainer, after, "train")
    assert [batch[0].tolist() for batch in after] == [batch[0].tolist() for batch in before]
    assert after.state_dict() == before.state_dict()


def test_what_an_epoch_has_added_up_is_put_back() -> None:
    module = System(nn.Linear(1, 1), {"train": DataLoader(DATA)}, torch.optim.SGD, criterion=nn.MSELoss())
    sums = {"samples": 6, "sums": {"loss": (torch.tensor(3.0), 6)}, "metrics": [], "rates": {"rate": torch.tensor(0.1)}}
    PendingRestore(saved(Phase.BATCH, rank(1, sums=sums)), 0, []).begin_batch(module)
    assert module.records[Mode.TRAIN][0].totals.sums == sums["sums"]
    assert module.rates == sums["rates"]
    PendingRestore(saved(Phase.BATCH, rank(1, sums=sums)), 0, []).begin_batch(pl.LightningModule())  # which has none
