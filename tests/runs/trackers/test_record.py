from pathlib import Path

from pytorch_lightning.loggers import CSVLogger, MLFlowLogger, TensorBoardLogger
from pytorch_lightning.loggers.logger import DummyLogger

from lighter.runs.folder import RunDirectory
from lighter.runs.trackers.record import identity, recorded_trackers, reopen, write_trackers


def test_what_is_written_down_is_read_back(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    assert recorded_trackers(run) == {}
    write_trackers(run, {"trainer::logger": {"kind": "WandbLogger", "id": "a1"}})
    assert recorded_trackers(run) == {"trainer::logger": {"kind": "WandbLogger", "id": "a1"}}
    assert [path.name for path in tmp_path.iterdir()] == ["trackers.json"]


def test_a_version_tells_the_folder(tmp_path: Path) -> None:
    (tmp_path / "logs" / "version_3").mkdir(parents=True)
    for logger in (TensorBoardLogger(tmp_path, "logs"), CSVLogger(tmp_path, "logs")):
        assert identity(logger) == {"kind": type(logger).__name__, "version": 4}


def test_an_ended_run_of_mlflow_is_found_and_runs_again(store: str) -> None:
    logger = MLFlowLogger("exp", tracking_uri=store)
    found = identity(logger)
    assert found == {"kind": "MLFlowLogger", "run_id": logger.run_id, "tracking_uri": store}
    logger.finalize("failed")
    again = MLFlowLogger("other", tracking_uri=store, run_id=found["run_id"])
    reopen(again, {})
    assert again.experiment.get_run(found["run_id"]).info.status == "RUNNING"
    assert again.experiment_id == logger.experiment_id


def test_of_other_loggers_nothing_is_known() -> None:
    assert identity(DummyLogger()) is None
    reopen(DummyLogger(), {})
