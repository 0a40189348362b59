import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pytorch_lightning.loggers import MLFlowLogger

from lighter.trackers.closing import closing_trackers

RUNS = """
import os
import sys

import wandb
from pytorch_lightning.loggers import WandbLogger

from lighter.trackers.closing import closing_trackers

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
        "import sys\nfrom lighter.trackers.closing import closing_trackers\n"
        "with closing_trackers(): pass\nassert not {'wandb', 'mlflow', 'torch'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
