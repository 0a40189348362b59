import csv
import json
import warnings
from io import StringIO
from pathlib import Path
from typing import Any

from pytorch_lightning.loggers import TensorBoardLogger, WandbLogger
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import metadata
from torch import nn

from lighter import Config
from lighter.runs.folder import RunDirectory
from lighter.runs.trackers.record import Setting, write_trackers
from lighter.runs.trackers.tracking import Tracking
from lighter.training.stages import Stage

LR, SECRET, LONG, FOLDER = "system/optimizer/lr", "vars/api_key", "vars/long", "run/dir"
STEPS = list(range(12))
PLACE = ("trainer", "logger")


def tracking(folder: Path, stage: Stage = Stage.FIT) -> Tracking:
    config = Config.load({"vars": {"a": 1, "api_key": "do-not-tell"}})
    return Tracking(Setting(RunDirectory(folder), "exp", stage), config.tree, {})


def test_calls_that_make_no_logger_are_left_alone(tmp_path: Path) -> None:
    assert tracking(tmp_path).complete(PLACE, nn.Linear, (), {"in_features": 1}) == {}


def test_what_a_call_has_is_not_given_to_it(tmp_path: Path) -> None:
    complete = tracking(tmp_path).complete
    usual = {"save_dir": str(tmp_path / "tensorboard"), "name": "", "version": ""}
    assert complete(PLACE, TensorBoardLogger, (), {}) == usual
    assert complete(PLACE, TensorBoardLogger, ("logs",), {}) == {}
    assert complete(PLACE, TensorBoardLogger, (), {"save_dir": "logs", "name": "mine"}) == {}


def test_what_a_class_of_ones_own_does_not_take_is_not_given_to_it(tmp_path: Path) -> None:
    class Own(TensorBoardLogger):
        def __init__(self, save_dir: str) -> None:
            super().__init__(save_dir)

    assert tracking(tmp_path).complete(PLACE, Own, (), {}) == {"save_dir": str(tmp_path / "tensorboard")}


def test_a_record_counts_for_the_same_kind_at_the_same_place(tmp_path: Path) -> None:
    write_trackers(RunDirectory(tmp_path), {"trainer::logger": {"kind": "WandbLogger", "id": "a1", "project": "p"}})
    complete = tracking(tmp_path).complete
    assert complete(PLACE, WandbLogger, (), {})["id"] == "a1"
    assert "id" not in complete((*PLACE, "0"), WandbLogger, (), {})
    assert complete(PLACE, TensorBoardLogger, (), {})["version"] == ""


def test_hyperparameters_are_the_config_without_secrets_and_the_folder(tmp_path: Path) -> None:
    found = tracking(tmp_path).hyperparameters()
    assert found == {"vars/a": 1, "vars/api_key": "$env('API_KEY')", FOLDER: str(tmp_path)}


def test_nothing_leaves_the_machine(tracked: Any) -> None:
    assert not tracked.asked_outside
    assert not (tracked.folder / "outside.txt").exists()


def test_metrics_csv_goes_on_where_the_checkpoint_was(tracked: Any) -> None:
    before, after = rows(tracked.rows), rows((tracked.run / "metrics.csv").read_text(encoding="utf-8"))
    assert [row["step"] for row in before if row["train/loss/step"]] == ["0", "1", "2", "3", "4"]
    assert [row["step"] for row in after if row["train/loss/step"]] == [str(step) for step in STEPS]
    for name in ("train/loss/epoch", "val/loss/epoch"):
        assert [row["step"] for row in after if row[name]] == ["2", "5", "8", "11"]
    assert after[:5] == before[:5]


def test_tensorboard_has_each_step_once(tracked: Any) -> None:
    with warnings.catch_warnings():  # of NumPy, in TensorBoard's reader
        warnings.simplefilter("ignore")
        found = EventAccumulator(str(tracked.run / "tensorboard")).Reload()
    assert [event.step for event in found.Scalars("train/loss/step")] == STEPS
    losses = {row["step"]: row["train/loss/step"] for row in last_rows(tracked) if row["train/loss/step"]}
    for event in found.Scalars("train/loss/step"):
        assert abs(event.value - float(losses[str(event.step)])) < 1e-6
    assert "test/metrics/error/epoch" in found.Tags()["scalars"]
    start = found.PluginTagToContent("hparams")["_hparams_/session_start_info"]
    parameters = metadata.parse_session_start_info_plugin_data(start).hparams
    assert parameters[LR].number_value == 0.1
    assert parameters[FOLDER].string_value == str(tracked.run)
    assert "do-not-tell" not in str(parameters)


def test_mlflow_has_one_run_with_all(tracked: Any) -> None:
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{tracked.folder}/mlflow.db")
    experiment = client.get_experiment_by_name("exp")
    assert experiment is not None
    (run,) = client.search_runs([experiment.experiment_id])
    assert (run.info.run_name, run.info.status) == (tracked.run.name, "FINISHED")
    assert run.info.run_id == record(tracked)["trainer::logger::1"]["run_id"]
    # What is done again is logged again: MLflow takes nothing back.
    again = [metric.step for metric in client.get_metric_history(run.info.run_id, "train/loss/step")]
    assert again == [0, 1, 2, 3, 4, *STEPS[3:]]
    assert "test/metrics/error/epoch" in run.data.metrics
    assert (run.data.params[LR], run.data.params[FOLDER]) == ("0.1", str(tracked.run))
    assert run.data.params[LONG] == "x" * 6000
    assert "do-not-tell" not in str(run.data.params)


def test_weights_and_biases_has_one_run_in_parts(tracked: Any, wandb_records: Any) -> None:
    parts = sorted((tracked.run / "wandb").glob("offline-run-*/run-*.wandb"))
    (run,) = {path.stem.removeprefix("run-") for path in parts}
    assert run == record(tracked)["trainer::logger::2"]["id"]
    _, gone_on, tested = map(wandb_records, parts)  # of the first it may not have written anything when it was killed
    assert [step for step, _ in losses_of(gone_on)] == STEPS[3:]
    assert "test/metrics/error/epoch" in {item.key or item.nested_key[0] for r in tested for item in r.history.item}
    parameters = {u.key: json.loads(u.value_json) for r in gone_on for u in [*r.run.config.update, *r.config.update]}
    assert (parameters[LR], parameters[FOLDER]) == (0.1, str(tracked.run))
    assert "do-not-tell" not in str(parameters)
    (project,) = {r.run.project for r in (*gone_on, *tested) if r.HasField("run")}
    assert project == "exp"


def losses_of(records: list[Any]) -> list[tuple[int, float]]:
    found = []
    for r in records:
        items = {item.key or "/".join(item.nested_key): json.loads(item.value_json) for item in r.history.item}
        if "train/loss/step" in items:
            found.append((items["trainer/global_step"], items["train/loss/step"]))
    return found


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text)))


def last_rows(tracked: Any) -> list[dict[str, str]]:
    return rows((tracked.run / "metrics.csv").read_text(encoding="utf-8"))


def record(tracked: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((tracked.run / "trackers.json").read_text(encoding="utf-8"))
    return found
