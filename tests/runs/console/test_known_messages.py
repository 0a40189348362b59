import logging
import warnings

import pytest

from lighter.runs.console.known_messages import without_noise

LIGHTNING = "pytorch_lightning.utilities.rank_zero"


@pytest.mark.parametrize("name", [LIGHTNING, "lightning.pytorch.utilities.rank_zero"])
@pytest.mark.parametrize(
    "text",
    [
        "💡 Tip: install our product",
        "GPU available: True (cuda), used: True",
        "TPU available: False, using: 0 TPU cores",
        "`Trainer.fit` stopped: `max_epochs=2` reached.",
        "`Trainer(limit_train_batches=1)` was configured so 1 batch per epoch will be used.",
        "Using bfloat16 Automatic Mixed Precision (AMP)",
        "Initializing distributed: GLOBAL_RANK: 0, MEMBER: 1/2",
        "-" * 100 + "\ndistributed_backend=gloo\nAll distributed processes registered.",
        "Seed set to 1",
    ],
)
def test_advertisements_and_what_a_run_tells_itself_are_left_out(
    name: str, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, name), without_noise():
        logging.getLogger(name).info(text)
        logging.getLogger(name).info("Time limit reached. Signaling Trainer to stop.")
    assert caplog.messages == ["Time limit reached. Signaling Trainer to stop."]


def test_warnings_about_the_users_code_stay() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with without_noise():
            warnings.warn("Be aware that when using `ckpt_path`, callbacks used ...", UserWarning, stacklevel=1)
            warnings.warn("Checkpoint directory /runs/x exists and is not empty.", UserWarning, stacklevel=1)
            averaged = "You're using the WeightAveraging callback, but loading a checkpoint outside the 'fit' stage."
            warnings.warn(averaged, UserWarning, stacklevel=1)
            warnings.warn("the loader has one worker", UserWarning, stacklevel=1)
    assert [str(w.message) for w in caught] == ["the loader has one worker"]


@pytest.mark.parametrize("is_job", [True, False])
def test_the_advice_of_srun_is_for_jobs_of_slurm(monkeypatch: pytest.MonkeyPatch, is_job: bool) -> None:
    if is_job:
        monkeypatch.setenv("SLURM_JOB_ID", "7")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with without_noise():
            warnings.warn("The `srun` command is available on your system but is not used. HINT", stacklevel=1)
    assert len(caught) == is_job


def test_the_logger_is_left_as_it_was() -> None:
    before = list(logging.getLogger(LIGHTNING).filters)
    with without_noise():
        pass
    assert logging.getLogger(LIGHTNING).filters == before
