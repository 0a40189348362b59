"""What is left out of Lightning's steps is left out only where it does nothing."""

from typing import Any

import pytest
import pytorch_lightning as pl
import torch
from pytorch_lightning.profilers import PassThroughProfiler, SimpleProfiler
from torch import nn
from torch.utils.data import DataLoader

from lighter import System
from lighter.training.idle import IdleProfiler, forget_gradients

DATA: Any = [(torch.full((2,), float(i)), torch.tensor([1.0])) for i in range(8)]


def trainer(**given: Any) -> Any:
    quiet = {"logger": False, "enable_checkpointing": False, "enable_progress_bar": False}
    return pl.Trainer(**{"max_epochs": 1, "accelerator": "cpu", "enable_model_summary": False, **quiet, **given})


def system(kind: type[System] = System, optimizer: Any = torch.optim.SGD, lr: float = 0.01) -> Any:
    torch.manual_seed(0)
    loaders: Any = dict.fromkeys(("train", "val", "test", "predict"), DataLoader(DATA, batch_size=2))
    model = nn.Linear(2, 1)
    return kind(model, loaders, optimizer(model.parameters(), lr=lr), criterion=nn.MSELoss())


class Hooked(System):
    """Calls what it overrides, as one does."""

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.seen: list[str] = []

    def on_train_batch_start(self, batch: Any, batch_idx: int) -> None:
        super().on_train_batch_start(batch, batch_idx)
        self.seen.append("train")

    def on_before_optimizer_step(self, optimizer: Any) -> None:
        super().on_before_optimizer_step(optimizer)
        self.seen.append("step")

    def on_validation_batch_end(self, outputs: Any, batch: Any, batch_idx: int, dataloader_idx: int = 0) -> None:
        super().on_validation_batch_end(outputs, batch, batch_idx)
        self.seen.append("val")

    def configure_gradient_clipping(self, optimizer: Any, *args: Any, **given: Any) -> None:
        super().configure_gradient_clipping(optimizer, *args, **given)
        self.seen.append("clip")

    def optimizer_zero_grad(self, *args: Any) -> None:
        super().optimizer_zero_grad(*args)
        self.seen.append("zero")


def test_hooks_of_a_subclass_are_called_and_reach_those_they_override() -> None:
    module = system(Hooked)
    trainer(num_sanity_val_steps=0).fit(module)
    assert module.seen == ["train", "zero", "step", "clip"] * 4 + ["val"] * 4


def test_a_hook_is_there_again_when_the_next_run_asks_for_it() -> None:
    module = system()
    for stage in ("validate", "test", "predict", "fit", "validate"):
        getattr(trainer(), stage)(module)

    class Fails(pl.Callback):
        def on_validation_batch_end(self, *_: Any) -> None:
            raise ArithmeticError

    with pytest.raises(ArithmeticError):
        trainer(callbacks=[Fails()]).validate(module)
    trainer().validate(module)
    assert callable(module.on_test_batch_start)


@pytest.mark.parametrize("kind", [System, Hooked])
def test_gradients_are_clipped_where_the_trainer_says_so(kind: type[System]) -> None:
    module = system(kind, lr=1.0)
    before = module.model.weight.detach().clone()
    trainer(gradient_clip_val=1e-3, limit_train_batches=1).fit(module)
    assert (module.model.weight - before).norm() <= 1e-3 * 1.001


def test_clipping_may_begin_in_the_middle() -> None:
    class Begins(pl.Callback):
        def on_train_batch_start(self, trainer: pl.Trainer, module: Any, batch: Any, batch_idx: int) -> None:
            trainer.gradient_clip_val = 1e-3 if batch_idx == 1 else trainer.gradient_clip_val
            self.before = module.model.weight.detach().clone()

    module, begins = system(lr=1.0), Begins()
    trainer(callbacks=[begins], limit_train_batches=2).fit(module)
    assert (module.model.weight - begins.before).norm() <= 1e-3 * 1.001


class Calls(System):
    """Calls hooks that it does not override, from a method, a property, and a function in a method."""

    def training_step(self, *args: Any) -> Any:
        self.optimizers()
        self.clip()
        assert self.begun
        optimizer: Any = self.optimizer
        for zero in [lambda: self.on_before_zero_grad(optimizer)]:
            zero()
        return super().training_step(*args)

    def clip(self) -> None:
        self.configure_gradient_clipping(self.optimizer, gradient_clip_val=None, gradient_clip_algorithm=None)

    @property
    def begun(self) -> bool:
        return self.on_train_batch_start(None, 0) is None


def test_a_hook_that_a_subclass_calls_itself_is_there() -> None:
    module = system(Calls)
    trainer().fit(module)
    assert module.on_after_backward is None  # which it does not call
    trainer().validate(module)


def test_the_profiler_of_the_user_stays() -> None:
    profiled, plain, module = trainer(profiler="simple"), trainer(), system()
    profiled.fit(module)
    plain.fit(module)
    assert isinstance(profiled.profiler, SimpleProfiler)
    assert any("optimizer_step" in name for name in profiled.profiler.recorded_durations)
    assert isinstance(plain.profiler, IdleProfiler)
    assert isinstance(plain.profiler, PassThroughProfiler)
    with plain.profiler.profile("anything"):
        pass


def test_an_optimizer_that_zeroes_its_gradients_by_itself_is_asked_to() -> None:
    class Own(torch.optim.SGD):
        asked = 0

        def zero_grad(self, set_to_none: bool = True) -> None:
            self.asked += 1
            super().zero_grad(set_to_none)

    module = system(optimizer=Own)
    trainer().fit(module)
    assert module.optimizer.asked == 4
    model: Any = nn.Linear(1, 1)
    model(torch.ones(1, 1)).backward()
    assert forget_gradients(torch.optim.SGD(model.parameters(), lr=1))
    assert [parameter.grad for parameter in model.parameters()] == [None, None]


def test_the_weights_are_those_of_a_plain_lightning_module() -> None:
    class Plain(pl.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            torch.manual_seed(0)
            self.model: Any = nn.Linear(2, 1)

        def training_step(self, batch: Any, batch_idx: int) -> Any:
            return nn.functional.mse_loss(self.model(batch[0]), batch[1])

        def configure_optimizers(self) -> Any:
            return torch.optim.SGD(self.parameters(), lr=0.01)

    module, plain = system(), Plain()
    trainer(gradient_clip_val=0.5, accumulate_grad_batches=2, max_epochs=3).fit(module)
    trainer(gradient_clip_val=0.5, accumulate_grad_batches=2, max_epochs=3).fit(plain, DataLoader(DATA, batch_size=2))
    assert torch.equal(module.model.weight, plain.model.weight)


def test_a_note_of_lightnings_is_no_search_for_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    noted: list[str] = []
    set_attribute = nn.Module.__setattr__

    def noting(module: nn.Module, name: str, value: Any) -> None:
        noted.append(name)
        set_attribute(module, name, value)

    monkeypatch.setattr(nn.Module, "__setattr__", noting)
    trainer().fit(system())
    assert "_current_fx_name" not in noted
    assert noted  # others go the usual way
