from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl
from pytorch_lightning.loggers import CSVLogger, TensorBoardLogger

from lighter.run_directory import RunDirectory
from lighter.trackers.loggers import is_of_run, stage_loggers
from lighter.training.stages import Stage


def loggers(named: Any, folder: Path, stage: Stage = Stage.FIT, goes_on: bool = False) -> Any:
    return stage_loggers(named, RunDirectory(folder), stage, pl, goes_on)


def test_a_fit_without_loggers_writes_its_metrics(tmp_path: Path) -> None:
    assert is_of_run(loggers(True, tmp_path), RunDirectory(tmp_path))
    assert loggers(True, tmp_path, Stage.TEST) is False


@pytest.mark.parametrize("named", [False, None, []])
def test_where_the_config_wants_none_there_are_none(tmp_path: Path, named: Any) -> None:
    assert loggers(named, tmp_path) is named


def test_a_fit_writes_its_metrics_beside_what_the_config_names(tmp_path: Path) -> None:
    named = TensorBoardLogger(tmp_path)
    for given in (named, [named], (named,)):
        first, own = loggers(given, tmp_path)
        assert first is named
        assert is_of_run(own, RunDirectory(tmp_path))


def test_other_stages_have_what_the_config_names(tmp_path: Path) -> None:
    named = TensorBoardLogger(tmp_path)
    assert loggers(named, tmp_path, Stage.TEST) is named
    assert loggers([named], tmp_path, Stage.TEST) == [named]


def test_a_csv_logger_of_the_config_in_the_run_folder_is_enough(tmp_path: Path) -> None:
    named = CSVLogger(tmp_path, name=None, version="", flush_logs_every_n_steps=1)
    assert loggers(named, tmp_path) is named
    assert loggers([named], tmp_path) == [named]
    elsewhere = CSVLogger(tmp_path, name="mine")
    assert len(loggers(elsewhere, tmp_path)) == 2


def test_a_fit_that_goes_on_keeps_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    path.write_text("epoch,step\n0,0\n", encoding="utf-8")
    loggers(True, tmp_path, goes_on=True)
    assert path.read_text(encoding="utf-8") == "epoch,step\n0,0\n"
    loggers(True, tmp_path)
    assert not path.exists()
