from types import SimpleNamespace

import pytest
import pytorch_lightning as pl
import torch
from torch import nn
from torch.utils.data import DataLoader

from lighter import Freezer, System
from lighter.runs.console.overview import Overview, _devices, _size
from lighter.runs.console.recording import printed_to


@pytest.mark.parametrize("counts", [True, False])
def test_it_says_what_runs_and_leaves(tmp_path, capsys, counts):
    points = DataLoader(torch.utils.data.TensorDataset(torch.ones(2, 1), torch.ones(2, 1)))
    loaders = {"train": points, "predict": points}
    system = System(
        nn.Linear(1, 1), dataloaders=loaders, criterion=nn.MSELoss(), optimizer=lambda p: torch.optim.SGD(p, lr=0.1)
    )
    overview = Overview(tmp_path / "log.txt", counts_parameters=counts)
    with printed_to(tmp_path / "log.txt"):
        trainer = pl.Trainer(
            max_epochs=1, accelerator="cpu", callbacks=[Freezer("model.bias"), overview], logger=False,
            enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False, log_every_n_steps=1,
        )  # fmt: skip
        trainer.fit(system)
        assert overview not in trainer.callbacks
        assert overview.path == tmp_path / "log.txt"  # Lightning has put its own in some attributes
        trainer.callbacks.append(overview)
        trainer.predict(system, return_predictions=False)
        assert overview not in trainer.callbacks
    model = ["model: 2 parameters, 1 trainable"] if counts else []
    assert capsys.readouterr().out.splitlines() == ["running on 1 CPU process", *model, "running on 1 CPU process"]


class DDPStrategy:
    root_device = torch.device("cpu")


class Precise:
    """What is asked of a Trainer."""

    def __init__(self, devices, nodes=1, precision="32-true", device="cpu"):
        self.num_devices, self.num_nodes, self.precision = devices, nodes, precision
        self.strategy = DDPStrategy()
        self.strategy.root_device = SimpleNamespace(type=device)


@pytest.mark.parametrize(
    ("trainer", "told"),
    [
        (Precise(1), "1 CPU process"),
        (Precise(2), "2 CPU processes, DDP"),
        (Precise(1, precision="bf16-mixed", device="mps"), "1 x Apple GPU, precision bf16-mixed"),
        (Precise(4, nodes=2, device="xla"), "2 nodes of 4 x XLA, DDP"),
    ],
)
def test_devices_strategy_and_precision_are_told(trainer, told):
    assert _devices(trainer) == told


@pytest.mark.skipif(not torch.cuda.is_available(), reason="it is the name of a GPU")
def test_a_gpu_is_told_by_its_name():
    trainer = Precise(2)
    trainer.strategy.root_device = torch.device("cuda", 0)
    assert _devices(trainer) == f"2 x {torch.cuda.get_device_name(0)}, DDP"


@pytest.mark.filterwarnings("ignore:Lazy modules are a new feature:UserWarning")
def test_frozen_and_lazy_parameters_are_told():
    model = nn.Sequential(nn.Linear(99, 10), nn.Linear(10, 1), nn.LazyLinear(3))
    model[0].requires_grad_(requires_grad=False)
    assert _size(model) == "model: 1.01 K parameters, 11 trainable, and 2 of lazy layers"
