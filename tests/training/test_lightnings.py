"""The names of Lightning's two packages."""

import lightning.pytorch.loggers
import pytest
import pytorch_lightning as pl

from lighter.training.lightnings import PACKAGES, TOP_LEVEL, is_lightnings, within


def test_both_packages_are_known():
    assert {
        pl.Trainer.__module__.partition(".")[0],
        lightning.pytorch.Trainer.__module__.partition(".")[0],
    } <= TOP_LEVEL
    assert (pl.__name__, lightning.pytorch.__name__) == PACKAGES


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        ("pytorch_lightning", True),
        ("lightning.pytorch.callbacks", True),
        ("lightning_fabric.utilities", True),
        ("lightning_utilities.core", False),
        ("lightningx", False),
        ("my.lightning", False),
        ("", False),
    ],
)
def test_what_is_lightnings(module: str, expected: bool):
    assert is_lightnings(module) is expected


def test_a_part_in_both():
    assert {pl.loggers.__name__, lightning.pytorch.loggers.__name__} == set(within("loggers"))
