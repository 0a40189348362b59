"""Optimizers and schedulers in every form they are given."""

from functools import partial
from typing import Any

import pytest
import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import (
    EMAWeightAveraging,
    GradientAccumulationScheduler,
    StochasticWeightAveraging,
)
from torch import nn
from torch.optim import LBFGS, SGD, Adam, Optimizer
from torch.optim.lr_scheduler import ExponentialLR, LambdaLR, LRScheduler, OneCycleLR, ReduceLROnPlateau, StepLR
from torch.utils.data import DataLoader, TensorDataset
from torchmetrics import MeanSquaredError

from lighter.errors import RunError
from lighter.training.optimizers.building import (
    build_optimizer,
    build_scheduler,
    check_disjoint,
    check_optimizer,
    check_scheduler,
    rates,
    trained_by,
    trained_parameters,
)
from lighter.training.optimizers.parameter_groups import grouped
from lighter.training.optimizers.selecting import Trained
from lighter.training.system import System

pytestmark = pytest.mark.filterwarnings("ignore:.*does not have many workers")

plain = partial(SGD, lr=1.0)
halved = partial(ExponentialLR, gamma=0.5)


def sgd(rate: float = 1.0) -> SGD:
    return SGD([nn.Parameter(torch.zeros(1))], lr=rate)


def loader(rows: int = 4) -> DataLoader[Any]:
    return DataLoader(TensorDataset(torch.ones(rows, 1), torch.ones(rows, 1)), batch_size=2)


def fitted(scheduler: Any, optimizer: Any = plain, epochs: int = 2, val: int | None = 4, **options: Any) -> pl.Trainer:
    """A Trainer that has trained with them, two batches an epoch, on a loss that never changes."""
    system = System(
        nn.Linear(1, 1),
        {"train": loader(), "val": loader(val) if val is not None else None},
        optimizer,
        scheduler,
        criterion=lambda pred, target: pred.sum() * 0 + 1,
    )
    trainer = pl.Trainer(
        accelerator="cpu",
        logger=False,
        max_epochs=epochs,
        enable_progress_bar=False,
        enable_checkpointing=False,
        enable_model_summary=False,
        **options,
    )
    trainer.fit(system)
    return trainer


def rate(trainer: pl.Trainer) -> Any:
    return trainer.optimizers[0].param_groups[0]["lr"]


@pytest.mark.parametrize("optimizer", [Adam, partial(SGD, lr=0.1), lambda parameters: Adam(parameters, 0.1)])
def test_an_optimizer_is_made_of_the_parameters(optimizer: Any) -> None:
    made = fitted(None, optimizer).optimizers[0]
    assert [one.shape for one in made.param_groups[0]["params"]] == [(1, 1), (1,)]


def test_an_optimizer_may_be_given_whole() -> None:
    model = nn.Linear(1, 1)
    optimizer = SGD(model.parameters(), lr=0.1)
    assert build_optimizer(optimizer, Trained()) is optimizer


def test_what_makes_no_optimizer_is_told() -> None:
    with pytest.raises(TypeError, match="was to make an Optimizer from the parameters, and made 2"):
        build_optimizer(len, Trained(model=nn.Linear(1, 1)))  # type: ignore[arg-type]  # what is tested
    with pytest.raises(RunError, match="the System has no optimizer, and fit needs one"):
        build_optimizer(None, Trained())
    with pytest.raises(TypeError, match="an Optimizer or a function of the parameters is wanted, not 1"):
        check_optimizer(1)


def test_what_is_trained() -> None:
    model, criterion = nn.Sequential(nn.Linear(1, 1), nn.Linear(1, 1)), nn.Bilinear(1, 1, 1)
    model[0].requires_grad_(False)
    model[1].bias = criterion.bias
    assert [id(one) for one in trained_parameters(model=model, criterion=criterion, inferer=None, metric=len)] == [
        id(one) for one in (model[1].weight, model[1].bias, criterion.weight)
    ]
    model.requires_grad_(False)
    with pytest.raises(RunError, match="no parameter of the model or the criterion requires a gradient; unfreeze"):
        trained_parameters(model=model)


@pytest.mark.parametrize(
    ("scheduler", "rate_after_two_epochs"),
    [
        (None, 1.0),
        (halved, 0.25),
        ({"scheduler": halved}, 0.25),
        ({"scheduler": halved, "interval": "step"}, 1 / 16),
        ({"scheduler": halved, "interval": "epoch", "frequency": 2}, 0.5),
        (lambda optimizer: {"scheduler": halved(optimizer), "interval": "step"}, 1 / 16),
        ({"scheduler": lambda optimizer: {"scheduler": halved(optimizer), "frequency": 2}}, 0.5),
        (partial(ReduceLROnPlateau, patience=0, factor=0.1), 0.1),
        ({"scheduler": partial(ReduceLROnPlateau, patience=0, factor=0.1), "monitor": None}, 0.1),
        ({"scheduler": partial(ReduceLROnPlateau, patience=0, factor=0.1), "monitor": "train/loss/epoch"}, 0.1),
    ],
)
def test_every_form_of_a_scheduler(scheduler: Any, rate_after_two_epochs: float) -> None:
    assert rate(fitted(scheduler)) == pytest.approx(rate_after_two_epochs)


def test_a_scheduler_may_be_given_whole_with_its_optimizer() -> None:
    model = nn.Linear(1, 1)
    optimizer = SGD(model.parameters(), lr=1.0)
    assert rate(fitted(StepLR(optimizer, 1, 0.5), optimizer)) == 0.25


def test_a_plateau_is_watched_on_the_val_loss_when_there_is_one() -> None:
    trainer = fitted(partial(ReduceLROnPlateau, patience=0))
    assert trainer.lr_scheduler_configs[0].monitor == "val/loss/epoch"


def test_a_plateau_is_watched_on_the_train_loss_otherwise() -> None:
    trainer = fitted(partial(ReduceLROnPlateau, patience=0, factor=0.1), val=None)
    assert trainer.lr_scheduler_configs[0].monitor == "train/loss/epoch"
    assert rate(trainer) == pytest.approx(0.1)


@pytest.mark.filterwarnings("ignore:Total length of `DataLoader` across ranks is zero")
def test_a_plateau_is_watched_on_the_train_loss_where_the_validation_has_no_data() -> None:
    trainer = fitted(partial(ReduceLROnPlateau, patience=0, factor=0.1), val=0)
    assert rate(trainer) == pytest.approx(0.1)


def test_a_plateau_waits_for_the_epochs_that_validate() -> None:
    trainer = fitted(partial(ReduceLROnPlateau, patience=0, factor=0.1), epochs=4, check_val_every_n_epoch=2)
    assert rate(trainer) == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("scheduler", "error", "message"),
    [
        ({"scheduler": halved, "intervall": "step"}, ValueError, "there is no 'intervall'; did you mean 'interval'?"),
        (
            {"scheduler": halved, "interval": "steps"},
            ValueError,
            "scheduler::interval: 'steps' is no interval; did you mean 'step'?",
        ),
        ({"interval": "step"}, ValueError, "the mapping has no 'scheduler'"),
        ({"scheduler": 3}, TypeError, "a scheduler or a function of the optimizer is wanted, not 3"),
        (3, TypeError, "a scheduler or a function of the optimizer is wanted, not 3"),
    ],
)
def test_what_is_no_scheduler_is_told_at_once(scheduler: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as told:
        System(nn.Linear(1, 1), scheduler=scheduler)
    assert message in str(told.value)
    with pytest.raises(error):
        check_scheduler(scheduler)


def test_what_makes_no_scheduler_is_told() -> None:
    with pytest.raises(TypeError, match="was to make a scheduler from the optimizer, and made 3"):
        build_scheduler(lambda optimizer: 3, sgd(), {})


def test_a_mapping_that_is_given_is_not_changed() -> None:
    given = {"scheduler": halved, "interval": "step"}
    built = build_scheduler(given, sgd(), {})
    assert isinstance(built["scheduler"], LRScheduler)
    assert given == {"scheduler": halved, "interval": "step"}


@pytest.mark.parametrize(
    ("groups", "names"),
    [
        ([{}], ["lr", "momentum"]),
        ([{}, {}], ["lr/0", "lr/1", "momentum/0", "momentum/1"]),
        ([{"name": "body"}, {"name": "head"}], ["lr/body", "lr/head", "momentum/body", "momentum/head"]),
    ],
)
def test_the_names_of_rates(groups: list[dict[str, Any]], names: list[str]) -> None:
    optimizer = SGD([{"params": [nn.Parameter(torch.zeros(1))], **group} for group in groups], lr=0.5, momentum=0.9)
    found = rates([optimizer])
    assert sorted(found) == [f"train/{name}" for name in names]
    assert {float(value) for value in found.values()} == {0.5, 0.9}


def test_rates_of_several_optimizers() -> None:
    adam: Optimizer = Adam([nn.Parameter(torch.zeros(1))], lr=0.25, betas=(0.5, 0.9))
    assert {name: float(value) for name, value in rates([sgd(), adam]).items()} == {
        "train/lr/0": 1.0,
        "train/momentum/0": 0.0,
        "train/lr/1": 0.25,  # the betas of Adam are no momentum
    }


def test_a_rate_that_is_a_tensor_is_copied() -> None:
    optimizer = SGD([nn.Parameter(torch.zeros(1))], lr=torch.tensor(1.0))
    found = rates([optimizer])
    optimizer.param_groups[0]["lr"].mul_(0)
    assert float(found["train/lr"]) == 1


GROUPS = {"bias": {"names": "*.bias", "lr": 0.5, "weight_decay": 0.0}}


def sgd_with_groups(params: Any) -> SGD:
    return SGD(grouped(params, groups=GROUPS), lr=1.0, momentum=0.9)


@pytest.mark.parametrize(
    ("scheduler", "rates_after"),
    [
        ({"scheduler": partial(OneCycleLR, max_lr=[1.0, 0.1], total_steps=5), "interval": "step"}, [4e-6, 4e-7]),
        (partial(LambdaLR, lr_lambda=[lambda epoch: 0.5**epoch, lambda epoch: 1.0]), [0.25, 0.5]),
        (halved, [0.25, 0.125]),
    ],
)
def test_a_scheduler_may_have_a_value_for_each_group(scheduler: Any, rates_after: list[float]) -> None:
    made = fitted(scheduler, sgd_with_groups)
    assert [group["lr"] for group in made.optimizers[0].param_groups] == pytest.approx(rates_after)
    assert {"train/lr/rest", "train/lr/bias", "train/momentum/bias"} <= made.callback_metrics.keys()


def trained_weight(optimizer: Any, **options: Any) -> float:
    """The weight after two batches of (1, 1), begun at 0, with one parameter only."""
    model = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(model.weight)
    system = System(model, {"train": loader()}, optimizer, criterion=nn.MSELoss())
    quiet = {"enable_progress_bar": False, "enable_model_summary": False, "enable_checkpointing": False}
    trainer = pl.Trainer(**{"accelerator": "cpu", "logger": False, "max_epochs": 1, **quiet, **options})
    trainer.fit(system)
    return float(model.weight.detach())


tenth = partial(SGD, lr=0.1)


@pytest.mark.parametrize(
    ("options", "weight"),
    [
        ({}, 0.36),
        ({"gradient_clip_val": 0.5}, 0.1),
        ({"gradient_clip_val": 0.5, "gradient_clip_algorithm": "value"}, 0.1),
        ({"accumulate_grad_batches": 2}, 0.2),
        ({"callbacks": [GradientAccumulationScheduler({0: 2})]}, 0.2),
        ({"callbacks": [EMAWeightAveraging(decay=0.5)]}, 0.28),  # of 0.2 and 0.36
        ({"callbacks": [StochasticWeightAveraging(0.1, swa_epoch_start=1, annealing_epochs=1)], "max_epochs": 3}, None),
    ],
    ids=["plain", "norm", "value", "accumulated", "accumulation scheduled", "ema", "swa"],
)
def test_what_the_trainer_does_with_gradients_and_weights(
    options: dict[str, Any], weight: float | None, tmp_path: Any
) -> None:
    found = trained_weight(tenth, default_root_dir=tmp_path, **options)
    assert found == pytest.approx(weight) if weight is not None else 0 < found < 1


def test_an_optimizer_may_call_the_step_again() -> None:
    """What counts of a batch is what was there before its step, as with any other optimizer."""
    weight = nn.Parameter(torch.zeros(()))
    by_hand, seen = LBFGS([weight], lr=0.5, max_iter=4), []

    def closure() -> Any:
        by_hand.zero_grad()
        loss = (weight - 1) ** 2
        loss.backward()
        return loss

    for _ in range(2):
        seen.append(float((weight.detach() - 1) ** 2))
        by_hand.step(closure)
    model = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(model.weight)
    metrics = {"train": MeanSquaredError()}
    made = partial(LBFGS, lr=0.5, max_iter=4)
    system = System(model, {"train": loader()}, made, criterion=nn.MSELoss(), metrics=metrics)
    quiet: Any = {"enable_progress_bar": False, "enable_model_summary": False, "enable_checkpointing": False}
    trainer = pl.Trainer(accelerator="cpu", logger=False, max_epochs=1, log_every_n_steps=1, **quiet)
    trainer.fit(system)
    assert float(model.weight.detach()) == pytest.approx(float(weight.detach()))
    for name in ("train/loss/epoch", "train/metrics/MeanSquaredError/epoch"):
        assert float(trainer.callback_metrics[name]) == pytest.approx(sum(seen) / 2)


@pytest.mark.parametrize("option", ["fused", "foreach"])
def test_the_fast_forms_of_an_optimizer(option: str) -> None:
    options: dict[str, Any] = {"lr": 0.1, option: True}
    assert trained_weight(partial(SGD, **options)) == pytest.approx(0.36)


def test_an_optimizer_of_ones_own() -> None:
    class Mine(Optimizer):
        def __init__(self, params: Any, lr: float) -> None:
            super().__init__(params, {"lr": lr})

        def step(self, closure: Any = None) -> None:  # type: ignore[override]  # as most people write it
            closure()
            for group in self.param_groups:
                for one in group["params"]:
                    one.data -= group["lr"] * one.grad.sign()

    made = fitted(halved, lambda params: Mine(grouped(params, groups=GROUPS), 1.0), epochs=1)
    assert [group["lr"] for group in made.optimizers[0].param_groups] == [0.5, 0.25]


def test_what_no_optimizer_trains_is_told(caplog: pytest.LogCaptureFixture) -> None:
    fitted(None, lambda params: SGD(grouped(params, names="model.bias"), 0.1), epochs=1)
    told = [record.message for record in caplog.records if record.name == "lighter"]
    assert told == ["optimizer: 1 parameters are trained by none, and stay as they are: model.weight"]
    caplog.clear()
    with caplog.at_level("INFO", "lighter"):
        fitted(None, sgd_with_groups, epochs=1)
    told = [record.message for record in caplog.records if record.name == "lighter"]
    assert told == ["optimizer: rest: 1 parameters (1 numbers) at 1; bias: 1 parameters (1 numbers) at 0.5"]


def test_the_rates_of_optimizers_by_name() -> None:
    assert sorted(rates([sgd(), sgd()], ["one", "two"]))[:2] == ["train/lr/one", "train/lr/two"]


def test_optimizers_apart() -> None:
    parameters = Trained(model=nn.Linear(1, 1))
    one, other = SGD(parameters[:1], 0.1), SGD(parameters[1:], 0.1)
    check_disjoint({"a": one, "b": other}, parameters)
    assert list(trained_by(one, other)) == list(parameters)
    with pytest.raises(
        RunError, match=r"'model.weight' is trained by a and by b; say which parameters each of them has"
    ):
        check_disjoint({"a": one, "b": one}, parameters)


def test_a_compiled_model_has_groups_by_its_own_names() -> None:
    model = torch.compile(nn.Linear(1, 1), backend="eager")
    optimizer = build_optimizer(sgd_with_groups, trained_parameters(model=model))
    assert [group["name"] for group in optimizer.param_groups] == ["rest", "bias"]
