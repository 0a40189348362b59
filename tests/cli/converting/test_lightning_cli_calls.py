"""`class_path` as `_target_`, wherever it stands."""

import pytest

from lighter.cli.converting.lightning_cli_calls import Calls
from lighter.cli.converting.parts import as_part

PLACES = {"model": "system", "data": "data", "trainer": "trainer"}
NETS = """
from collections.abc import Callable, Iterable, Sequence
from typing import Optional

import torch


class Own(torch.optim.SGD): ...


class Net:
    def __init__(
        self,
        make: Optional[Callable[[Iterable], torch.optim.Optimizer]] = torch.optim.Adam,
        act: Callable[[torch.Tensor], torch.Tensor] = torch.nn.functional.relu,
        kind: "Optional[type[torch.nn.Module]]" = torch.nn.Dropout,
        kinds: list[type[torch.nn.Module]] = (),
        part: "torch.nn.Module | None" = None,
        parts: Iterable = (),
        layers: Sequence[torch.nn.Module] = (),
        either: "str | torch.nn.Module" = "",
        name: str = "",
        **others,
    ): ...
"""


@pytest.fixture
def rewritten(tmp_path, written):
    written(tmp_path, {"nets.py": NETS})

    def of(file, *keys):
        root = as_part(file)
        calls = Calls(root, {"Net": "nets.Net"}, [tmp_path], PLACES)
        return calls.rewritten(root.find(*keys), keys).plain, calls

    return of


def test_calls_in_lists_and_mappings_and_without_arguments(rewritten):
    relu, linear = {"class_path": "torch.nn.ReLU"}, {"class_path": "torch.nn.Linear", "init_args": {"bias": False}}
    found, _ = rewritten({"data": {"parts": [relu, {"a": linear}], "others": "text"}}, "data")
    parts = [{"_target_": "torch.nn.ReLU"}, {"a": {"_target_": "torch.nn.Linear", "bias": False}}]
    assert found == {"parts": parts, "others": "text"}


def test_further_arguments_stand_beside_the_others(rewritten):
    call = {"class_path": "Net", "init_args": {"a": 1}, "dict_kwargs": {"b": {"class_path": "__main__.Net"}}}
    found, calls = rewritten({"model": call}, "model")
    assert found == {"_target_": "project.nets.Net", "a": 1, "b": {"_target_": "project.nets.Net"}}
    assert calls.root is not None


def test_what_makes_an_optimizer_is_handed_on(rewritten):
    own, tanh = {"class_path": "nets.Own", "init_args": {"lr": 1}}, {"class_path": "torch.nn.Tanh"}
    call = {"class_path": "nets.Net", "init_args": {"make": own, "act": tanh}}
    found, _ = rewritten({"model": call}, "model")
    assert found["act"] == {"_target_": "torch.nn.Tanh"}
    assert found["make"] == {
        "_target_": "project.nets.Own",
        "_mode_": "callable",
        "lr": 1,
    }


def test_another_class_than_the_default_has_what_the_default_sets(rewritten):
    call = {"class_path": "nets.Net", "init_args": {"make": {"class_path": "torch.optim.AdamW"}}}
    found, _ = rewritten({"model": call}, "model")
    assert found["make"] == {"_target_": "torch.optim.AdamW", "_mode_": "callable", "weight_decay": 0}


def test_a_short_name_that_is_nowhere_found_is_told(rewritten):
    found, calls = rewritten({"model": {"class_path": "Lost"}}, "model")
    assert found == {"_target_": "Lost"}
    assert calls.left == ["'Lost' is the last name of a class: write all of it, with its module"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${data.size}", "%data::size"),
        ("${data.none}", "$${data.none}"),
        ("${oc.env:HOME}", "$env('HOME')"),
        ("%x", "%%x"),
        ("@x", "@@x"),
        ("a ${data.size}", "a ${data.size}"),
    ],
)
def test_texts(rewritten, text, value):
    found, _ = rewritten({"data": {"size": 3}, "model": {"a": text}}, "model")
    assert found == {"a": value}


def test_a_text_is_a_class_only_where_one_stands(rewritten):
    trainer = {"callbacks": ["ModelSummary"], "profiler": "simple", "strategy": "ddp"}
    found, _ = rewritten({"trainer": trainer}, "trainer")
    assert found == {
        "callbacks": [{"_target_": "pytorch_lightning.callbacks.ModelSummary"}],
        "profiler": "simple",
        "strategy": "ddp",
    }
    assert rewritten({"model": {"data": "torch.nn.ReLU"}}, "model")[0] == {"data": "torch.nn.ReLU"}


TANH = {"_target_": "torch.nn.Tanh"}
ITSELF = {**TANH, "_mode_": "callable"}


@pytest.mark.parametrize(
    ("argument", "text", "value"),
    [
        ("act", "torch.nn.Tanh", TANH),
        ("act", "torch.tanh", {"_target_": "torch.tanh", "_mode_": "callable"}),
        ("act", "torch.nowhere", "torch.nowhere"),
        ("kind", "torch.nn.Tanh", ITSELF),
        ("kind", "torch.tanh", "torch.tanh"),
        ("kinds", ["torch.nn.Tanh"], [ITSELF]),
        ("part", "torch.nn.Tanh", TANH),
        ("parts", ["torch.nn.Tanh"], ["torch.nn.Tanh"]),
        ("layers", ["torch.nn.Tanh", {"class_path": "torch.nn.Tanh"}], [TANH, TANH]),
        ("make", "nets.Own", {"_target_": "project.nets.Own", "_mode_": "callable"}),
        ("either", "torch.nn.Tanh", "torch.nn.Tanh"),
        ("name", "torch.nn.Tanh", "torch.nn.Tanh"),
        ("others", "torch.nn.Tanh", "torch.nn.Tanh"),
        ("act", "${data.act}", "%data::act"),
    ],
)
def test_a_text_is_a_class_or_a_function_where_the_signature_asks_for_one(rewritten, argument, text, value):
    call = {"class_path": "nets.Net", "init_args": {argument: text}}
    found, _ = rewritten({"data": {"act": 1}, "model": call}, "model")
    assert found[argument] == value
