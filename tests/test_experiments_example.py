"""The example of experiments from parts keeps what its README promises."""

import csv
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from lighter import Config, Runner
from lighter.cli import main

EXAMPLE = Path(__file__).parents[1] / "projects" / "experiments"
FEW = (
    "trainer::max_epochs=1",
    "trainer::limit_train_batches=2",
    "trainer::limit_val_batches=1",
    "trainer::log_every_n_steps=1",
)
ONCE = ("trainer::limit_test_batches=1", "trainer::logger=false", "trainer::accelerator=cpu")
TRACKING = """
from pytorch_lightning.loggers import CSVLogger


class Tracker(CSVLogger):
    def __init__(self, api_key, folder):
        assert api_key == "t0ps3cret"
        super().__init__(folder, name=None, version="")
"""
STEPS = """
import torch
from lighter import System


class Noisy(System):
    def __init__(self, strength, **parts):
        super().__init__(**parts)
        self.strength = strength
        self.steps = 0

    def training_step(self, batch, *indices):
        images, labels = batch
        self.steps += 1
        return super().training_step((images + self.strength * torch.randn_like(images), labels), *indices)
"""
TRACKER = """
trainer:
  logger: {_target_: project.tracking.Tracker, api_key: t0ps3cret, folder: tracked}
"""


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the example's folder, and in it."""
    folder = tmp_path / "example"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("runs", "__pycache__", "mine.yaml"))
    monkeypatch.chdir(folder)
    return folder


def test_the_command_of_the_readme_compares_networks_and_tasks(
    example: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    main(["run", "experiments/all.yaml", *FEW, "trainer::limit_test_batches=1", "--run_dir=out"])
    with Path("out/summary.csv").open(encoding="utf-8") as file:
        rows = {row["name"]: row for row in csv.DictReader(file)}
    assert list(rows) == ["perceptron", "convolutional", "convolutional_odd_or_even"]
    assert all(row["status"] == "ok" and row["test/metrics/accuracy/epoch"] for row in rows.values())
    assert "test/accuracy" in capfd.readouterr().out


@pytest.mark.parametrize(
    ("sources", "model", "outputs", "labels"),
    [
        (["perceptron.yaml"], "Perceptron", 10, set(range(10))),
        (["convolutional.yaml"], "Convolutional", 10, set(range(10))),
        (["convolutional.yaml", "../tasks/odd_or_even.yaml"], "Convolutional", 2, {0, 1}),
        (["perceptron.yaml", "../models/convolutional.yaml"], "Convolutional", 10, set(range(10))),
    ],
)
def test_what_a_task_sets_reaches_model_data_and_metrics(
    example: Path, sources: list[str], model: str, outputs: int, labels: set[int]
) -> None:
    config = Config.load(*(str(Path("experiments", source)) for source in sources))
    assert config.check("fit") == config.check("test") == []
    network = config.resolve("system::model")
    assert type(network).__name__ == model
    assert network.layers[-1].out_features == outputs
    assert {int(label) for _, label in config.resolve("system::dataloaders::test").dataset} == labels
    assert config.resolve("system::metrics::val")["accuracy"].num_classes == outputs


def test_parts_share_no_image_and_leave_none_out(example: Path) -> None:
    config = Config.load("experiments/perceptron.yaml")
    parts = [config.resolve(f"system::dataloaders::{mode}").dataset.images for mode in ("train", "val", "test")]
    assert sum(map(len, parts)) == 1797


def test_what_differs_between_machines_comes_from_the_environment(
    example: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WORKERS", raising=False)
    assert Config.load("experiments/perceptron.yaml").resolve("vars::workers") == 0
    monkeypatch.setenv("WORKERS", "1")
    assert Config.load("experiments/perceptron.yaml").resolve("system::dataloaders::train").num_workers == 1


def test_a_tracker_of_ones_own_is_one_more_source_and_its_key_stays_out_of_the_run_folder(example: Path) -> None:
    Path("tracking.py").write_text(TRACKING, encoding="utf-8")
    Path("trackers/mine.yaml").write_text(TRACKER, encoding="utf-8")
    main(["fit", "experiments/perceptron.yaml", "trackers/mine.yaml", *FEW, "--run_dir=out"])
    assert Path("tracked/metrics.csv").exists()
    recorded = [path for path in Path("out").rglob("*") if path.is_file()]
    assert recorded
    assert not [path for path in recorded if b"t0ps3cret" in path.read_bytes()]
    assert Config.load("out").resolve("trainer::logger").save_dir == "tracked"  # it knows where the key stands


def test_git_ignores_the_trackers_of_users(example: Path) -> None:
    Path("trackers/mine.yaml").touch()
    for words in (["init", "-q"], ["add", "-A"]):
        subprocess.run(["git", *words], check=True)
    done = subprocess.run(["git", "ls-files", "trackers"], check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["trackers/.gitignore", "trackers/sample.yaml"]


def test_the_sample_only_lacks_what_a_user_fills_in(example: Path) -> None:
    config = Config.load("experiments/perceptron.yaml", "trackers/sample.yaml")
    assert config.check("fit") == []


def test_callbacks_may_be_a_file_of_their_own_and_keep_their_order(example: Path) -> None:
    names = ["ModelCheckpoint", "LearningRateMonitor", "EarlyStopping"]
    targets = [{"_target_": f"pytorch_lightning.callbacks.{name}"} for name in names]
    targets[2]["monitor"] = "val/loss/epoch"
    Path("callbacks").mkdir()
    Path("callbacks/usual.json").write_text(json.dumps({"callbacks": targets}), encoding="utf-8")
    config = Config.load("experiments/perceptron.yaml", "trainer::callbacks=%callbacks/usual.json::callbacks")
    assert config.check("fit") == []
    assert [type(callback).__name__ for callback in config.resolve("trainer::callbacks")] == names


def test_step_loss_and_optimizer_are_named_with_their_arguments(example: Path) -> None:
    Path("steps.py").write_text(STEPS, encoding="utf-8")
    over = {
        "system": {
            "_target_": "project.steps.Noisy",
            "strength": 0.5,
            "criterion": {"_target_": "torch.nn.CrossEntropyLoss", "label_smoothing": 0.1},
            "optimizer": {"_target_": "torch.optim.SGD", "lr": 0.1, "momentum": 0.9},
        }
    }
    runner = Runner("experiments/perceptron.yaml", *FEW, over)
    runner.fit()
    assert (runner.system.steps, runner.system.strength) == (2, 0.5)
    assert runner.system.criterion.label_smoothing == 0.1
    assert runner.system.trainer.optimizers[0].defaults["momentum"] == 0.9
