import pytest

from lighter.errors import UsageError
from lighter.results.reading.metric_names import MetricName, metric_name, metric_named, rank

NAMES = (
    "train/loss/epoch",
    "train/loss/step",
    "val/loss/epoch",
    "val/metrics/accuracy/epoch",
    "train/metrics/accuracy/step",
    "test/metrics/f1/epoch",
    "train/metrics/f1/epoch",
    "val/metrics/dice/a/epoch",
    "val/metrics/dice/b/epoch",
    "my_value",
)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("train/loss/step", "train/loss/step"),
        ("loss", "val/loss/epoch"),
        ("val/loss", "val/loss/epoch"),
        ("Accuracy", "val/metrics/accuracy/epoch"),
        ("accuracy/step", "train/metrics/accuracy/step"),
        ("f1", "test/metrics/f1/epoch"),
        ("my_value", "my_value"),
    ],
)
def test_a_shorter_name_is_enough(written: str, meant: str) -> None:
    assert metric_named(written, NAMES) == meant


def test_what_may_mean_several_is_told_with_them() -> None:
    with pytest.raises(UsageError, match="may mean several values: val/metrics/dice/a/epoch, "):
        metric_named("dice", NAMES)


def test_what_no_run_has_is_told_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="no run has logged a value 'acuracy'; did you mean 'accuracy'"):
        metric_named("acuracy", NAMES)
    with pytest.raises(UsageError, match="did you mean 'val/loss/epoch'"):
        metric_named("val/los/epoch", NAMES)
    with pytest.raises(UsageError, match="'xyz'; there are train/loss/epoch, train/loss/step"):
        metric_named("xyz", NAMES)
    with pytest.raises(UsageError, match="there are no values"):
        metric_named("loss", ())


@pytest.mark.parametrize(
    ("logged", "title", "mode", "is_step"),
    [
        ("train/loss/step", "loss", "train", True),
        ("val/loss/epoch", "loss", "val", False),
        ("val/metrics/accuracy/epoch", "accuracy", "val", False),
        ("val/metrics/dice/lesion/epoch", "dice/lesion", "val", False),
        ("train/lr", "lr", "train", False),
        ("val_loss", "loss", "val", False),
        ("Validation acc", "acc", "val", False),
        ("train_acc_step", "acc", "train", True),
        ("loss/val", "loss", "val", False),
        ("lr-AdamW", "lr-AdamW", "", False),
        ("testament", "testament", "", False),
        ("train", "train", "", False),
        ("step_size", "step_size", "", False),
    ],
)
def test_names_are_taken_apart(logged: str, title: str, mode: str, is_step: bool) -> None:
    assert metric_name(logged) == MetricName(title, mode, is_step)


def test_losses_come_first_and_settings_of_the_optimizer_last() -> None:
    assert sorted(["lr", "accuracy", "dice_loss", "momentum", "class 10", "class 2"], key=rank) == [
        "dice_loss",
        "accuracy",
        "class 2",
        "class 10",
        "lr",
        "momentum",
    ]
