import pytest

from lighter.report.metric_names import MetricName, metric_name, rank


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
