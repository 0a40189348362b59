import sys
from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl
from lightning.pytorch import loggers as others
from pytorch_lightning import loggers
from torch import nn

from lighter import Config
from lighter.config.logger_schema import left_to_run, takes, tracker_kind, unmet_import


class Own(loggers.TensorBoardLogger):
    def __init__(self, save_dir: str, owner: str, **more: Any) -> None:
        super().__init__(save_dir, **more)


class Whole(loggers.TensorBoardLogger):
    def __init__(self, **more: Any) -> None:
        super().__init__("here", **more)


class Alone(loggers.Logger):
    name, version = "alone", 0


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        (loggers.TensorBoardLogger, "TensorBoardLogger"),
        (others.MLFlowLogger, "MLFlowLogger"),
        (Own, "TensorBoardLogger"),
        (Alone, "Logger"),
        (nn.Linear, None),
        (pl.Trainer, None),
        (len, None),
    ],
)
def test_the_kind_of_a_class(target: object, kind: str | None) -> None:
    assert tracker_kind(target) == kind


def test_what_a_run_gives_where_it_is_required() -> None:
    assert left_to_run(others.TensorBoardLogger) == left_to_run(Own) == left_to_run(loggers.CSVLogger) == ("save_dir",)
    assert left_to_run(loggers.WandbLogger) == left_to_run(nn.Linear) == ()


def test_what_a_class_takes() -> None:
    assert takes(loggers.TensorBoardLogger, "save_dir")
    assert takes(loggers.TensorBoardLogger, "purge_step")  # by its `**kwargs`, to TensorBoard's writer
    assert not takes(loggers.CSVLogger, "purge_step")
    assert takes(Own, "save_dir")
    assert not takes(Whole, "save_dir")  # whatever stands in `**more` may be there already


def test_a_run_may_leave_out_where_to_write(line: Path) -> None:
    config = Config.load(
        "config.yaml", {"trainer": {"logger": {"_target_": "pytorch_lightning.loggers.TensorBoardLogger"}}}
    )
    assert config.check("fit") == []
    (problem,) = Config.load(config["trainer::logger"]).check()
    assert problem.what == "pytorch_lightning.loggers.TensorBoardLogger needs the argument 'save_dir'"


def test_a_package_that_is_not_there_is_told(line: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert unmet_import(loggers.MLFlowLogger) is None
    monkeypatch.setitem(sys.modules, "mlflow", None)
    logger = {"_target_": "pytorch_lightning.loggers.MLFlowLogger"}
    (problem,) = Config.load("config.yaml", {"trainer": {"logger": logger}}).check("fit")
    assert problem.what == "pytorch_lightning.loggers.MLFlowLogger needs 'mlflow', which is not installed"
    assert problem.help == "pip install 'lighter[mlflow]'"
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    assert unmet_import(Own) == ("tensorboard", "tensorboard")


def test_what_else_a_logger_requires_is_told(line: Path) -> None:
    (line / "line" / "own.py").write_text(
        "from pytorch_lightning.loggers import CSVLogger\n\n\n"
        "class Own(CSVLogger):\n    def __init__(self, save_dir, owner):\n        super().__init__(save_dir)\n",
        encoding="utf-8",
    )
    (problem,) = Config.load("config.yaml", {"trainer": {"logger": {"_target_": "line.own.Own"}}}).check("fit")
    assert problem.what == "line.own.Own needs the argument 'owner'"
