"""What no limited config gets, whoever asks for it: flags, modules, and texts that lead inside."""

import pytest
import torch
from torch import nn

from lighter.config.allowlist.refusal import Refusal, flag_refusal, is_inner, module_refusal, text_refusal
from lighter.errors import Position, Source


def test_a_refusal_is_a_mistake_at_its_place() -> None:
    position = Position(Source("a.yaml"), 2, 3)
    problem = Refusal("'x' is refused").problem(position, "a::b")
    assert (problem.what, problem.position, problem.place) == ("'x' is refused", position, "a::b")
    assert problem.help == "write a function in your project that does it"


@pytest.mark.parametrize(
    "text",
    ["__class__", "pred::__class__", "a.__init__.b", "val/__dict__", "x::gi_frame", "f_back", "a::f_builtins::b"],
)
def test_texts_that_lead_inside(text: str) -> None:
    refusal = text_refusal(text)
    assert refusal is not None
    assert "leads into the inside of objects" in refusal.what


@pytest.mark.parametrize(
    "text", ["", "class", "my__name__x", "__x", "x__", "f1", "gi_frames", "val/loss/epoch", "f_score"]
)
def test_texts_that_do_not(text: str) -> None:
    assert text_refusal(text) is None


@pytest.mark.parametrize(
    ("name", "value", "is_refused"),
    [
        ("weights_only", False, True),
        ("weights_only", 0, True),
        ("weights_only", True, False),
        ("weights_only", None, False),
        ("allow_pickle", True, True),
        ("allow_pickle", False, False),
        ("trust_repo", "check", True),
        ("shell", torch.ones(2), False),
        ("other", True, False),
        (5, True, False),
    ],
)
def test_flags(name: object, value: object, is_refused: bool) -> None:
    assert (flag_refusal(name, value) is not None) is is_refused


def test_modules_are_no_values() -> None:
    refusal = module_refusal(torch.nn)
    assert refusal is not None
    assert refusal.what == "the module 'torch.nn' is handed on, with all that is in it"
    assert module_refusal(nn.Linear) is None


def test_inner_names() -> None:
    assert is_inner("__call__")
    assert not is_inner("call")
