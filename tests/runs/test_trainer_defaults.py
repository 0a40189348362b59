from functools import partial
from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import (
    BasePredictionWriter,
    EarlyStopping,
    ModelCheckpoint,
    ModelSummary,
    RichProgressBar,
    TQDMProgressBar,
)
from pytorch_lightning.loggers import CSVLogger
from torch import nn
from torch.utils.data import DataLoader

from lighter import Runner, System
from lighter.callbacks import FileWriter, TableWriter
from lighter.errors import RunError
from lighter.runs.console.overview import Overview
from lighter.runs.folder import RunDirectory
from lighter.runs.kept_checkpoints import CheckpointRecord
from lighter.runs.resume.checkpoint_boundaries import CheckpointBoundaries
from lighter.runs.resume.resume_point import ResumePoint
from lighter.runs.trainer_defaults import complete, with_console, writes_predictions
from lighter.training.stages import Stage


def completed(tmp_path: Path, stage: Stage = Stage.FIT, loaders: dict[str, Any] | None = None, **given: Any) -> Any:
    system = System(nn.Linear(1, 1), dataloaders={"val": []} if loaders is None else loaders)
    point = ResumePoint(tmp_path / "checkpoints") if stage is Stage.FIT else None
    return complete(partial(pl.Trainer, **given), RunDirectory(tmp_path), stage, system, point=point)


def test_fit_gets_folder_log_and_checkpoints(tmp_path: Path) -> None:
    given = completed(tmp_path).keywords
    assert given["default_root_dir"] == str(tmp_path)
    assert isinstance(given["logger"], CSVLogger)
    first, best, record, last = given["callbacks"]
    assert isinstance(record, CheckpointRecord)
    assert isinstance(first, ResumePoint)
    assert isinstance(last, CheckpointBoundaries)
    assert last.point is first
    assert (best.filename, best.monitor, best.mode) == ("best", "val/loss/epoch", "min")


def test_what_the_config_sets_stays(tmp_path: Path) -> None:
    own = ModelCheckpoint()
    given = completed(tmp_path, logger=False, callbacks=[own], default_root_dir="elsewhere", max_epochs=3).keywords
    first, *callbacks, _, last = given.pop("callbacks")
    assert (type(first), callbacks, type(last)) == (ResumePoint, [own], CheckpointBoundaries)
    assert given == {"logger": False, "default_root_dir": "elsewhere", "max_epochs": 3}


def test_checkpoints_of_the_configs_own_lie_in_the_run_folder(tmp_path: Path) -> None:
    own, elsewhere = ModelCheckpoint(), ModelCheckpoint(str(tmp_path / "elsewhere"))
    completed(tmp_path, callbacks=[own, elsewhere])
    found = [Path(str(one.dirpath)) for one in (own, elsewhere)]
    assert found == [tmp_path / "checkpoints", tmp_path / "elsewhere"]


@pytest.mark.parametrize("path", ["config.yaml", "checkpoints/last.ckpt", "./a/../results.json", ".lock/x.csv"])
def test_predictions_are_not_written_over_what_the_run_writes(tmp_path: Path, path: str) -> None:
    told = rf"TableWriter: the path '{Path(path)}' is of what the run itself writes; write another, such as path: pred"
    with pytest.raises(RunError, match=told):
        completed(tmp_path, Stage.PREDICT, callbacks=[TableWriter(path, format="csv")])
    for callback in (TableWriter("predictions/config.yaml", format="csv"), FileWriter("out"), FileWriter(tmp_path)):
        completed(tmp_path, Stage.PREDICT, callbacks=[callback])
    completed(tmp_path, Stage.PREDICT, callbacks=[TableWriter(path, format="csv")], default_root_dir="elsewhere")


def test_torchrun_says_how_many_devices_there_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "devices" not in completed(tmp_path).keywords
    for variable, value in {"TORCHELASTIC_RUN_ID": "a", "LOCAL_WORLD_SIZE": "2", "GROUP_WORLD_SIZE": "3"}.items():
        monkeypatch.setenv(variable, value)
    for completion in (completed(tmp_path), completed(tmp_path, devices="auto")):
        assert completion.keywords.items() >= {"devices": 2, "num_nodes": 3}.items()
    given = completed(tmp_path, devices=[1]).keywords
    assert given["devices"] == [1]
    assert "num_nodes" not in given


def test_best_is_by_what_early_stopping_watches(tmp_path: Path) -> None:
    stopping = EarlyStopping("val/metrics/f1/epoch", mode="max")
    best = completed(tmp_path, callbacks=stopping).keywords["callbacks"][-3]
    assert (best.monitor, best.mode) == ("val/metrics/f1/epoch", "max")


def test_without_val_data_there_is_only_last(tmp_path: Path) -> None:
    assert [type(c) for c in completed(tmp_path, loaders={}).keywords["callbacks"]] == [
        ResumePoint,
        CheckpointBoundaries,
    ]


class Data(pl.LightningDataModule):
    def train_dataloader(self):
        return DataLoader(torch.ones(4, 1), batch_size=2)


class ValidatedData(Data):
    val_dataloader = Data.train_dataloader


@pytest.mark.parametrize(("data", "kinds"), [(Data(), []), (ValidatedData(), [ModelCheckpoint, CheckpointRecord])])
def test_a_datamodule_with_val_data_has_a_best_checkpoint(tmp_path: Path, data: Any, kinds: list[type]) -> None:
    system = System(nn.Linear(1, 1))
    given = complete(partial(pl.Trainer), RunDirectory(tmp_path), Stage.FIT, system, data).keywords
    assert [type(one) for one in given["callbacks"]] == kinds


def test_no_checkpoints_where_the_config_wants_none(tmp_path: Path) -> None:
    assert "callbacks" not in completed(tmp_path, enable_checkpointing=False).keywords
    assert "callbacks" not in completed(tmp_path, fast_dev_run=True).keywords
    assert "callbacks" not in completed(tmp_path, barebones=True).keywords


@pytest.mark.parametrize("stage", [Stage.VALIDATE, Stage.TEST])
def test_evaluation_leaves_log_and_checkpoints_alone(tmp_path: Path, stage: Stage) -> None:
    given = completed(tmp_path, stage).keywords
    assert given == {"default_root_dir": str(tmp_path), "logger": False, "enable_checkpointing": False}


def test_predict_gets_a_writer_unless_there_is_one(tmp_path: Path) -> None:
    (writer,) = completed(tmp_path, Stage.PREDICT).keywords["callbacks"]
    assert writer.writes_predictions
    assert completed(tmp_path, Stage.PREDICT, callbacks=[writer]).keywords["callbacks"] == [writer]


def test_a_prediction_writer_of_lightnings_is_a_writer_too(tmp_path: Path) -> None:
    writer = BasePredictionWriter("batch")
    assert completed(tmp_path, Stage.PREDICT, callbacks=writer).keywords["callbacks"] is writer
    assert writes_predictions([writer])
    assert not writes_predictions([EarlyStopping("x")])


def test_a_trainer_of_ones_own_gets_what_it_takes(tmp_path: Path) -> None:
    def trainer(max_epochs: int, callbacks: list[Any]) -> pl.Trainer:
        return pl.Trainer(max_epochs=max_epochs, callbacks=callbacks)

    system = System(nn.Linear(1, 1))
    given = complete(partial(trainer, max_epochs=1), RunDirectory(tmp_path), Stage.FIT, system).keywords
    assert given.keys() == {"max_epochs", "callbacks"}


OTHER = """
import lightning.pytorch as pl
import torch


class Module(pl.LightningModule):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(1, 1)

    def training_step(self, batch, batch_idx):
        loss = self.layer(batch).square().sum()
        self.log("loss", loss)
        return loss

    def train_dataloader(self):
        return torch.utils.data.DataLoader(torch.ones(2, 1))

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1)
"""


def test_a_trainer_of_the_other_package_gets_its_own_classes(tmp_path: Path) -> None:
    from lightning import pytorch as other

    trainer: Any = partial(other.Trainer, callbacks=[other.callbacks.EarlyStopping("a", mode="max")])
    given = complete(trainer, RunDirectory(tmp_path), Stage.FIT, System(nn.Linear(1, 1))).keywords
    assert type(given["logger"]) is other.loggers.CSVLogger
    checkpoints = [c for c in given["callbacks"] if type(c) is other.callbacks.ModelCheckpoint]
    assert {c.filename: c.monitor for c in checkpoints} == {"best": "a"}


def test_a_module_of_the_other_package_runs_with_its_trainer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "lit.py").write_text(OTHER, encoding="utf-8")
    trainer = {"_target_": "lightning.pytorch.Trainer", "max_epochs": 1, "accelerator": "cpu", "log_every_n_steps": 1}
    quiet = {"enable_progress_bar": False, "enable_model_summary": False}
    config = {"project": "other", "system": {"_target_": "other.lit.Module"}, "trainer": {**trainer, **quiet}}
    result = Runner(config).fit()
    assert "loss" in result.metrics
    assert Path(result.checkpoints["last"]).is_file()
    assert (result.run.path / "metrics.csv").is_file()
    again = Runner(config, "trainer::max_epochs=2").fit(result.checkpoints["last"])
    assert again.metrics["loss"] < result.metrics["loss"]


def given(tmp_path, trainer=pl.Trainer, **options):
    return with_console(partial(trainer, **options), tmp_path / "log.txt", ["hunter2-hunter2"]).keywords


def bars(keywords):
    return [type(c).__name__ for c in keywords["callbacks"] if isinstance(c, pl.callbacks.ProgressBar)]


@pytest.mark.parametrize("options", [{}, {"enable_progress_bar": None, "enable_model_summary": None}])
def test_where_nothing_is_set_both_are_lighter_s(tmp_path, options):
    stopping = EarlyStopping("loss")
    keywords = given(tmp_path, max_epochs=3, callbacks=stopping, **options)
    assert keywords["callbacks"][0] is stopping
    assert bars(keywords) == ["Progress"]
    (overview,) = (c for c in keywords["callbacks"] if isinstance(c, Overview))
    assert overview.counts_parameters
    assert overview.path == tmp_path / "log.txt"
    assert overview.secrets == ["hunter2-hunter2"]
    assert keywords["enable_model_summary"] is False
    assert keywords["max_epochs"] == 3
    trainer = pl.Trainer(**keywords, accelerator="cpu", logger=False)
    assert not any(isinstance(c, ModelSummary | RichProgressBar) for c in trainer.callbacks)


@pytest.mark.parametrize(
    ("options", "names", "summary"),
    [
        ({"enable_progress_bar": False}, [], False),
        ({"enable_progress_bar": True}, ["Progress"], False),
        ({"callbacks": [TQDMProgressBar()]}, ["TQDMProgressBar"], False),
        ({"enable_model_summary": True}, ["Progress"], True),
        ({"callbacks": [ModelSummary(max_depth=2)]}, ["Progress"], None),
    ],
)
def test_what_is_set_stays(tmp_path, options, names, summary):
    keywords = given(tmp_path, **options)
    assert bars(keywords) == names
    assert keywords.get("enable_model_summary") is summary
    (overview,) = (c for c in keywords["callbacks"] if isinstance(c, Overview))
    assert overview.counts_parameters is (summary is False)
    pl.Trainer(**keywords, accelerator="cpu", logger=False)


def test_a_trainer_without_anything_stays_without(tmp_path):
    assert given(tmp_path, barebones=True) == {"barebones": True}


class Quiet(pl.Trainer):
    def __init__(self, *, callbacks=None, enable_progress_bar=False, **options):
        super().__init__(callbacks=callbacks, enable_progress_bar=enable_progress_bar, **options)


def made(max_epochs):
    return pl.Trainer(max_epochs=max_epochs, logger=False)


def test_a_trainer_of_the_user_s_own_gets_what_it_takes(tmp_path):
    assert bars(given(tmp_path, Quiet)) == []
    assert given(tmp_path, made, max_epochs=1) == {"max_epochs": 1}


def test_a_trainer_of_the_other_package_gets_its_own_bar(tmp_path):
    from lightning import pytorch as other

    keywords = given(tmp_path, other.Trainer)
    trainer = other.Trainer(**keywords, accelerator="cpu", logger=False)
    assert type(trainer.progress_bar_callback).__name__ == "Progress"
