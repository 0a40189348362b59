import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl
from pytorch_lightning.loggers import CSVLogger, MLFlowLogger, TensorBoardLogger

from lighter.runs.folder import RunDirectory
from lighter.runs.trackers.loggers import closing_trackers, is_of_run, stage_loggers
from lighter.training.stages import Stage

RUNS = """
import os
import sys

import wandb
from pytorch_lightning.loggers import WandbLogger

from lighter.runs.trackers.loggers import closing_trackers

with closing_trackers():
    first = WandbLogger(offline=True, save_dir=".").experiment.id
assert wandb.run is None
assert "WANDB_MODE" not in os.environ
try:
    with closing_trackers():
        assert WandbLogger(offline=True, save_dir=".").experiment.id != first
        raise KeyError("of the user")
except KeyError as error:
    assert error.__context__ is None
assert wandb.run is None

own = wandb.init(mode="offline")
with closing_trackers():
    assert wandb.run is own
assert wandb.run is own
own.finish()
"""

HEADER = "epoch,step,train\r\n"


def test_mlflows_store_is_forgotten(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import mlflow

    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://before")
    with closing_trackers():
        _ = MLFlowLogger("exp", tracking_uri=store).experiment
        assert mlflow.get_tracking_uri() == os.environ["MLFLOW_TRACKING_URI"] != "http://before"
    assert mlflow.get_tracking_uri() == os.environ["MLFLOW_TRACKING_URI"] == "http://before"
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    with closing_trackers():
        mlflow.set_tracking_uri(store)
    assert "MLFLOW_TRACKING_URI" not in os.environ
    assert not mlflow.is_tracking_uri_set()


def test_a_run_of_weights_and_biases_ends_with_its_stage(tmp_path: Path, wandb_records: Any) -> None:
    places = {f"WANDB_{name}_DIR": str(tmp_path) for name in ("CACHE", "CONFIG", "DATA")}
    done = subprocess.run([sys.executable, "-c", RUNS], cwd=tmp_path, env={**os.environ, **places}, check=False)
    assert done.returncode == 0
    ended = {path: [r.exit.exit_code for r in wandb_records(path) if r.HasField("exit")] for path in runs(tmp_path)}
    assert sorted(ended.values()) == [[0], [0], [1]]


def runs(folder: Path) -> list[Path]:
    return list((folder / "wandb").glob("offline-run-*/*.wandb"))


def test_nothing_is_imported_for_it() -> None:
    code = (
        "import sys\nfrom lighter.runs.trackers.loggers import closing_trackers\n"
        "with closing_trackers(): pass\nassert not {'wandb', 'mlflow', 'torch'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


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
