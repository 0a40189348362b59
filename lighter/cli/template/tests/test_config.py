"""The config is right, its model trains, and can learn."""

from pathlib import Path

import pytest
from lighter import Runner

CONFIG = Path(__file__).parents[1] / "config.yaml"
SHORT = ["trainer::accelerator=cpu", "trainer::log_every_n_steps=1"]


@pytest.mark.parametrize("stage", ["fit", "validate", "test", "predict"])
def test_nothing_is_wrong_with_the_config(stage: str) -> None:
    Runner(CONFIG).check(stage)


def test_it_trains_tests_and_predicts(tmp_path: Path) -> None:
    few = [f"trainer::limit_{stage}_batches=2" for stage in ("train", "val", "test", "predict")]
    runner = Runner(CONFIG, *SHORT, *few, "trainer::max_epochs=1", run_dir=str(tmp_path / "run"))
    runner.fit()
    assert "test/metrics/accuracy/epoch" in runner.test().metrics
    runner.predict()
    assert (tmp_path / "run" / "predictions" / "predictions.csv").is_file()


def test_it_can_learn_a_batch_by_heart(tmp_path: Path) -> None:
    """Where this fails, look for a mistake in the model or the loss before you train for hours."""
    one_batch = ["trainer::overfit_batches=1", "system::dataloaders::train::shuffle=false"]
    often = ["trainer::max_epochs=20", "~trainer::callbacks::stop"]
    result = Runner(CONFIG, *SHORT, *one_batch, *often, run_dir=str(tmp_path / "run")).fit()
    assert result.metrics["train/loss/epoch"] < 0.3
