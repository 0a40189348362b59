"""Several optimizers that alternate on a batch, each with a loss of its own."""

import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import EMAWeightAveraging, LearningRateMonitor
from pytorch_lightning.loggers import CSVLogger
from torch import Tensor, nn
from torch.optim import SGD, Adam
from torch.optim.lr_scheduler import ExponentialLR, ReduceLROnPlateau
from torch.utils.data import DataLoader, TensorDataset

from lighter.callbacks import Freezer
from lighter.errors import RunError
from lighter.training.optimizers.parameter_groups import grouped
from lighter.training.system import System

DATA = torch.linspace(-1, 1, 12).reshape(12, 1)

SCRIPT = """
import sys

import torch
from torch import nn
from torch.optim import SGD
from torch.utils.data import DataLoader, TensorDataset
from torch.utils.data.distributed import DistributedSampler
import pytorch_lightning as pl

from lighter.errors import RunError
from lighter.training.optimizers.parameter_groups import grouped
from lighter.training.system import System

data = torch.linspace(-1, 1, 12).reshape(12, 1)


class Gan(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.generator, self.discriminator = nn.Linear(1, 1), nn.Linear(1, 1)

    def forward(self, real):
        return {"fake": self.discriminator(self.generator(real * 0 + 1)), "real": self.discriminator(real)}


def losses(pred):
    return {"discriminator": nn.functional.softplus(-pred["real"]).mean() + nn.functional.softplus(pred["fake"]).mean(),
            "generator": nn.functional.softplus(-pred["fake"]).mean()}


def of(part):
    return lambda params: SGD(grouped(params, names=f"model.{part}"), lr=0.1)


def trained(ranks, strategy):
    sampler = DistributedSampler(TensorDataset(data), ranks, pl.utilities.rank_zero.rank_zero_only.rank, shuffle=False)
    model = Gan()
    optimizers = {"discriminator": {"optimizer": of("discriminator"), "gradient_clip_val": 0.1},
                  "generator": {"optimizer": of("generator"), "every": 2, "accumulate_grad_batches": 2}}
    module = System(model, {"train": DataLoader(TensorDataset(data), 4 // ranks, sampler=sampler)}, optimizers,
                    criterion=losses, adapters={"batch": {"input": 0}, "criterion": {"arguments": ["pred"]}})
    trainer = pl.Trainer(accelerator="cpu", devices=ranks, strategy=strategy, max_epochs=3, logger=False,
                         enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False)
    trainer.fit(module)
    return trainer, torch.cat([one.detach().flatten() for one in model.parameters()])


if sys.argv[1] == "alone":
    _, alone = trained(1, "auto")
    torch.save(alone, "alone.pt")
    sys.exit()
try:
    trained(2, "ddp")
except RunError as error:
    print(error, flush=True)
trainer, together = trained(2, "ddp_find_unused_parameters_true")
torch.testing.assert_close(together, torch.load("alone.pt"), rtol=0, atol=1e-6)
open(f"alike{trainer.global_rank}", "w").close()
"""


class Gan(nn.Module):
    """Without chance, so that two runs are alike."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.generator, self.discriminator = nn.Linear(1, 1), nn.Linear(1, 1)
        self.turns: list[str] = []

    def forward(self, real: Tensor) -> dict[str, Tensor]:
        if self.training:
            self.turns += [name[0] for name, part in self.named_children() if part.weight.requires_grad]
        fake = self.generator(torch.ones_like(real))
        return {"of_fake": self.discriminator(fake), "of_real": self.discriminator(real)}


def losses(pred: dict[str, Tensor]) -> dict[str, Tensor]:
    loss = nn.functional.binary_cross_entropy_with_logits
    ones, zeros = torch.ones_like(pred["of_fake"]), torch.zeros_like(pred["of_fake"])
    return {
        "discriminator": loss(pred["of_real"], ones) + loss(pred["of_fake"], zeros),
        "generator": loss(pred["of_fake"], ones),
    }


def of(part: str, kind: Any = SGD, **options: Any) -> Any:
    return lambda params: kind(grouped(params, names=f"model.{part}"), **{"lr": 0.1, **options})


def pair(discriminator: Any = None, generator: Any = None) -> dict[str, Any]:
    return {"discriminator": discriminator or of("discriminator"), "generator": generator or of("generator")}


def loader(size: int = 2) -> DataLoader[Any]:
    return DataLoader(TensorDataset(DATA), batch_size=size)


def system(optimizer: Any = None, model: nn.Module | None = None, **arguments: Any) -> System:
    adapters = {"batch": {"input": 0}, "criterion": {"arguments": ["pred"]}}
    given = {"dataloaders": {"train": loader()}, "criterion": losses, "adapters": adapters, **arguments}
    return System(model or Gan(), optimizer=optimizer or pair(), **given)


def trainer(**options: Any) -> pl.Trainer:
    quiet = {"enable_progress_bar": False, "enable_model_summary": False, "enable_checkpointing": False}
    return pl.Trainer(**{"accelerator": "cpu", "logger": False, "max_epochs": 1, **quiet, **options})


def by_hand(
    model: Gan, *, every: int = 1, clip: float = 0.0, accumulate: int = 1, batches: int = 6, epochs: int = 1
) -> Gan:
    """The same training as a loop, in which nothing is switched off and each takes the gradients of its own."""
    parts = {"discriminator": model.discriminator, "generator": model.generator}
    optimizers = {name: SGD(part.parameters(), 0.1) for name, part in parts.items()}
    for epoch in range(epochs):
        turns = 0  # of the generator, in this epoch
        for count, batch in enumerate(DATA.split(2)[:batches], epoch * batches + 1):
            turns += count % every == 0
            for name, part in parts.items():
                is_turn, window = (count % every == 0, accumulate) if name == "generator" else (True, 1)
                if is_turn:
                    gradients = torch.autograd.grad(losses(model(batch))[name] / window, list(part.parameters()))
                    for one, gradient in zip(part.parameters(), gradients, strict=True):
                        one.grad = gradient if one.grad is None else one.grad + gradient
                is_due = window == 1 or (is_turn and turns % window == 0) or count == (epoch + 1) * batches
                if not is_due or part.weight.grad is None:
                    continue
                if clip:
                    nn.utils.clip_grad_norm_(part.parameters(), clip)
                optimizers[name].step()
                optimizers[name].zero_grad()
    return model


def assert_alike(one: nn.Module, other: nn.Module) -> None:
    torch.testing.assert_close(one.state_dict(), other.state_dict(), rtol=0, atol=0)


def test_each_steps_on_its_own_loss_in_turn() -> None:
    model, made = Gan(), trainer()
    made.fit(system(model=model))
    assert model.turns == ["d", "g"] * 6
    assert_alike(model, by_hand(Gan()))
    assert made.global_step == 12  # Lightning counts the steps of each
    assert all(one.requires_grad for one in model.parameters())


def test_one_may_step_on_every_nth_batch() -> None:
    model = Gan()
    trainer().fit(system(pair(generator={"optimizer": of("generator"), "every": 3}), model))
    assert model.turns == ["d", "d", "d", "g"] * 2
    assert_alike(model, by_hand(Gan(), every=3))


def test_the_count_goes_on_over_epochs() -> None:
    model = Gan()
    module = system(pair(generator={"optimizer": of("generator"), "every": 4}), model)
    trainer(max_epochs=2).fit(module)
    assert model.turns == ["d", "d", "d", "d", "g"] * 3


def test_a_batch_on_which_none_steps_is_counted() -> None:
    both = {name: {"optimizer": of(name), "every": 2} for name in ("discriminator", "generator")}
    model, made = Gan(), trainer()
    made.fit(system(both, model))
    assert model.turns == ["g", "d", "d", "g"] * 3
    assert made.global_step == 6
    assert "train/loss/epoch" in made.callback_metrics


def test_gradients_are_clipped() -> None:
    model = Gan()
    options = {"gradient_clip_val": 0.01, "gradient_clip_algorithm": "norm"}
    module = system({name: {"optimizer": of(name), **options} for name in pair()}, model)
    trainer().fit(module)
    assert_alike(model, by_hand(Gan(), clip=0.01))


def test_gradients_are_accumulated_over_turns() -> None:
    model = Gan()
    generator = {"optimizer": of("generator"), "every": 2, "accumulate_grad_batches": 3}
    made = trainer()
    made.fit(system(pair(generator=generator), model))
    assert made.global_step == 7
    assert_alike(model, by_hand(Gan(), every=2, accumulate=3))


@pytest.mark.parametrize(("every", "window", "steps"), [(1, 4, 6), (2, 2, 6), (4, 2, 3)])
def test_the_last_batch_of_an_epoch_ends_a_window(every: int, window: int, steps: int, tmp_path: Path) -> None:
    """Also where it has no turn. Neither a validation in a window nor a resume between epochs loses gradients."""

    def module(model: Gan) -> System:
        generator = {"optimizer": of("generator"), "every": every, "accumulate_grad_batches": window}
        return system(pair(generator=generator), model, dataloaders={"train": loader(), "val": loader(12)})

    model, resumed = Gan(), Gan()
    made = trainer(max_epochs=3, val_check_interval=1)
    made.fit(module(model))
    assert made.global_step == 3 * 6 + steps
    assert_alike(model, by_hand(Gan(), every=every, accumulate=window, epochs=3))
    stopped = trainer(max_epochs=1)
    stopped.fit(module(Gan()))
    stopped.save_checkpoint(tmp_path / "one.ckpt")
    trainer(max_epochs=3).fit(module(resumed), ckpt_path=str(tmp_path / "one.ckpt"))
    assert_alike(model, resumed)


def test_the_loss_of_an_epoch_is_that_of_the_turns() -> None:
    made = trainer()
    generator = {"optimizer": of("generator", lr=0.0), "every": 4}
    made.fit(system(pair(of("discriminator", lr=0.0), generator)))
    found = [{name: one.item() for name, one in losses(Gan()(batch)).items()} for batch in DATA.split(2)]
    told = {name: float(value) for name, value in made.callback_metrics.items()}
    assert told["train/loss/generator/epoch"] == pytest.approx(found[3]["generator"])
    assert told["train/loss/discriminator/epoch"] == pytest.approx(sum(one["discriminator"] for one in found) / 6)
    assert told["train/loss/epoch"] == pytest.approx(sum(sum(one.values()) for one in found) / 6)


def test_losses_and_rates_are_logged_by_name() -> None:
    made = trainer(log_every_n_steps=1)
    made.fit(system(dataloaders={"train": loader(), "val": loader(12)}))
    found = made.callback_metrics
    assert {f"{mode}/loss/{name}/epoch" for mode in ("train", "val") for name in pair()} <= found.keys()
    assert {"train/lr/discriminator", "train/lr/generator", "train/loss/generator/step"} <= found.keys()
    for mode in ("train", "val"):
        parts = found[f"{mode}/loss/discriminator/epoch"] + found[f"{mode}/loss/generator/epoch"]
        assert float(found[f"{mode}/loss/epoch"]) == pytest.approx(float(parts))


def test_a_loss_is_logged_as_it_was_in_its_turn() -> None:
    model, seen = Gan(), []
    made = trainer(max_steps=2, log_every_n_steps=1)
    made.fit(system(model=model))
    before, after = Gan(), by_hand(Gan(), batches=1)
    after.generator.load_state_dict(before.generator.state_dict())
    seen = [losses(one(DATA[:2]))[name].item() for one, name in ((before, "discriminator"), (after, "generator"))]
    told = [float(made.callback_metrics[f"train/loss/{name}/step"]) for name in pair()]
    assert told == pytest.approx(seen)


def test_a_total_of_the_criterion_stays() -> None:
    made = trainer()
    made.fit(system(criterion=lambda pred: {**losses(pred), "total": torch.tensor(7.0)}))
    assert float(made.callback_metrics["train/loss/epoch"]) == 7


def test_validation_needs_no_optimizer_to_know_the_losses() -> None:
    module = system()
    alone = System(
        Gan(),
        {"val": loader()},
        criterion=losses,
        adapters={"batch": {"input": 0}, "criterion": {"arguments": ["pred"]}},
    )
    (found,) = trainer().validate(alone, verbose=False)
    assert set(found) == {"val/loss/epoch", "val/loss/discriminator/epoch", "val/loss/generator/epoch"}
    assert module.training_step((DATA,), 0)["loss"].requires_grad


def test_schedulers_step_by_their_own_optimizer() -> None:
    halved = partial(ExponentialLR, gamma=0.5)
    schedulers = {"discriminator": {"scheduler": halved, "interval": "step", "frequency": 2}, "generator": halved}
    made = trainer(max_epochs=2)
    made.fit(system(pair(generator={"optimizer": of("generator"), "every": 2}), scheduler=schedulers))
    rates = [one.param_groups[0]["lr"] for one in made.optimizers]
    assert rates == pytest.approx([0.1 / 2**6, 0.1 / 2**2])


def test_a_scheduler_counts_the_steps_of_its_optimizer(tmp_path: Path) -> None:
    """Two an epoch here, over epochs and a resume."""

    def module() -> System:
        halved = {"scheduler": partial(ExponentialLR, gamma=0.5), "interval": "step", "frequency": 3}
        generator = {"optimizer": of("generator"), "accumulate_grad_batches": 4}
        return system(pair(generator=generator), scheduler={"generator": halved})

    rates, path = [], tmp_path / "last.ckpt"
    for epochs in range(1, 5):
        made = trainer(max_epochs=epochs)
        made.fit(module(), ckpt_path=str(path) if path.exists() else None)
        made.save_checkpoint(path)
        rates.append(made.optimizers[1].param_groups[0]["lr"])
    assert rates == pytest.approx([0.1, 0.05, 0.025, 0.025])


def test_what_no_optimizer_trains_is_told(caplog: pytest.LogCaptureFixture) -> None:
    trainer().fit(system({"discriminator": of("discriminator")}))
    told = [record.message for record in caplog.records if record.name == "lighter"]
    names = "model.generator.weight, model.generator.bias"
    assert told == [f"optimizer: 2 parameters are trained by none, and stay as they are: {names}"]


def test_a_plateau_looks_at_what_it_is_told() -> None:
    watching = {
        "scheduler": partial(ReduceLROnPlateau, patience=0, factor=0.1, threshold=100.0),
        "monitor": "train/loss/generator/epoch",
    }
    made = trainer(max_epochs=3)
    made.fit(system(scheduler={"generator": watching, "discriminator": partial(ReduceLROnPlateau, patience=9)}))
    assert [one.param_groups[0]["lr"] for one in made.optimizers] == pytest.approx([0.1, 0.0001])
    watching["monitor"] = "train/loss/genrator/epoch"
    with pytest.raises(RunError, match="scheduler::generator: no value is called 'train/loss/genrator/epoch'; did you"):
        trainer().fit(system(scheduler={"generator": watching}))
    watching |= {"strict": False, "interval": "step", "monitor": "train/loss/generator/step"}
    made = trainer(log_every_n_steps=1)
    made.fit(system(scheduler={"generator": watching}))  # known from the second of six batches on
    assert made.optimizers[1].param_groups[0]["lr"] == pytest.approx(0.1 * 0.1**5)


def test_a_resumed_run_goes_on_as_if_it_had_not_stopped(tmp_path: Path) -> None:
    def module(model: Gan) -> System:
        generator = {"optimizer": of("generator", Adam), "every": 4}
        halved = {name: partial(ExponentialLR, gamma=0.5) for name in pair()}
        return system(pair(of("discriminator", Adam), generator), model, scheduler=halved)

    whole, resumed = Gan(), Gan()
    trainer(max_epochs=3).fit(module(whole))
    stopped = trainer()
    stopped.fit(module(Gan()))
    stopped.save_checkpoint(tmp_path / "one.ckpt")
    trainer(max_epochs=3).fit(module(resumed), ckpt_path=str(tmp_path / "one.ckpt"))
    assert_alike(whole, resumed)


def test_a_frozen_part_has_no_turn() -> None:
    model = Gan()
    before = {name: one.clone() for name, one in model.generator.state_dict().items()}
    made = trainer(callbacks=[Freezer("model.generator")])
    made.fit(system(pair(of("discriminator"), of("generator", Adam)), model))
    torch.testing.assert_close(model.generator.state_dict(), before, rtol=0, atol=0)
    assert model.turns == ["d"] * 6
    assert made.global_step == 6


def test_callbacks_of_lightning(tmp_path: Path) -> None:
    callbacks: list[pl.Callback] = [EMAWeightAveraging(decay=0.5), LearningRateMonitor("epoch")]
    module = system(pair(generator=of("generator", Adam)), scheduler={"generator": partial(ExponentialLR, gamma=0.5)})
    trainer(callbacks=callbacks, logger=CSVLogger(tmp_path), log_every_n_steps=1).fit(module)
    assert "lr-Adam" in (tmp_path / "lightning_logs/version_0/metrics.csv").read_text()


def test_mixed_precision() -> None:
    made = trainer(precision="bf16-mixed")
    made.fit(system({name: {"optimizer": of(name), "gradient_clip_val": 0.1} for name in pair()}))
    assert made.global_step == 12


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"gradient_clip_val": 0.5},
            (
                "trainer::gradient_clip_val: 0.5 is for one optimizer, and there are discriminator, generator; "
                "write it for each, as in optimizer: {discriminator: {optimizer: ..., gradient_clip_val: 0.5}}"
            ),
        ),
        ({"accumulate_grad_batches": 2}, "trainer::accumulate_grad_batches: 2 is for one optimizer, and there are "),
    ],
)
def test_what_lightning_refuses_is_told_with_what_to_write(options: dict[str, Any], message: str) -> None:
    with pytest.raises(RunError) as told:
        trainer(**options).fit(system())
    assert str(told.value).startswith(message)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"criterion": lambda pred: losses(pred)["generator"]},
            (
                "the criterion gave a Tensor of shape (), and each optimizer needs a loss of its name; "
                "return a mapping, such as {'discriminator': ..., 'generator': ...}"
            ),
        ),
        (
            {"criterion": lambda pred: {"generator": losses(pred)["generator"]}},
            "the criterion gave a dict with the key",
        ),
        (
            {"optimizer": pair(SGD)},
            "'model.generator.weight' is trained by optimizer::discriminator and by optimizer::",
        ),
        (
            {"optimizer": pair(generator=partial(SGD, lr=0.1))},
            "'model.discriminator.weight' is trained by optimizer::discriminator and by optimizer::generator; say whi",
        ),
        (
            {"optimizer": pair(generator=of("genrator"))},
            "optimizer::generator::params(names): nothing is called 'model.",
        ),
        (
            {"criterion": lambda pred: {**losses(pred), "generator": pred["of_real"].sum()}},
            "the loss 'generator' does not depend on any parameter that the optimizer of this name trains; say which",
        ),
    ],
)
def test_what_cannot_train_is_told(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(RunError) as told:
        trainer().fit(system(**arguments))
    assert str(told.value).startswith(message)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"optimizer": {"a": None}}, ValueError, "optimizer: the mapping is empty; write an optimizer under a name of"),
        ({"optimizer": {"total": SGD}}, ValueError, "optimizer::total: 'total' is the name of the sum of the losses"),
        (
            {"optimizer": {"a": 3}},
            TypeError,
            "optimizer::a: an Optimizer or a function of the parameters is wanted, not",
        ),
        (
            {"optimizer": {"a": {"optimizer": SGD, "evry": 2}}},
            ValueError,
            "optimizer::a: there is no 'evry'; did you mean 'every'?",
        ),
        ({"optimizer": {"a": {"every": 2}}}, ValueError, "optimizer::a: the mapping has no 'optimizer'; write the opt"),
        (
            {"optimizer": {"a": {"optimizer": SGD, "every": 0}}},
            ValueError,
            "optimizer::a::every: a whole number of batches from 1 up is wanted, not 0",
        ),
        (
            {"scheduler": {"genrator": ExponentialLR}},
            ValueError,
            "scheduler: there is no optimizer 'genrator'; did you mean 'generator'?",
        ),
        ({"scheduler": {"generator": 3}}, TypeError, "scheduler: a scheduler or a function of the optimizer is wanted"),
        (
            {"scheduler": {"scheduler": ExponentialLR}},
            TypeError,
            "scheduler: there are several optimizers, and each has its own; write {discriminator: ...} around it",
        ),
    ],
)
def test_wrong_arguments_are_refused_when_it_is_made(
    arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as told:
        system(**arguments)
    assert str(told.value).startswith(message)


def test_two_processes_train_as_one_does(warm: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(SCRIPT, encoding="utf-8")
    assert warm("script.py", "alone", folder=tmp_path).returncode == 0
    done = warm("script.py", "ranks", folder=tmp_path, ranks=2)
    assert done.returncode == 0, done.stderr
    assert [(tmp_path / f"alike{rank}").exists() for rank in (0, 1)] == [True, True]
    told = "DDP waits for the gradients of the others; write trainer: {strategy: ddp_find_unused_parameters_true}"
    assert told in done.stdout


def test_no_gradients_wait_between_the_steps_of_all() -> None:
    given = {
        "discriminator": {"optimizer": of("discriminator"), "accumulate_grad_batches": 3},
        "generator": {"optimizer": of("generator"), "every": 2, "accumulate_grad_batches": 2},
    }
    between = []

    class Asking(pl.Callback):
        def on_train_batch_end(self, trainer: Any, module: Any, outputs: Any, batch: Any, index: int) -> None:
            if not module.alternating.gradients_wait(trainer):
                between.append(index + 1)

    train = DataLoader(TensorDataset(DATA.repeat(2, 1)[:17]))
    trainer(callbacks=[Asking()]).fit(system(given, dataloaders={"train": train}))
    # The one steps after 3, 6, 9, 12, 15, 17, the other begins with 2, 6, 10, 14 and steps after 4, 8, 12, 16.
    assert between == [9, 12, 17]
