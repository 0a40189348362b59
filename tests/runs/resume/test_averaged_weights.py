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
