"""Ways into a value: what each takes, and what is said where there is nothing to take."""

from collections import UserDict, namedtuple
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from lighter.errors import RunError
from lighter.training.adapters.accessors import Accessor, Spec, described, functions, functions_by_source, or_none

Pair = namedtuple("Pair", ["image", "label"])  # noqa: PYI024  # what a collate function of old code returns

COLLATE = "make one batch of them, as collate_fn: {_target_: monai.data.list_data_collate, _mode_: callable} does"


class Keyed:
    """Keyed without being a Mapping, as a TensorDict is."""

    def keys(self) -> list[str]:
        return ["image"]

    def __getitem__(self, key: str) -> int:
        return {"image": 7}[key]


def accessor(spec: Spec) -> Accessor:
    return Accessor(spec, "the batch", "BatchAdapter(input)")


@pytest.mark.parametrize(
    ("spec", "value", "taken"),
    [
        (0, (5, 6), 5),
        (-1, [5, 6], 6),
        (0, {0: 5}, 5),
        (0, {"0": 5}, 5),
        ("image", {"image": 5}, 5),
        ("image", UserDict({"image": 5}), 5),
        ("image", Pair(5, 6), 5),
        ("image", SimpleNamespace(image=5), 5),
        ("image", Keyed(), 7),
        ("items", {"items": 5}, 5),
        ("0", (5, 6), 5),
        ("outputs::0", {"outputs": (5, 6)}, 5),
        ("a::b::-1", SimpleNamespace(a={"b": [5, 6]}), 6),
        (len, (5, 6), 2),
    ],
)
def test_a_part_is_taken(spec: Spec, value: Any, taken: Any) -> None:
    assert accessor(spec)(value) == taken


@pytest.mark.parametrize(
    ("spec", "value", "message"),
    [
        (
            "image",
            [{"image": 1}, {"image": 2}],
            f"the batch has no attribute 'image'; it is a list of length 2 of mappings that have it: {COLLATE}",
        ),
        (
            "imge",
            {"image": 1, "label": 2},
            ("the batch has no key 'imge'; it is a dict with the keys image, label; did you mean 'image'?"),
        ),
        ("x", {}, "the batch has no key 'x'; it is an empty dict"),
        (2, (1, 2), "the batch has no index 2; it is a tuple of length 2"),
        (
            "labels",
            Pair(1, 2),
            (
                "the batch has no attribute 'labels'; it is a Pair of length 2 with the fields image, "
                "label; did you mean 'label'?"
            ),
        ),
        ("image", torch.zeros(4, 3), "the batch has no attribute 'image'; it is a Tensor of shape (4, 3)"),
        ("items", (1, 2), "the batch has no attribute 'items'; it is a tuple of length 2"),
        ("outputs::1", {"outputs": [1]}, "the batch::outputs has no index 1; it is a list of length 1"),
        ("outputs::1", {"outputs": 3}, "the batch::outputs has no index 1; it is an int"),
    ],
)
def test_a_missing_part_is_told_with_what_there_is(spec: Spec, value: Any, message: str) -> None:
    with pytest.raises(RunError) as told:
        accessor(spec)(value)
    assert str(told.value) == f"BatchAdapter(input): {message}"
    assert told.value.__cause__ is not None


def test_a_missing_part_may_be_none() -> None:
    assert or_none(accessor("label"), {"image": 1}) is None
    assert or_none(accessor(lambda batch: batch[1]), (1,)) is None
    assert or_none(accessor("label"), {"label": 1}) == 1


@pytest.mark.parametrize("spec", ["argmax", "data::tofile", "module", "kind"])
def test_what_can_be_called_is_no_data(spec: str) -> None:
    value = torch.zeros(2) if spec == "argmax" else SimpleNamespace(data=torch.zeros(2).numpy(), module=torch, kind=int)
    with pytest.raises(
        RunError, match=r"has no attribute '\w+'; it is .*; what can be called is no data: give a function"
    ):
        accessor(spec)(value)


def test_an_exception_of_a_function_passes_as_it_is() -> None:
    def fails(batch: Any) -> Any:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        accessor(fails)({})


@pytest.mark.parametrize("spec", [True, None, 1.5, [0]])
def test_what_is_no_accessor_is_refused(spec: Any) -> None:
    with pytest.raises(
        TypeError, match=r"BatchAdapter\(input\): an index, a key, an attribute or a function is wanted"
    ):
        accessor(spec)


@pytest.mark.parametrize("spec", ["", "a::", "::a", "a::::b"])
def test_an_empty_part_is_refused(spec: str) -> None:
    with pytest.raises(ValueError, match="has an empty part"):
        accessor(spec)


def test_a_text_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made = accessor("outputs::0")
    monkeypatch.setattr("lighter.training.adapters.accessors._part", None)
    assert made({"outputs": [1]}) == 1


def test_values_are_described() -> None:
    assert described([1, 2]) == "a list of length 2"
    assert described("text") == "a str"
    assert described(object()) == "an object"


def test_one_or_several() -> None:
    assert functions(abs, "A") == (abs,)
    assert functions([abs, len], "A") == (abs, len)
    assert functions((), "A") == ()
    assert functions_by_source({"pred": abs, "input": [len]}, "A") == {"pred": (abs,), "input": (len,)}
    assert functions_by_source(None, "A") == {}


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"pred": 3}, TypeError, "A(transforms pred): a transform is a function or a list of functions, not 3"),
        (
            {"pred": [abs, 3]},
            TypeError,
            ("A(transforms pred): a transform is a function or a list of functions, not [<built-in function abs>, 3]"),
        ),
        ({"preds": abs}, ValueError, "A(transforms): there is no 'preds'; did you mean 'pred'?"),
        ([abs], TypeError, "A: transforms are a mapping from input, target, pred, not [<built-in function abs>]"),
    ],
)
def test_what_is_wrong_is_told(given: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as told:
        functions_by_source(given, "A")
    assert str(told.value) == message
