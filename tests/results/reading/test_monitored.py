import math
from array import array

import pytest

from lighter.results.reading.metrics_file import Curve
from lighter.results.reading.monitored import Best, Monitored, best, less_is_better, monitored

STOPPING = "{_target_: pytorch_lightning.callbacks.EarlyStopping, monitor: val/dice, mode: max}"
CHECKPOINT = "{_target_: lightning.pytorch.callbacks.ModelCheckpoint, monitor: val/mae}"


@pytest.mark.parametrize(
    ("callbacks", "found"),
    [
        ("", Monitored("val/loss/epoch", less=True)),
        (f"  callbacks: [{STOPPING}]", Monitored("val/dice", less=False)),
        (f"  callbacks: {STOPPING}", Monitored("val/dice", less=False)),
        (f"  callbacks:\n  - {STOPPING}\n  - {CHECKPOINT}", Monitored("val/mae", less=True)),
        (f"  callbacks: [{CHECKPOINT}, {CHECKPOINT.replace('mae', 'mse')}]", Monitored("val/mse", less=True)),
        ("  callbacks: [{_target_: x.EarlyStopping, monitor: '@vars::name'}]", Monitored()),
        ("  callbacks: [{_target_: torch.optim.SomeScheduler, monitor: other}]", Monitored()),
        ("  callbacks: [{_target_: x.EarlyStopping, monitor: 3}]", Monitored()),
        ("  callbacks: [{monitor: ", Monitored()),
        ("  callbacks: '@vars::monitor:'", Monitored()),
    ],
)
def test_what_chooses_the_best_checkpoint(callbacks: str, found: Monitored) -> None:
    config = f"seed: 1\ntrainer:\n  max_epochs: 2\n{callbacks}\nsystem:\n  model: {{monitor: no}}\n"
    assert monitored(config) == found


def test_another_section_is_not_looked_at() -> None:
    assert monitored(f"vars:\n  callbacks: [{STOPPING}]\n") == Monitored()
    assert monitored("trainer: monitor:") == Monitored()


@pytest.mark.parametrize(
    ("name", "less"),
    [
        ("val/loss/epoch", True),
        ("val_loss", True),
        ("val/metrics/MeanAbsoluteError/epoch", True),
        ("val/metrics/HausdorffDistanceMetric/epoch", True),
        ("val/metrics/WER/epoch", True),
        ("val/metrics/MulticlassAccuracy/epoch", False),
        ("val/metrics/terrors/epoch", False),
    ],
)
def test_a_name_tells_whether_less_is_better(name: str, less: bool) -> None:
    assert less_is_better(name) is less


def curve(logged: str, *values: float) -> Curve:
    numbers = array("d", range(len(values)))
    return Curve(logged, numbers, numbers, array("d", values))


def test_the_lowest_or_the_highest_and_where_it_is() -> None:
    values = curve("val/loss/epoch", 3, 1, 2, 1)
    assert best(values, less=True) == Best(1, 1, 1, is_lowest=True)
    assert best(values, less=False) == Best(3, 0, 0, is_lowest=False)


def test_values_that_are_not_finite_are_never_the_best() -> None:
    assert best(curve("val/loss/epoch", math.nan, -math.inf, 2), less=True) == Best(2, 2, 2, is_lowest=True)
    assert best(curve("val/loss/epoch", math.nan), less=True) is None
