"""The example of plugins, projects/svc, keeps what it promises."""

import csv
from pathlib import Path
from types import ModuleType

import pytest

from lighter import Runner
from lighter.project.importable import unload
from lighter.utils.dynamic_imports import import_module_from_path

PROJECTS = Path(__file__).parents[1] / "projects"
CONFIG = PROJECTS / "svc" / "config.yaml"
PROMISED = 0.98


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    yield
    unload()


def module(name: str) -> ModuleType:
    folder, _, _ = name.partition(".")
    return import_module_from_path(name, str(PROJECTS / folder))


def test_the_digits_are_learned_tested_and_predicted(capfd: pytest.CaptureFixture[str]) -> None:
    run = Runner(CONFIG).fit().run
    assert "fit/svc.SVC: 25% gamma 0.01, accuracy 0." in capfd.readouterr().out
    assert Runner(CONFIG).test("best").metrics["test/metrics/accuracy/epoch"] >= PROMISED
    (path,) = Runner(CONFIG).predict("best").written
    assert path == run.path / "predictions" / "predictions.csv"
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert sum(row["digit"] == row["label"] for row in rows) / len(rows) >= PROMISED


@pytest.mark.parametrize("split", ["train", "val", "test"])
def test_the_parts_are_those_of_the_network(split: str) -> None:
    found, other = module("svc.plugins").digits(split), module("digits.datasets").Digits(split)
    assert (found["ids"] == other.indices).all()
    assert (found["labels"] == other.labels.numpy()).all()
    assert found["images"] == pytest.approx(other.images.flatten(1).numpy())


def test_the_comparison_runs_both(capfd: pytest.CaptureFixture[str]) -> None:
    compare = module("svc.compare")
    few = ["max_epochs=1", "limit_train_batches=2", "limit_val_batches=1", "limit_test_batches=2"]
    quiet = ["log_every_n_steps=1", "enable_progress_bar=false", "enable_model_summary=false"]
    network = [f"trainer::{one}" for one in (*few, *quiet)]
    found = compare.compare(network, ["system::data::train::limit=200"])
    assert found["support vectors"] > found["network"]
    compare.Console().print(compare.table(found))
    assert f"support vectors │ {found['support vectors']:.4f}" in capfd.readouterr().out
