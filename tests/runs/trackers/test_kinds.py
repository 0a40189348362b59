"""What each kind of logger is given."""

from pathlib import Path
from typing import Any

import pytest

from lighter.runs.folder import RunDirectory
from lighter.runs.trackers.kinds import arguments_of
from lighter.runs.trackers.record import Setting
from lighter.training.stages import Stage

RUN = Path("runs", "exp", "2026-01-31_12-00-00")


FIT = Setting(RunDirectory(RUN), "exp", Stage.FIT)


def given(kind: str, *own: str, known: dict[str, Any] | None = None, setting: Setting = FIT) -> dict[str, Any]:
    return arguments_of(kind, own, known or {}, setting)


def test_tensorboard_writes_into_the_run_folder() -> None:
    assert given("TensorBoardLogger") == {"save_dir": str(RUN / "tensorboard"), "name": "", "version": ""}
    assert given("TensorBoardLogger", "name") == {"save_dir": str(RUN / "tensorboard"), "version": ""}
    assert given("TensorBoardLogger", "save_dir") == {}


def test_tensorboard_goes_on_at_the_step() -> None:
    again = Setting(FIT.run, "exp", Stage.FIT, 3)
    assert given("TensorBoardLogger", setting=again)["purge_step"] == 3
    own = given("TensorBoardLogger", "save_dir", known={"version": 4}, setting=again)
    assert own == {"version": 4, "purge_step": 3}
    assert given("TensorBoardLogger", "save_dir", "version", known={"version": 4}) == {}


def test_csv_is_the_runs_own_and_that_of_another_stage_beside_it() -> None:
    assert given("CSVLogger") == {"save_dir": str(RUN), "name": None, "version": ""}
    test = Setting(FIT.run, "exp", Stage.TEST)
    assert given("CSVLogger", setting=test) == {"save_dir": str(RUN), "name": None, "version": "test"}
    assert given("CSVLogger", "save_dir", known={"version": 2}) == {"version": 2}
    assert given("CSVLogger", "save_dir", known={"version": 2}, setting=test) == {}


def test_mlflow_writes_where_mlflow_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    expected = {"experiment_name": "exp", "run_name": RUN.name, "tracking_uri": f"sqlite:///{tmp_path}/mlflow.db"}
    assert given("MLFlowLogger") == expected
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://tracking.lab:5000")
    assert given("MLFlowLogger")["tracking_uri"] == "http://tracking.lab:5000"
    for own in ("save_dir", "tracking_uri"):
        assert "tracking_uri" not in given("MLFlowLogger", own)


def test_mlflow_goes_on_in_its_run() -> None:
    known = {"run_id": "a1", "tracking_uri": "sqlite:////elsewhere/mlflow.db"}
    assert given("MLFlowLogger", known=known).items() >= known.items()
    assert given("MLFlowLogger", "run_id", known=known).keys() & known.keys() == {"tracking_uri"}


def test_weights_and_biases_write_into_the_run_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WANDB_PROJECT", raising=False)
    assert given("WandbLogger") == {"name": RUN.name, "project": "exp", "save_dir": str(RUN)}
    assert "save_dir" not in given("WandbLogger", "dir")
    assert given("WandbLogger", "experiment") == {}
    odd = Setting(FIT.run, "a/b:c", Stage.FIT)
    assert given("WandbLogger", setting=odd)["project"] == "a-b-c"
    monkeypatch.setenv("WANDB_PROJECT", "lab")
    assert given("WandbLogger")["project"] == "lab"


def test_weights_and_biases_go_on_in_their_run() -> None:
    known = {"id": "a1", "project": "before"}
    assert given("WandbLogger", known=known).items() >= known.items()
    assert "id" not in given("WandbLogger", "version", known=known)


def test_other_loggers_are_given_nothing() -> None:
    assert given("CometLogger") == given("Logger") == {}
