"""What groups of parameters set that their optimizer does not know."""

import pytest

from lighter.config.checks.arguments import SELECTORS
from lighter.config.config import Config
from lighter.training.optimizers.selecting import SELECTORS as OF_THE_SYSTEM
from lighter.training.stages import Stage

ADAMW = "torch.optim.AdamW"
OWN = """
import torch


class Mine(torch.optim.SGD):
    def __init__(self, params, lr=0.1):
        super().__init__(params, lr)


class Open(torch.optim.SGD):
    def __init__(self, params, **options):
        super().__init__(params, **options)
"""


def problems(optimizer):
    system = {"model": "$1", "criterion": "$1", "dataloaders": {"train": "$1"}, "optimizer": optimizer}
    return Config.load({"system": system}).check(Stage.FIT)


@pytest.mark.parametrize(
    ("group", "what", "help"),
    [
        (
            {"weight_deacy": 0},
            "AdamW knows no 'weight_deacy', which the group 'a' sets",
            "did you mean 'weight_decay'?",
        ),
        ({"nmes": "*"}, "AdamW knows no 'nmes', which the group 'a' sets", "did you mean 'names'?"),
        (
            {"momentum": 1},
            "AdamW knows no 'momentum', which the group 'a' sets",
            "it knows lr, betas, eps, weight_decay",
        ),
    ],
)
def test_an_argument_that_is_not_known_is_told(group, what, help):
    for optimizer in (
        {"_target_": ADAMW, "params": {"groups": {"a": {"names": "*", **group}}}},
        [{"_target_": ADAMW, "params": {"groups": {"a": {"names": "*", **group}}}}],
        {"one": {"optimizer": {"_target_": ADAMW, "params": {"groups": {"a": {"names": "*", **group}}}}}},
    ):
        (problem,) = problems(optimizer)
        assert (problem.what, problem.help[: len(help)]) == (what, help)
        assert problem.place.endswith(f"params::groups::a::{next(iter(group))}")


@pytest.mark.parametrize(
    "optimizer",
    [
        {"_target_": ADAMW, "params": {"groups": {"a": {"names": "*", "lr": 1, "eps": 1e-3}}}},
        {"_target_": ADAMW, "params": {"groups": "$dict(a={'names': '*', 'x': 1})"}},
        {"_target_": ADAMW, "params": "$[]"},
        {"_target_": "their_optimizers.Mine", "params": {"groups": {"a": {"names": "*", "uses_newton": True}}}},
        {"_target_": "their_optimizers.Open", "params": {"groups": {"a": {"names": "*", "learning": True}}}},
    ],
)
def test_of_what_may_be_known_nothing_is_told(optimizer, tmp_path, monkeypatch):
    (tmp_path / "their_optimizers.py").write_text(OWN, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    assert problems(optimizer) == []


def test_the_selectors_are_those_of_the_system():
    assert SELECTORS == OF_THE_SYSTEM
