"""What stands in a limited expression in place of each access, call and operation."""

import os
import sys
from functools import partial
from typing import Any

import pytest
import torch
from torch import nn

from lighter.config.allowlist import guard as module
from lighter.config.allowlist.guard import Guard
from lighter.config.allowlist.policy import Allowed
from lighter.errors import ConfigError, Position, Source


class Holder:
    tools = ({"deep": [os.system]},)
    module = os
    function = os.system
    number = 5


@pytest.fixture
def guard() -> Guard:
    return Guard(Allowed.of(("torch", __name__), None), Position(Source("a.yaml"), 3, 5), "x::y")


def test_what_is_allowed_is_done(guard: Guard) -> None:
    assert guard.seen(nn.Linear) is nn.Linear
    assert guard.base(torch) is torch
    assert guard.attribute(torch.zeros(2), "shape") == (2,)
    assert guard.reach(torch, "relu") is torch.relu
    assert guard.call(max, [1, 3], default=0) == 3
    assert guard.item([5, 6], -1) == 6
    assert guard.item("abc", slice(0, 2)) == "ab"
    assert guard.operate("Add", [1], [2]) == [1, 2]
    assert list(guard.each([1, 2])) == [1, 2]
    assert guard.pairs({"a": 1}) == {"a": 1}
    assert guard.made([1, {"a": nn.ReLU}]) == [1, {"a": nn.ReLU}]
    assert guard.sized("abc") == "abc"
    assert guard.call(partial(torch.add, torch.ones(1)), 1).item() == 2


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("seen", [os.system]),
        ("seen", [torch]),
        ("seen", [partial(os.system)]),
        ("seen", [partial(max, os.system)]),
        ("seen", [sys._getframe()]),
        ("base", [sys]),
        ("reach", [os, "system"]),
        ("attribute", [os, "environ"]),
        ("attribute", [os, "path"]),
        ("attribute", [Holder, "function"]),
        ("attribute", [Holder, "module"]),
        ("attribute", [Holder, "tools"]),
        ("attribute", [(x for x in [1]), "gi_frame"]),
        ("reach", [(x for x in [1]), "close"]),
        ("call", [os.system, "true"]),
        ("call", [partial(os.system), "true"]),
        ("call", [getattr, torch, "nn"]),
        ("call", [max, torch.nn, torch.nn]),
        ("call", [dict, [("a", "__class__")], "b::__class__"]),
        ("call", [list(Holder.tools[0]["deep"]).pop]),
        ("call", [range, 10**9]),
        ("item", [[os.system], 0]),
        ("item", [{"a": torch}, "a"]),
        ("operate", ["Pow", 9, 10**9]),
        ("made", [{"a": (1, [os.system])}]),
    ],
)
def test_what_is_not_is_told_with_its_place(guard: Guard, name: str, args: list[Any]) -> None:
    with pytest.raises(ConfigError) as caught:
        getattr(guard, name)(*args)
    (problem,) = caught.value.problems
    assert (problem.place, problem.position) == ("x::y", guard.position)
    assert problem.what
    assert problem.help


def test_iterators_are_judged_item_by_item(guard: Guard) -> None:
    items = guard.each(iter([1, os.system]))
    assert next(items) == 1
    with pytest.raises(ConfigError):
        next(items)
    with pytest.raises(ConfigError):
        guard.pairs({"key": os.system})


def test_texts_are_judged_where_it_is_asked_for(guard: Guard) -> None:
    assert guard.made(["__class__"]) == ["__class__"]
    with pytest.raises(ConfigError, match="leads into the inside of objects"):
        guard.made(["__class__"], with_texts=True)


def test_steps_are_counted_while_somebody_waits(guard: Guard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STEPS", 100)
    with guard.counting():
        assert len(list(guard.each(range(90)))) == 90
        with pytest.raises(ConfigError, match="more than 100 steps"):
            guard.call(sum, [0] * 50)
    assert guard.left is None
    assert len(list(guard.each(range(1000)))) == 1000
    with guard.counting(), pytest.raises(ConfigError):
        guard.operate("Mult", "a", 101)
    with guard.counting():
        assert guard.call(len, [0] * 1000) == 1000


def test_an_iterator_is_counted_before_it_is_joined(guard: Guard) -> None:
    assert guard.call(", ".join, (str(i) for i in range(3))) == "0, 1, 2"
    assert guard.call(sum, (i for i in range(3))) == 3


def test_what_the_code_calls_is_offered(guard: Guard) -> None:
    assert all(name.startswith("__") for name in guard.names())
    assert guard.names()["__operate"]("Sub", 3, 1) == 2
    assert guard.names()["__slice"] is slice
