from pathlib import Path
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pytorch_lightning.loggers import CSVLogger, MLFlowLogger, TensorBoardLogger
from pytorch_lightning.loggers.logger import DummyLogger

from lighter.runs.folder import RunDirectory
from lighter.runs.trackers.kinds import identity, reopen
from lighter.runs.trackers.record import flat, log_hyperparameters, recorded_trackers, write_trackers


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


def test_keys_lead_to_plain_values() -> None:
    config = {"system": {"optimizer": {"lr": 0.1, "betas": [0.9, 0.99]}}, "seed": 1, "data": None, "is": True}
    assert flat(config) == {
        "system/optimizer/lr": 0.1,
        "system/optimizer/betas": "[0.9, 0.99]",
        "seed": 1,
        "data": None,
        "is": True,
    }


def test_items_of_a_list_that_are_not_plain_have_numbers() -> None:
    assert flat({"callbacks": [{"patience": 3}, "@x"]}) == {"callbacks/0/patience": 3, "callbacks/1": "@x"}


def test_what_is_empty_or_no_plain_value_is_a_text() -> None:
    assert flat({"a": {}, "b": [], "c": Path("x"), 1: int}) == {"a": "{}", "b": "[]", "c": "x", "1": "<class 'int'>"}


def test_other_loggers_get_them_by_their_own_method(tmp_path: Path) -> None:
    logger = CSVLogger(tmp_path, name=None, version="")
    log_hyperparameters(logger, {"system/lr": 0.1, "long": "x" * 9000})
    written = yaml.safe_load((tmp_path / "hparams.yaml").read_text(encoding="utf-8"))
    assert written == {"system/lr": 0.1, "long": "x" * 9000}


ODD = {"a/b:c": 1, "plus+": 2, "/top": 3, "a//b": 4, "up/../b": 5, "k" * 300: 6, "ä ö": 7, "..": 8, ".": 9, "": 10}


def test_mlflow_gets_keys_and_values_that_it_takes(store: str) -> None:
    logger = MLFlowLogger("exp", tracking_uri=store)
    many: dict[str, Any] = {**ODD, "long": "x" * 7000, **{f"many/{n}": n for n in range(250)}}
    log_hyperparameters(logger, many)
    found = logger.experiment.get_run(logger.run_id).data.params
    assert found.items() >= {"a/b_c": "1", "plus_": "2", "_/top": "3", "a/_/b": "4", "up/_/b": "5"}.items()
    assert found.items() >= {"k" * 250: "6", "ä ö": "7", "many/249": "249"}.items()
    assert found["long"] == "x" * 6000


NAMES = st.text("abc", min_size=1)


TREES = st.recursive(st.integers(), lambda below: st.dictionaries(NAMES, below, min_size=1), max_leaves=8)


@settings(max_examples=40)
@given(st.dictionaries(NAMES, TREES))
def test_the_keys_lead_to_the_value(tree: Any) -> None:
    found = flat(tree)
    for key, value in found.items() if tree else ():
        below = tree
        for part in key.split("/"):
            below = below[part]
        assert below == value
    assert len(found) == str(tree).count(": ") - str(tree).count(": {") + (not tree)
