"""Whether a plain value can be what an annotation says."""

import enum
import inspect
import os
import typing
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, NewType, Optional, TypedDict, TypeVar, Union

import pytest
import torch
from torch import nn

from lighter.config.checks.arguments import fits, misfit

T = TypeVar("T")
Named = NewType("Named", int)
Maybe, Either, Old = Optional[int], Union[int, str], typing.List[int]  # noqa: UP006, UP007, UP045  # as older code has it


class Colour(enum.Enum):
    RED = "red"


class Fields(TypedDict):
    a: int


@pytest.mark.parametrize(
    ("value", "annotation"),
    [
        (1, int),
        (True, int),
        (1.0, int),
        (1, float),
        (0.5, float),
        (1, bool),
        (True, bool),
        ("a", str),
        (1, str),
        (1e-3, str),
        (None, Maybe),
        (1, int | None),
        ("a", Either),
        ([1], list[int]),
        ([1.0], list[float]),
        ([], list[int]),
        ((1, 2), tuple[int, int]),
        ([1, 2], tuple[int, int]),
        ([1, 2, 3], tuple[int, int]),
        ([1], tuple[int, ...]),
        ([1, "a"], tuple[int, str]),
        ([1], Sequence[int]),
        ("abc", Sequence[str]),
        ("abc", Iterable),
        ({"a": 1}, Iterable),
        ([1], set),
        ([1], Old),
        ({"a": 1}, dict[str, int]),
        ({"a": 1}, Mapping),
        ({"a": 1}, Fields),
        ("a", Literal["a", "b"]),
        (1, Literal[1]),
        ("a", Path),
        ("a", os.PathLike),
        ("red", Colour),
        (5, nn.Module),
        (5, Any),
        (5, T),
        (5, Named),
        (5, Annotated[int, "x"]),
        (5, object),
        (5, "no type"),
        (5, [int, str]),
        (5, {"a": 1}),
        (object(), int),
        (torch.ones(2), Literal["a"]),
        (torch.ones(1), float),
        (Path("a"), str),
        ([[1]], list[list[int]]),
        ("a", torch.device | str),
    ],
)
def test_what_fits(value, annotation):
    assert fits(value, annotation)


@pytest.mark.parametrize(
    ("value", "annotation"),
    [
        ("a", int),
        (0.5, int),
        ([1], int),
        ("1e-3", float),
        ("yes", bool),
        ([1], bool),
        ([1], str),
        ({}, str),
        (None, str),
        (None, int),
        ("a", Maybe),
        ("a", int | float),
        (1, list[int]),
        ("abc", list[str]),
        (["a"], list[int]),
        (1, tuple[int, ...]),
        (["a", 1], tuple[int, int]),
        (1, Sequence[int]),
        (True, Iterable),
        ([1], dict),
        ("a", Mapping[str, int]),
        ("c", Literal["a", "b"]),
        (2, Literal[1]),
        (5, os.PathLike),
        ("a", Annotated[int, "x"]),
        ([["a"]], list[list[int]]),
        (5, None),
        ("1e-3", float | torch.Tensor),
        ("a", torch.Tensor),
    ],
)
def test_what_does_not_fit(value, annotation):
    assert not fits(value, annotation)


def sized(
    size: int, name: str = "x", rate: float = 0.1, on: bool = True, mode: Literal["min", "max"] = "min"
) -> None: ...


def hasty(size: int = 0, pair: int = 0, names: list[str] = []) -> None: ...  # noqa: B006  # never called


# As it is written in haste, past every checker of types.
hasty.__defaults__ = (0.5, (1, 2), None)


def lazy(size: "int", later: "Any", module: "nn.Module") -> None: ...


lazy.__annotations__["later"] = "NotThere"


def said(target, name, value):
    return misfit(target, inspect.signature(target).parameters[name], value)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("size", "3", ("int", "write it without quotes")),
        ("size", "a", ("int", "write a whole number")),
        ("size", 0.5, ("int", "write a whole number")),
        ("rate", [1], ("float", "write a number")),
        ("on", [1], ("bool", "write true or false")),
        ("rate", "1e-3", ("float", "write it without quotes")),
        ("on", "yes", ("bool", "write true")),
        ("on", "Off", ("bool", "write false")),
        ("mode", "mn", ("one of 'min', 'max'", "did you mean 'min'?")),
        ("mode", "qqqq", ("one of 'min', 'max'", "there are min, max")),
        ("name", [1], ("str", "write a text")),
        ("size", None, None),
        ("size", 3, None),
    ],
)
def test_what_is_said(name, value, told):
    assert said(sized, name, value) == told


@pytest.mark.parametrize(("name", "value"), [("size", 0.7), ("pair", [3, 4]), ("names", None), ("names", ["a"])])
def test_a_default_that_contradicts_its_annotation_is_believed(name, value):
    assert said(hasty, name, value) is None


def test_annotations_may_be_texts():
    assert said(lazy, "size", "a") is None  # one of them cannot be resolved, so none is claimed

    def resolved(size: "int", module: "nn.Module") -> None: ...

    assert said(resolved, "size", "a") == ("int", "write a whole number")
    assert said(resolved, "module", "a") is None


@pytest.mark.parametrize(
    ("target", "name", "value", "told"),
    [
        (torch.optim.Adam, "lr", "1e-3", ("float or Tensor", "write it without quotes")),
        (torch.optim.Adam, "lr", 1e-3, None),
        (torch.optim.Adam, "betas", [0.9, 0.99], None),
        (torch.optim.SGD, "momentum", None, ("float", "write a number")),
        (nn.Linear, "bias", None, None),
        (nn.Conv2d, "kernel_size", 3, None),
        (nn.Conv2d, "kernel_size", [3, 3], None),
        (nn.Conv2d, "padding", "same", None),
        (nn.Conv2d, "in_channels", "a", ("int", "write a whole number")),
    ],
)
def test_torch_tells_the_truth(target, name, value, told):
    assert said(target, name, value) == told
