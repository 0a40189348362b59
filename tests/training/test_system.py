"""The System under a real Trainer: how data goes through it in each mode, and what it says when it cannot."""

import gc
import pickle
import threading
import warnings
import weakref
from copy import deepcopy
from pathlib import Path
from typing import Any, cast

import pytest
import pytorch_lightning as pl
import torch
from monai.inferers.inferer import SlidingWindowInferer
from pytorch_lightning.callbacks import EarlyStopping, ModelCheckpoint
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, TensorDataset, default_collate
from torchmetrics import MeanMetric, MeanSquaredError

from lighter.errors import RunError
from lighter.training.adapters import BatchAdapter
from lighter.training.stages import Mode
from lighter.training.system import System

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*does not have many workers"),
    pytest.mark.filterwarnings("ignore:.*smaller than the logging interval"),
]

INPUTS = torch.linspace(-1, 1, 10).reshape(10, 1)
TARGETS = 3 * INPUTS
KEYS = ("identifier", "input", "target", "pred", "loss", "step", "epoch")


class Rows(Dataset[Any]):
    """Samples that a function makes of (x, y, index)."""

    def __init__(self, make: Any) -> None:
        self.make = make

    def __len__(self) -> int:
        return len(INPUTS)

    def __getitem__(self, index: int) -> Any:
        return self.make(INPUTS[index], TARGETS[index], index)


def loader(make: Any = None) -> DataLoader[Any]:
    data: Dataset[Any] = TensorDataset(INPUTS, TARGETS) if make is None else Rows(make)
    return DataLoader(data, batch_size=4)


def sgd(parameters: Any) -> torch.optim.Optimizer:
    return torch.optim.SGD(parameters, lr=0.1)


def system(model: nn.Module | None = None, **arguments: Any) -> System:
    given = {"dataloaders": {mode: loader() for mode in Mode}, "criterion": nn.MSELoss(), "optimizer": sgd, **arguments}
    return System(nn.Linear(1, 1) if model is None else model, **given)


def trainer(**options: Any) -> pl.Trainer:
    quiet = {"enable_progress_bar": False, "enable_model_summary": False, "enable_checkpointing": False}
    return pl.Trainer(**{"accelerator": "cpu", "logger": False, "max_epochs": 1, **quiet, **options})


def predicted(module: System) -> list[dict[str, Any]]:
    """The outputs of predict, a mapping a batch."""
    return cast(list[dict[str, Any]], trainer().predict(module))


class Outputs(pl.Callback):
    """The outputs of the steps, as callbacks get them."""

    def __init__(self) -> None:
        self.train: list[Any] = []
        self.val: list[Any] = []
        self.test: list[Any] = []

    def on_train_batch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, *_: Any) -> None:
        self.train.append(outputs)

    def on_validation_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, *_: Any
    ) -> None:
        self.val.append(outputs)

    def on_test_batch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, *_: Any) -> None:
        self.test.append(outputs)


def outputs_of(module: System, *stages: str, **options: Any) -> Outputs:
    found = Outputs()
    for stage in stages or ("fit",):
        getattr(trainer(callbacks=[found], num_sanity_val_steps=0, **options), stage)(module)
    return found


def test_a_model_learns_in_all_four_modes() -> None:
    module = system(metrics={mode: MeanSquaredError() for mode in ("train", "val", "test")})
    made = trainer(max_epochs=20)
    made.fit(module)
    assert float(made.callback_metrics["val/loss/epoch"]) < 0.1
    tested = made.test(module, verbose=False)[0]
    error = float(nn.MSELoss()(module(INPUTS).detach(), TARGETS))
    assert tested == {name: pytest.approx(error) for name in ("test/loss/epoch", "test/metrics/MeanSquaredError/epoch")}
    predictions = predicted(module)
    torch.testing.assert_close(torch.cat([output["pred"] for output in predictions]), module(INPUTS))


def test_the_output_of_a_step() -> None:
    module = system(adapters={"batch": {"input": "x", "target": "y", "identifier": "id"}}, dataloaders={
        mode: loader(lambda x, y, index: {"x": x, "y": y, "id": f"s{index}"}) for mode in Mode
    })  # fmt: skip
    found = outputs_of(module, "fit", "test", max_epochs=2)
    first, last = found.train[0], found.train[-1]
    assert tuple(sorted(first)) == tuple(sorted(KEYS))
    assert first["identifier"] == ["s0", "s1", "s2", "s3"]
    assert torch.equal(first["input"], INPUTS[:4])
    assert torch.equal(first["target"], TARGETS[:4])
    assert [(output["step"], output["epoch"]) for output in (first, last)] == [(0, 0), (5, 1)]
    assert [(output["step"], output["epoch"]) for output in (found.val[0], found.val[-1])] == [(3, 0), (6, 1)]
    assert found.val[0]["loss"] is not None
    torch.testing.assert_close(found.test[0]["loss"], nn.MSELoss()(found.test[0]["pred"], TARGETS[:4]))


@pytest.mark.parametrize(
    ("adapter", "has_loss"), [({}, False), ({"arguments": ["pred", "target"]}, False), ({"arguments": ["pred"]}, True)]
)
def test_test_data_without_targets_has_the_loss_that_takes_none(adapter: dict[str, Any], has_loss: bool) -> None:
    data: Any = INPUTS
    criterion = torch.mean if has_loss else nn.MSELoss()
    module = system(
        criterion=criterion, dataloaders={"test": DataLoader(data, batch_size=4)}, adapters={"criterion": adapter}
    )
    assert (outputs_of(module, "test").test[0]["loss"] is not None) == has_loss


def test_training_gives_a_loss_with_a_graph_and_a_pred_without() -> None:
    class Two(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(1, 1)

        def forward(self, x: Tensor) -> Any:
            return {"a": self.layer(x), "b": [self.layer(x)]}

    one = system().training_step((INPUTS, TARGETS), 0)
    two = system(Two(), adapters={"criterion": {"arguments": ["pred::a", "target"]}}).training_step(
        (INPUTS, TARGETS), 0
    )
    assert [output["loss"].requires_grad for output in (one, two)] == [True, True]
    assert [pred.requires_grad for pred in (one["pred"], two["pred"]["a"], two["pred"]["b"][0])] == [False] * 3


def test_outputs_are_not_kept() -> None:
    class Weak(pl.Callback):
        found: list[weakref.ref[Tensor]] = []  # noqa: RUF012  # one test, one list

        def on_train_batch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, *_: Any) -> None:
            self.found.append(weakref.ref(outputs["pred"]))
            gc.collect()
            assert sum(ref() is not None for ref in self.found) == 1

    trainer(callbacks=[Weak()]).fit(system(metrics={"train": MeanSquaredError()}))
    assert len(Weak.found) == 3


def test_metrics_keep_no_graph_of_the_model() -> None:
    class Keeps(MeanMetric):
        seen: list[bool] = []  # noqa: RUF012  # one test, one list

        def update(self, value: Any, weight: Any = None) -> None:
            self.seen.append(value.requires_grad)
            super().update(value)

    trainer().fit(system(metrics={"train": Keeps()}))
    assert Keeps.seen == [False] * 3


def test_several_inputs_and_outputs() -> None:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(1, 1)

        def forward(self, image: Tensor, scale: Tensor) -> Any:
            return {"logits": self.layer(image) * scale, "aux": (image, scale)}

    batches = {mode: loader(lambda x, y, index: {"x": x, "s": torch.ones(1), "y": y}) for mode in Mode}
    for inputs in (["x", "s"], {"scale": "s", "image": "x"}):
        adapters = {
            "batch": {"input": inputs, "target": "y"},
            "criterion": {"arguments": ["pred::logits", "target"]},
            "metrics": {"arguments": {"preds": {"of": "pred", "part": "logits"}, "target": "target"}},
            "logging": {"transforms": {"pred": lambda pred: pred["logits"]}},
        }
        module = system(Model(), adapters=adapters, metrics={"train": MeanSquaredError(), "val": MeanSquaredError()},
                        dataloaders=batches)  # fmt: skip
        made = trainer(max_epochs=20)
        made.fit(module)
        assert float(made.callback_metrics["val/metrics/MeanSquaredError/epoch"]) < 0.1
        predictions = predicted(module)
        assert predictions[0]["pred"].shape == (4, 1)


def test_a_mode_may_have_its_own_adapters() -> None:
    module = system(
        dataloaders={"train": loader(), "val": loader(lambda x, y, index: {"image": x, "label": y})},
        adapters={"val": {"batch": BatchAdapter(input="image", target="label")}},
    )
    trainer().fit(module)


def test_losses_by_name_need_a_total() -> None:
    def losses(pred: Tensor, target: Tensor) -> Any:
        return {"mse": (pred - target).square().mean(), "l1": 0.0}

    with pytest.raises(RunError) as told:
        trainer().fit(system(criterion=losses))
    assert str(told.value).startswith(
        "the criterion gave a dict with the keys mse, l1, and the loss to minimise is not"
    )
    with pytest.raises(RunError, match="the criterion gave a tuple of length 2"):
        trainer().fit(system(criterion=lambda pred, target: (pred, target)))


def test_a_criterion_that_learns_is_trained() -> None:
    class Scaled(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.scale = nn.Parameter(torch.ones(()))

        def forward(self, pred: Tensor, target: Tensor) -> Tensor:
            return ((self.scale * pred - target) ** 2).mean()

    module = system(criterion=Scaled())
    trainer().fit(module)
    assert module.state_dict()["criterion.scale"] != 1


def test_an_inferer_stands_for_the_model_outside_of_training() -> None:
    seen: list[tuple[Any, bool]] = []

    def inferer(input: Tensor, model: nn.Module) -> Tensor:
        seen.append((model, model.training))
        result: Tensor = model(input) * 0 + 7
        return result

    module = system(inferer=inferer)
    found = outputs_of(module, "fit", "test")
    assert [bool((output["pred"] == 7).all()) for output in (found.train[0], found.val[0], found.test[0])] == [
        False,
        True,
        True,
    ]
    predictions = predicted(module)
    assert bool((predictions[0]["pred"] == 7).all())
    assert set(seen) == {(module.model, False)}


def test_a_sliding_window_of_monai() -> None:
    model = nn.Conv2d(1, 1, 1)
    images = DataLoader(TensorDataset(torch.rand(2, 1, 8, 8)), batch_size=1)
    module = system(model, dataloaders={"predict": images}, inferer=SlidingWindowInferer(roi_size=4, overlap=0.0))
    predictions = predicted(module)
    with torch.no_grad():
        torch.testing.assert_close(predictions[0]["pred"], model(predictions[0]["input"]))


def test_an_inferer_gets_several_inputs_and_the_time() -> None:
    class Model(nn.Module):
        def forward(self, x: Tensor, y: Tensor, epoch: int) -> Tensor:
            return x + y + epoch

    def inferer(first: Tensor, model: Any, *others: Tensor, **named: Tensor) -> Tensor:
        result: Tensor = model(first, *others, **named)
        return result

    for inputs in ([0, 1], {"x": 0, "y": 1}):
        module = system(Model(), inferer=inferer, adapters={"batch": {"input": inputs}})
        predictions = predicted(module)
        assert torch.equal(predictions[0]["pred"], INPUTS[:4] + TARGETS[:4])


def test_a_model_may_ask_for_epoch_and_step() -> None:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(1, 1)
            self.seen: list[tuple[int, int]] = []

        def forward(self, x: Tensor, step: int, *, epoch: int) -> Tensor:
            self.seen.append((epoch, step))
            result: Tensor = self.layer(x)
            return result

    model = Model()
    trainer(max_epochs=2).fit(system(model, dataloaders={"train": loader()}))
    assert model.seen == [(0, 0), (0, 1), (0, 2), (1, 3), (1, 4), (1, 5)]


@pytest.mark.parametrize("inferer", [None, lambda x, model, *others: model(x, *others)])
def test_a_step_that_the_batch_brings_is_not_that_of_the_trainer(inferer: Any) -> None:
    class Model(nn.Module):
        def forward(self, x: Tensor, step: Tensor, epoch: int, extra: int = 0) -> Tensor:
            return x + step + epoch

    batch = {"batch": BatchAdapter(input=[0, 1])}
    found = predicted(system(Model(), adapters=batch, inferer=inferer))
    assert torch.equal(found[0]["pred"], (INPUTS + TARGETS)[:4])


def test_a_batch_of_none_is_left_out_in_every_mode(caplog: pytest.LogCaptureFixture) -> None:
    def collate(samples: list[Any]) -> Any:
        samples = [sample for sample in samples if sample[0] > 0.2]
        return default_collate(samples) if samples else None

    data = DataLoader(TensorDataset(INPUTS, TARGETS), batch_size=3, collate_fn=collate)
    made = system(dataloaders=dict.fromkeys(["val", "test", "predict"], data), metrics={"test": MeanSquaredError()})
    kept = INPUTS[:, 0] > 0.2
    with torch.no_grad():
        expected = nn.functional.mse_loss(made.model(INPUTS[kept]), TARGETS[kept]).item()
    assert trainer().validate(made, verbose=False)[0]["val/loss/epoch"] == pytest.approx(expected)
    assert trainer().test(made, verbose=False)[0]["test/metrics/MeanSquaredError/epoch"] == pytest.approx(expected)
    with pytest.warns(UserWarning, match="predict returned None"):
        found = predicted(made)
    assert [one is None for one in found] == [True, True, False, False]
    said = [record.getMessage() for record in caplog.records if record.name == "lighter"]
    assert said == [f"{mode}: a batch is None, and is left out" for mode in ("val", "test", "predict")]


def test_without_val_there_is_no_validation_and_no_warning() -> None:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        found = outputs_of(system(dataloaders={"train": loader()}))
    assert found.val == []
    assert [str(one.message) for one in told if "val" in str(one.message)] == []


class Data(pl.LightningDataModule):
    def train_dataloader(self) -> Any:
        return loader()

    def val_dataloader(self) -> Any:
        return loader()

    def predict_dataloader(self) -> Any:
        return loader()


def test_a_datamodule_may_give_the_data() -> None:
    module, found = system(dataloaders=None), Outputs()
    made = trainer(callbacks=[found])
    made.fit(module, datamodule=Data())
    assert len(found.train) == 3
    assert len(found.val) == 5  # with the sanity check's two
    predictions = made.predict(module, datamodule=Data())
    assert predictions is not None
    assert len(predictions) == 3


def test_the_trainer_may_be_given_the_data() -> None:
    found = Outputs()
    trainer(callbacks=[found]).fit(system(dataloaders=None), loader(), loader())
    assert len(found.train) == 3
    assert len(found.val) == 5


@pytest.mark.parametrize("watched", ["val/loss/epoch", "train/loss/epoch"])
def test_early_stopping_and_the_best_checkpoint_go_by_the_logged_values(tmp_path: Path, watched: str) -> None:
    checkpoint = ModelCheckpoint(tmp_path, "best", monitor=watched)

    def worse(pred: Tensor, target: Tensor) -> Tensor:
        return (pred - target).square().mean() * 0 + module.current_epoch + 1.0

    module = system(criterion=worse)
    made = trainer(callbacks=[checkpoint, EarlyStopping(watched, patience=2)], max_epochs=9, enable_checkpointing=True)
    made.fit(module)
    assert made.current_epoch == 3
    assert float(checkpoint.best_model_score or 0) == 1
    assert (tmp_path / "best.ckpt").exists()


def test_a_checkpoint_loads_in_a_stage_that_builds_less(tmp_path: Path) -> None:
    weighted = nn.CrossEntropyLoss(weight=torch.ones(1))
    full = system(criterion=weighted, metrics={"val": MeanMetric()}, adapters={
        "criterion": {"transforms": {"target": lambda target: torch.zeros(len(target), dtype=torch.long)}},
        "metrics": {"arguments": ["pred"]},
    })  # fmt: skip
    made = trainer(default_root_dir=tmp_path)
    made.fit(full)
    made.save_checkpoint(tmp_path / "last.ckpt")
    assert sorted(full.state_dict()) == ["criterion.weight", "model.bias", "model.weight"]
    module = system(criterion=None)
    trainer().test(module, ckpt_path=str(tmp_path / "last.ckpt"), verbose=False)
    torch.testing.assert_close(module.state_dict()["model.weight"], full.state_dict()["model.weight"])


def test_a_resumed_run_that_starts_in_mid_epoch(tmp_path: Path) -> None:
    kept = ModelCheckpoint(tmp_path, "step", every_n_train_steps=2)
    trainer(callbacks=[kept], enable_checkpointing=True, max_steps=2).fit(system(metrics={"train": MeanSquaredError()}))
    module = system(metrics={"train": MeanSquaredError()})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Lightning says that the loader cannot be resumed
        made = trainer()
        made.fit(module, ckpt_path=str(tmp_path / "step.ckpt"))
    assert {"train/loss/epoch", "train/lr", "train/metrics/MeanSquaredError/epoch"} <= made.callback_metrics.keys()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"criterion": None}, "the System has no criterion, and training needs a loss; give it one"),
        ({"optimizer": None}, "the System has no optimizer, and fit needs one; give it one"),
        ({"model": nn.Linear(1, 1).requires_grad_(False)}, "the optimizer has nothing to train"),
    ],
)
def test_what_fit_lacks_is_told(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(RunError, match=message):
        trainer().fit(system(**arguments))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"dataloaders": {"valid": []}}, ValueError, "dataloaders: there is no 'valid'; did you mean 'val'?"),
        ({"metrics": {"trian": []}}, ValueError, "metrics: there is no 'trian'; did you mean 'train'?"),
        ({"metrics": [MeanMetric()]}, TypeError, "metrics: a mapping from train, val, test is wanted"),
        ({"adapters": {"batches": {}}}, ValueError, "adapters: there is no 'batches'; did you mean 'batch'?"),
        ({"optimizer": 3}, TypeError, "optimizer: an Optimizer or a function of the parameters is wanted, not 3"),
    ],
)
def test_wrong_arguments_are_refused_when_it_is_made(
    arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as told:
        system(**arguments)
    assert str(told.value).startswith(message)


def test_validation_needs_no_loss() -> None:
    module = system(criterion=None, metrics={"val": MeanSquaredError()})
    (found,) = trainer().validate(module, verbose=False)
    assert list(found) == ["val/metrics/MeanSquaredError/epoch"]


def test_it_reaches_other_processes() -> None:
    module = system(
        optimizer=torch.optim.SGD,
        dataloaders=None,
        metrics={"train": MeanSquaredError()},
        adapters={"batch": {"input": ["a"]}},
    )
    copy = pickle.loads(pickle.dumps(module))
    torch.testing.assert_close(copy.state_dict(), module.state_dict())


def test_a_copy_has_weights_of_its_own_and_the_same_data() -> None:
    """Callbacks that average weights copy the module with all that is in it."""
    module = system(dataloaders={"train": (lock := threading.Lock())})
    copied = deepcopy(module)
    assert copied.dataloaders[Mode.TRAIN] is lock  # which cannot be copied, like an open file
    torch.testing.assert_close(copied.state_dict(), module.state_dict())
    for mine, other in zip(copied.parameters(), module.parameters(), strict=True):
        assert mine is not other
    assert copied.records[Mode.TRAIN] is not module.records[Mode.TRAIN]


def test_steps_without_a_trainer() -> None:
    module = system(metrics={"train": MeanSquaredError()})
    output = module.training_step((INPUTS, TARGETS), 0)
    assert output["step"] == output["epoch"] == 0
    assert output["loss"].requires_grad
    with torch.no_grad():
        assert module.predict_step(INPUTS, 0)["target"] is None


def test_a_subclass_may_log_and_step_for_itself() -> None:
    class Mine(System):
        def training_step(self, batch: Any, *indices: int) -> dict[str, Any]:
            output = super().training_step(batch, *indices)
            self.log("mine", output["loss"], on_step=False, on_epoch=True)
            return output

    module = Mine(nn.Linear(1, 1), {"train": loader()}, sgd, criterion=nn.MSELoss())
    made = trainer(log_every_n_steps=1)
    made.fit(module)
    assert float(made.callback_metrics["mine"]) == pytest.approx(float(made.callback_metrics["train/loss/epoch"]))
