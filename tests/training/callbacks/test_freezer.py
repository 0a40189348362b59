"""Freezing: what is frozen does not move, all else does, and nobody else's settings are touched."""

import logging
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl
import torch
from pytorch_lightning.strategies import ModelParallelStrategy
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint
from torch.utils.data import DataLoader, TensorDataset

from lighter.callbacks import Freezer
from lighter.errors import RunError
from lighter.training.callbacks.freezer import Spans, as_spans
from lighter.training.optimizers.parameter_groups import grouped
from lighter.training.system import System

BATCHES = 3
# Momentum and weight decay move a parameter that has no more than a gradient of zeros.
mover = partial(torch.optim.AdamW, lr=0.1, weight_decay=0.1)


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Dropout(0.5))
        self.head = nn.Linear(3, 1)

    def forward(self, x: Tensor) -> Any:
        return self.head(self.body(x))


def system(model: nn.Module | None = None) -> Any:
    inputs = torch.linspace(-1, 1, 8 * BATCHES).reshape(-1, 2)
    data = TensorDataset(inputs, inputs.sum(1, keepdim=True))
    return System(model or Net(), {"train": DataLoader(data, batch_size=4)}, mover, criterion=nn.MSELoss())


class Watcher(pl.Callback):
    """The names of what each step has moved."""

    def __init__(self) -> None:
        self.moved: list[set[str]] = []

    def on_train_batch_start(self, trainer: Any, module: Any, batch: Any, batch_idx: int) -> None:
        self._before = {name: one.detach().clone() for name, one in module.named_parameters()}

    def on_train_batch_end(self, trainer: Any, module: Any, *_: Any) -> None:
        after = dict(module.named_parameters())
        self.moved.append({name for name, one in self._before.items() if not torch.equal(one, after[name])})


def fit(module: pl.LightningModule, *freezers: pl.Callback, epochs: int = 1, **options: Any) -> list[set[str]]:
    """What each step has moved."""
    watcher = Watcher()
    ckpt_path = options.pop("ckpt_path", None)
    callbacks = [*freezers, watcher, *options.pop("callbacks", [])]
    torch.manual_seed(0)
    trainer = pl.Trainer(
        **{"enable_checkpointing": False, **options},
        accelerator="cpu",
        max_epochs=epochs,
        callbacks=callbacks,
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    trainer.fit(module, ckpt_path=ckpt_path)
    return watcher.moved


BODY = {"model.body.0.weight", "model.body.0.bias", "model.body.1.weight", "model.body.1.bias"}
HEAD = {"model.head.weight", "model.head.bias"}
ALL = BODY | HEAD


@pytest.mark.parametrize(
    ("arguments", "frozen"),
    [
        ({"names": "model.body"}, BODY),
        (
            {"names": ["model.body.0", "model.head.bias"]},
            {"model.body.0.weight", "model.body.0.bias", "model.head.bias"},
        ),
        ({"names": "*.bias"}, {name for name in ALL if name.endswith("bias")}),
        ({"names": "model", "except_names": "model.head"}, BODY),
        ({"names": ["model.body"], "except_names": ["*.bias", "model.body.1"]}, {"model.body.0.weight"}),
    ],
)
def test_what_is_named_does_not_move(arguments: dict[str, Any], frozen: set[str]) -> None:
    assert fit(system(), Freezer(**arguments)) == [ALL - frozen] * BATCHES


@pytest.mark.parametrize(
    ("arguments", "frozen_at"),
    [
        ({}, range(12)),
        ({"until_epoch": 2}, range(6)),
        ({"until_step": 4}, range(4)),
        ({"epochs": [1, 3]}, range(3, 9)),
        ({"epochs": [[0, 1], [2, None]]}, [0, 1, 2, *range(6, 12)]),
        ({"steps": [[1, 3], [3, 5], [10, 99]]}, [1, 2, 3, 4, 10, 11]),
    ],
)
def test_it_lasts_as_long_as_it_is_said(arguments: dict[str, Any], frozen_at: Any) -> None:
    moved = fit(system(), Freezer("model.body", **arguments), epochs=4)
    assert moved == [HEAD if step in frozen_at else ALL for step in range(12)]


def test_steps_are_those_of_the_optimizer() -> None:
    moved = fit(system(), Freezer("model.body", until_step=1), epochs=2, accumulate_grad_batches=2)
    assert moved == [set(), HEAD, ALL, set(), ALL, ALL]


def test_a_parameter_with_momentum_stays_where_it_is() -> None:
    assert fit(system(), Freezer("model.body", steps=[2, 4]), epochs=2) == [ALL, ALL, HEAD, HEAD, ALL, ALL]


def test_nor_does_a_gradient_of_zeros_move_it() -> None:
    class Zeroing(System):
        def optimizer_zero_grad(self, epoch: int, batch_idx: int, optimizer: Any) -> None:
            optimizer.zero_grad(set_to_none=False)

    module = Zeroing(Net(), system().dataloaders, mover, criterion=nn.MSELoss())
    assert fit(module, Freezer("model.body", steps=[1, 2])) == [ALL, HEAD, ALL]


def test_what_was_frozen_before_stays_so() -> None:
    module = system()
    module.model.body[0].weight.requires_grad_(False)
    moved = fit(module, Freezer("model.body", until_step=1))
    assert moved == [HEAD, *[ALL - {"model.body.0.weight"}] * 2]
    assert not module.model.body[0].weight.requires_grad


def test_the_model_is_given_back_as_it_was() -> None:
    module = system()
    fit(module, Freezer("model.body", eval_mode=True))
    assert all(one.requires_grad for one in module.parameters())
    assert all(one.training for one in module.modules())

    class Fails(pl.Callback):
        def on_train_batch_start(self, *_: Any) -> None:
            assert not module.model.body[0].weight.requires_grad
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        fit(module, Freezer("model.body"), Fails())
    assert all(one.requires_grad for one in module.parameters())


@pytest.mark.parametrize("order", [1, -1])
def test_several_may_freeze_the_same(order: int) -> None:
    first, second = Freezer("model.body", epochs=[0, 2]), Freezer("model.body.0", epochs=[1, 3])
    moved = fit(system(), *[first, second][::order], epochs=4)
    assert moved == [HEAD] * 6 + [ALL - {"model.body.0.weight", "model.body.0.bias"}] * 3 + [ALL] * 3


def test_batch_norm_and_dropout_rest_only_when_asked() -> None:
    statistics = []

    class Modes(pl.Callback):
        def on_train_batch_end(self, trainer: Any, module: Any, *_: Any) -> None:
            norm, dropout = module.model.body[1:]
            statistics.append((float(norm.num_batches_tracked), norm.training, dropout.training, module.training))

    fit(system(), Freezer("model.body", until_step=2), Modes())
    assert statistics == [(1, True, True, True), (2, True, True, True), (3, True, True, True)]
    statistics.clear()
    fit(system(), Freezer("model.body", until_step=2, eval_mode=True), Modes())
    assert statistics == [(0, False, False, True), (0, False, False, True), (1, True, True, True)]
    statistics.clear()
    fit(system(), Freezer("model.body", "model.body.1", until_step=2, eval_mode=True), Modes())
    assert statistics == [(1, True, False, True), (2, True, False, True), (3, True, True, True)]


@pytest.mark.filterwarnings("ignore:Found 1 module.* in eval mode at the start of training")
def test_what_is_in_eval_mode_by_itself_stays_so() -> None:
    module = system()
    module.model.body[2].eval()
    fit(module, Freezer("model.body", until_step=1, eval_mode=True))
    assert [one.training for one in module.model.body] == [True, True, False]


@pytest.mark.filterwarnings("ignore:The dirpath has changed")
def test_a_resumed_run_goes_on_as_one_that_was_not_interrupted(tmp_path: Path) -> None:
    def options(folder: str, steps: int) -> dict[str, Any]:
        keeps = pl.callbacks.ModelCheckpoint(tmp_path / folder, "{step}", every_n_train_steps=1, save_top_k=-1)
        return {"callbacks": [keeps], "enable_checkpointing": True, "max_steps": steps, "epochs": 4}

    freezer = partial(Freezer, "model.body", steps=[[2, 6], [8, 10]])
    plain = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1))
    model = nn.ModuleDict({"body": plain[0], "head": plain[1]})
    model.forward = lambda x: model["head"](model["body"](x))  # type: ignore[method-assign]  # a toy, without dropout
    start = {name: one.clone() for name, one in model.state_dict().items()}
    fit(system(model), freezer(), **options("whole", 12))
    whole = {name: one.clone() for name, one in model.state_dict().items()}
    model.load_state_dict(start)
    fit(system(model), freezer(), **options("half", 3))
    model.load_state_dict(start)
    path = str(tmp_path / "half" / "step=3.ckpt")
    moved = fit(system(model), freezer(), ckpt_path=path, **options("rest", 12))
    names = {"model.body.weight", "model.body.bias"}, {"model.head.weight", "model.head.bias"}
    assert moved == [names[0] | names[1] if step in (6, 7, 10, 11) else names[1] for step in range(3, 12)]
    assert all(torch.equal(one, whole[name]) for name, one in model.state_dict().items())


class Checkpointed(Net):
    def forward(self, x: Tensor) -> Any:
        return self.head(checkpoint(self.body, x, use_reentrant=False))


def test_activation_checkpointing() -> None:
    assert fit(system(Checkpointed()), Freezer("model.body", until_step=1)) == [HEAD, ALL, ALL]


def test_a_compiled_model_has_the_names_it_had() -> None:
    model = Net()
    model.body = torch.compile(model.body, backend="eager")  # type: ignore[assignment]  # wrapped
    moved = fit(system(model), Freezer("model.body", until_step=1))
    assert [{name.replace("_orig_mod.", "") for name in step} for step in moved] == [HEAD, ALL, ALL]


@pytest.fixture
def process_group() -> Iterator[None]:
    """Leaves no process group behind, nor the variables that Lightning sets for the processes it starts."""
    before = dict(os.environ)
    yield
    torch.distributed.destroy_process_group()
    os.environ.clear()
    os.environ.update(before)


@pytest.mark.usefixtures("process_group")
def test_a_sharded_model_is_frozen_by_its_gradients() -> None:
    class Sharded(System):
        def configure_model(self) -> None:
            from torch.distributed.fsdp import fully_shard

            fully_shard(self.model.get_submodule("head"))
            fully_shard(self.model)

    data = system().dataloaders
    module = Sharded(Net(), data, mover, criterion=nn.MSELoss())
    strategy = ModelParallelStrategy(data_parallel_size=1, tensor_parallel_size=1, process_group_backend="gloo")
    moved = fit(module, Freezer("model.body", steps=[[0, 1], [2, 3]]), strategy=strategy, devices=1)
    assert moved == [HEAD, ALL, HEAD]


def test_it_says_what_it_does(caplog: pytest.LogCaptureFixture) -> None:
    module = system()
    module.model.body[0].weight.requires_grad_(False)
    with caplog.at_level(logging.INFO, "lighter"):
        fit(module, Freezer(["model.body", "model.head.bias"], until_step=2))
    froze, thawed = (record.getMessage() for record in caplog.records if record.name == "lighter")
    names = "4 parameters (10 numbers) of model.body, model.head.bias"
    assert froze == f"Freezer: froze {names} at epoch 0, step 0, until step 2; 1 more, frozen before, stay so"
    assert thawed == f"Freezer: thawed {names} at epoch 0, step 2"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"names": "body"}, "Freezer(names): nothing is called 'body'; did you mean 'model.body'?"),
        (
            {"names": "model", "except_names": "*.biass"},
            "exceptions: nothing is called '*.biass'; did you mean '*.bias'?",
        ),
        ({"names": "model.head", "except_names": "model"}, "nothing is left to freeze"),
        ({"names": "model"}, "nothing is left to train at epoch 0, step 0"),
    ],
)
def test_what_cannot_be_frozen_is_told(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(RunError) as told:
        fit(system(), Freezer(**arguments))
    assert message in str(told.value)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"until_epoch": 1, "steps": [0, 1]}, ValueError, "Freezer: until_epoch and steps say the same thing twice"),
        ({"until_epoch": 0}, ValueError, "Freezer(until_epoch): [0, 0] is no span"),
        ({"epochs": [3, 1]}, ValueError, "Freezer(epochs): [3, 1] is no span"),
        ({"steps": [1, 2, 3]}, TypeError, "Freezer(steps): a pair [from, to] of steps is wanted"),
        ({"names": 3}, TypeError, "Freezer(names): a name, a pattern or a list of them is wanted, not 3"),
    ],
)
def test_wrong_arguments_are_refused_when_it_is_made(
    arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as told:
        Freezer(**{"names": "model", **arguments})
    assert message in str(told.value)


@pytest.mark.parametrize(
    ("given", "inside", "ends"),
    [
        ([0, 2], [0, 1], ["epoch 2", "epoch 2"]),
        ([2, None], [2, 3, 4, 5], ["the end"] * 4),
        ([[1, 2], [4, 5]], [1, 4], ["epoch 2", "epoch 5"]),
        ([[0, 2], [1, 3]], [0, 1, 2], ["epoch 2", "epoch 3", "epoch 3"]),
        ([[0, 2], (1, None)], [0, 1, 2, 3, 4, 5], ["epoch 2", *["the end"] * 5]),
    ],
)
def test_what_lies_in_them(given: Any, inside: list[int], ends: list[str]) -> None:
    spans = as_spans(given, "epoch", "here")
    assert [epoch for epoch in range(6) if spans.contain(epoch, 99)] == inside
    assert [spans.end(epoch, 99) for epoch in inside] == ends


def test_steps_are_another_unit() -> None:
    spans = as_spans([3, 5], "step", "here")
    assert spans == Spans("step", ((3, 5),))
    assert [step for step in range(9) if spans.contain(0, step)] == [3, 4]
    assert spans.end(0, 4) == "step 5"


@pytest.mark.parametrize("given", [3, [], [1], [1, 2, 3], [[1, 2], 3], ["a", "b"], [None, 2], [0, True], "ab", {0: 1}])
def test_what_is_no_pair_is_told(given: Any) -> None:
    with pytest.raises(TypeError, match=r"^here: a pair \[from, to\] of epochs is wanted, or a list of pairs, not"):
        as_spans(given, "epoch", "here")


@pytest.mark.parametrize("given", [[2, 2], [3, 1], [-1, 2], [[0, 1], [5, 4]]])
def test_what_is_no_span_is_told(given: Any) -> None:
    with pytest.raises(ValueError, match=r"is no span; write the first epoch, then the one after the last"):
        as_spans(given, "epoch", "here")


def test_lazy_layers_are_frozen_and_grouped_before_they_are_made() -> None:
    def groups(params: Any) -> list[Any]:
        slow = {"slow": {"names": "model.0", "lr": 0.01}}
        return [
            mover(grouped(params, names=["model.0", "model.1"], groups=slow)),
            mover(grouped(params, rest=True, layer_decay=0.5)),
        ]

    seen: list[list[Tensor]] = []

    class Seeing(pl.Callback):
        def on_train_batch_end(self, trainer: Any, module: Any, *_: Any) -> None:
            seen.append([layer.weight.detach().clone() for layer in module.model])

    module = system(nn.Sequential(nn.LazyLinear(3), nn.LazyLinear(3), nn.LazyLinear(1)))
    module.optimizer, module.memory_format = groups, "channels_last"
    quiet: Any = dict.fromkeys(("logger", "enable_checkpointing", "enable_progress_bar", "enable_model_summary"), False)
    callbacks = [Freezer("model.0", until_step=2), Seeing()]
    pl.Trainer(accelerator="cpu", max_epochs=1, callbacks=callbacks, **quiet).fit(module)
    first, second, third = seen
    assert [torch.equal(one, other) for one, other in zip(first, second, strict=True)] == [True, False, False]
    assert [torch.equal(one, other) for one, other in zip(second, third, strict=True)] == [False] * 3
