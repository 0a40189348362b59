"""The averages of StochasticWeightAveraging: in the last checkpoint, and what is evaluated."""

from pathlib import Path
from typing import Any

import pytest
import torch

from lighter import Runner
from lighter.runs.folder import RunDirectory

SWA = {"_target_": "pytorch_lightning.callbacks.StochasticWeightAveraging", "swa_lrs": 1.0, "swa_epoch_start": 2}


@pytest.mark.filterwarnings("ignore:.*Swapping scheduler", "ignore:.*lr_scheduler.step")
def test_averages_are_in_the_last_checkpoint_and_are_tested(rising: dict[str, Any]) -> None:
    """Lightning adds the weights up as epochs begin, from the second on: 1, 2 and 3 of four epochs."""
    rising["trainer"] |= {"max_epochs": 4, "callbacks": [SWA]}
    fitted = Runner(rising, run_dir="r").fit()
    assert fitted.checkpoints["averaged"] == fitted.checkpoints["last"]
    tested = Runner("r").test()
    assert tested.metrics["test/metrics/w/epoch"] == pytest.approx(2.0)
    assert Runner("r").test("best").metrics["test/metrics/w/epoch"] == 1.0
    saved = torch.load("r/checkpoints/last.ckpt")
    assert [saved[name]["model.weight"].item() for name in ("state_dict", "current_model_state")] == [2.0, 4.0]

    resumed = Runner("r", "trainer::max_epochs=6").fit(resume="r")  # from 4, and so by 5 and 6
    assert resumed.metrics["val/loss/epoch"] == (6 - 1) ** 2
    Path("r").rename("moved")
    kept = RunDirectory(Path("moved")).kept
    assert kept is not None
    assert torch.load(kept)["state_dict"]["model.weight"].item() == pytest.approx((1 + 2 + 3 + 4 + 5) / 5)


def test_they_come_with_what_batch_norm_measures_of_them(
    rising: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """For which Lightning adds an epoch without steps, and a batch to it that is not there."""
    norm = {"_target_": "torch.nn.BatchNorm1d", "num_features": 1}
    rising["system"]["model"] = {"_target_": "torch.nn.Sequential", "_args_": [norm, "$torch.nn.Linear(1, 1)"]}
    rising["trainer"] |= {"max_epochs": 2, "callbacks": [SWA]}
    runner = Runner(rising, run_dir="r")
    runner.fit()
    saved = torch.load("r/checkpoints/last.ckpt")["state_dict"]
    torch.testing.assert_close(saved, dict(runner.system.state_dict()))
    assert saved["model.0.num_batches_tracked"] == 1
    assert "ended after" not in caplog.text
