"""Several optimizers that step together on one loss."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import LearningRateMonitor, StochasticWeightAveraging
from pytorch_lightning.loggers import CSVLogger
from torch import nn
from torch.optim import SGD, Adam, AdamW, Muon
from torch.optim.lr_scheduler import CyclicLR, ExponentialLR, OneCycleLR
from torch.utils.data import DataLoader, TensorDataset

from lighter.errors import RunError
from lighter.training.optimizers.joint_optimizer import JointOptimizer
from lighter.training.optimizers.parameter_groups import grouped
from lighter.training.system import System

DATA = torch.linspace(-1, 1, 16).reshape(8, 2)
PAIR = [
    lambda params: Muon(grouped(params, names="model.0", dimensions=2), lr=0.1),
    lambda params: Adam(grouped(params, rest=True, groups={"bias": {"names": "*.bias", "lr": 0.5}}), lr=0.1),
]


def model() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 2))


def system(optimizer: Any = PAIR, net: nn.Module | None = None, **arguments: Any) -> System:
    train = DataLoader(TensorDataset(DATA, DATA), batch_size=2)
    return System(net or model(), {"train": train}, optimizer, criterion=nn.MSELoss(), **arguments)


def trainer(**options: Any) -> pl.Trainer:
    quiet = {"enable_progress_bar": False, "enable_model_summary": False, "enable_checkpointing": False}
    return pl.Trainer(**{"accelerator": "cpu", "logger": False, "max_epochs": 2, **quiet, **options})


def test_a_step_is_a_step_of_each():
    net = model()
    trainer(max_steps=3).fit(system(net=net))
    other = model()
    muon, adam = Muon([other[0].weight], lr=0.1), Adam([other[1].weight], lr=0.1)
    biases = Adam([other[0].bias, other[1].bias], lr=0.5)
    for batch in DATA.split(2)[:3]:
        other.zero_grad()
        nn.functional.mse_loss(other(batch), batch).backward()
        for one in (muon, adam, biases):
            one.step()
    torch.testing.assert_close(net.state_dict(), other.state_dict(), rtol=0, atol=0)


def test_the_groups_are_named_after_their_optimizers():
    made = trainer()
    made.fit(system())
    assert {"train/lr/Muon", "train/lr/Adam/bias", "train/lr/Adam/rest"} <= made.callback_metrics.keys()
    twins = [
        lambda params: SGD(grouped(params, names="model.0"), 0.1),
        lambda params: SGD(grouped(params, rest=True), 1),
    ]
    made = trainer()
    made.fit(system(twins))
    assert {"train/lr/SGD0", "train/lr/SGD1"} <= made.callback_metrics.keys()


def test_a_scheduler_steps_all_rates():
    made = trainer()
    made.fit(system(scheduler=partial(ExponentialLR, gamma=0.5)))
    assert [group["lr"] for group in made.optimizers[0].param_groups] == [0.025, 0.025, 0.125]
    assert made.global_step == 8


@pytest.mark.parametrize(
    "cycle", [partial(OneCycleLR, max_lr=0.1, total_steps=9), partial(CyclicLR, base_lr=0.1, max_lr=1.0)]
)
def test_a_scheduler_cycles_the_momentum_of_all(cycle: Any):
    schedule = {"scheduler": cycle, "interval": "step"}
    pair = [lambda params: Adam(grouped(params, names="model.0")), lambda params: AdamW(grouped(params, rest=True))]
    made, alone = trainer(), trainer()
    made.fit(system(pair, scheduler=schedule))
    alone.fit(system(Adam, scheduler=schedule))
    (wanted,) = alone.optimizers[0].param_groups
    assert wanted["betas"][0] != 0.9
    for group in made.optimizers[0].param_groups:
        assert (group["lr"], group["betas"]) == (wanted["lr"], wanted["betas"])


def test_gradients_are_clipped_and_accumulated_over_all():
    first, second = model(), model()
    options: dict[str, Any] = {"accumulate_grad_batches": 2, "gradient_clip_val": 0.01}
    parts = [
        lambda params: SGD(grouped(params, names="model.0"), 1.0),
        lambda params: SGD(grouped(params, rest=True), 1.0),
    ]
    trainer(**options).fit(system(parts, first))
    trainer(**options).fit(system(partial(SGD, lr=1.0), second))
    torch.testing.assert_close(first.state_dict(), second.state_dict())


def test_a_resumed_run_goes_on_as_if_it_had_not_stopped(tmp_path: Path):
    whole, half, resumed = model(), model(), model()
    scheduled = partial(ExponentialLR, gamma=0.5)
    trainer(max_epochs=3).fit(system(net=whole, scheduler=scheduled))
    stopped = trainer(max_epochs=1)
    stopped.fit(system(net=half, scheduler=scheduled))
    stopped.save_checkpoint(tmp_path / "half.ckpt")
    trainer(max_epochs=3).fit(system(net=resumed, scheduler=scheduled), ckpt_path=str(tmp_path / "half.ckpt"))
    torch.testing.assert_close(resumed.state_dict(), whole.state_dict(), rtol=0, atol=0)
    assert not torch.equal(half.state_dict()["0.weight"], whole.state_dict()["0.weight"])


def test_a_state_of_other_groups_is_told():
    joint = JointOptimizer([SGD(model().parameters(), 0.1)])
    with pytest.raises(ValueError, match="the state is of 2 parameter groups, and there are 1"):
        joint.load_state_dict({"state": {}, "param_groups": [{}, {}]})


def test_callbacks_of_lightning_see_one_optimizer(tmp_path: Path):
    callbacks: list[pl.Callback] = [
        LearningRateMonitor("epoch"),
        StochasticWeightAveraging(swa_lrs=0.2, swa_epoch_start=1),
    ]
    made = trainer(callbacks=callbacks, logger=CSVLogger(tmp_path), max_epochs=3, log_every_n_steps=1)
    made.fit(system(scheduler=partial(ExponentialLR, gamma=0.5)))
    assert (
        (tmp_path / "lightning_logs/version_0/metrics.csv").read_text().startswith("epoch,lr-JointOptimizer/Adam/bias,")
    )


@pytest.mark.parametrize(
    ("optimizers", "message"),
    [
        (
            [partial(SGD, lr=0.1), partial(AdamW, lr=0.1)],
            (
                "'model.0.weight' is trained by optimizer::0 and by optimizer::1; say which parameters each of them "
                "has, as in params: {names: model.0}, and for the last params: {rest: true}"
            ),
        ),
        ([PAIR[0], partial(SGD, lr=0.1)], "'model.0.weight' is trained by optimizer::0 and by optimizer::1; "),
    ],
)
def test_a_parameter_of_two_optimizers_is_told(optimizers: Any, message: str):
    with pytest.raises(RunError) as told:
        trainer().fit(system(optimizers))
    assert str(told.value).startswith(message)


def test_what_is_no_optimizer_in_a_list_is_told():
    with pytest.raises(TypeError, match="optimizer::1: an Optimizer or a function of the parameters is wanted, not 3"):
        system([PAIR[0], 3])
    with pytest.raises(TypeError, match=r"optimizer::0: .* was to make an Optimizer from the parameters, and made 2"):
        trainer().fit(system([lambda params: 2]))


def test_no_parameters_are_added_later():
    joint = JointOptimizer([SGD(model().parameters(), 0.1)])
    with pytest.raises(RunError, match="several optimizers are made one, which takes no more parameters"):
        joint.add_param_group({"params": []})
