"""What users are promised, and that what older configs name is still found."""

from importlib.resources import files

import pytest

import lighter
from lighter.project.locating import locate


def test_all_that_is_promised_is_there():
    assert lighter.__all__ == sorted(lighter.__all__, key=lambda name: (name[0].islower(), name))
    assert dir(lighter) == sorted([*lighter.__all__, "__version__"])
    assert all(getattr(lighter, name).__name__ == name for name in lighter.__all__)


def test_what_is_not_promised_is_told():
    with pytest.raises(AttributeError, match="module 'lighter' has no attribute 'Trainer'"):
        _ = lighter.Trainer


@pytest.mark.parametrize(
    ("older", "now"),
    [
        ("lighter.adapters.BatchAdapter", "BatchAdapter"),
        ("lighter.callbacks.Freezer", "Freezer"),
        ("lighter.replacing.replace_layers", "replace_layers"),
        ("lighter.runner.Runner", "Runner"),
        ("lighter.system.System", "System"),
        ("lighter.unreadable.TolerantDataset", "TolerantDataset"),
        ("lighter.weights.load_weights", "load_weights"),
    ],
)
def test_the_names_of_older_configs_mean_what_they_did(older: str, now: str):
    assert locate(older) is getattr(lighter, now)


def test_type_checkers_are_told_that_there_are_types():
    assert files("lighter").joinpath("py.typed").is_file()
