"""Whether a plain value can be what an annotation says."""

import enum
import os
import typing
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal, NewType, Optional, TypedDict, TypeVar, Union

import pytest
import torch
from torch import nn

from lighter.config.fitting import Fit, fit, member, takes_text

T = TypeVar("T")
Named = NewType("Named", int)
Maybe, Either, Old = Optional[int], Union[int, str], typing.List[int]  # noqa: UP006, UP007, UP045  # as older code has it


class Colour(enum.Enum):
    RED = 1
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1


class Found(enum.Enum):
    ONE = 1

    @classmethod
    def _missing_(cls, value: object) -> "Found":
        return cls.ONE


class Fields(TypedDict):
    a: int


@dataclass
class Point:
    x: int


@pytest.mark.parametrize(
    ("value", "annotation"),
    [
        (1, int),
        (1.0, int),
        (True, int | bool),
        (0.0, bool),
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
        ("RED", Colour),
        (1, Colour),
        ("blue", Colour),
        (["RED", "blue"], list[Colour]),
        (Level.LOW, Level),
        (None, Colour | None),
        ("a", PurePosixPath),
        ({"x": "no int"}, Point),  # its fields are looked at by themselves
        ([object()], tuple[int, int]),  # some of it may be left out
        ([[None, 1]], list[list[int | None]]),
        ("a", Hashable),
        (object(), nn.Module),
    ],
)
def test_what_fits(value, annotation):
    assert fit(value, annotation) is Fit.YES


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
        (["a"], list[int]),
        (["a", 1], tuple[int, int]),
        ({"a": "b"}, dict[str, int]),
        ("c", Literal["a", "b"]),
        (2, Literal[1]),
        (5, os.PathLike),
        (5, Path),
        ("a", Annotated[int, "x"]),
        (5, None),
        ("1e-3", float | torch.Tensor),
        ("a", torch.Tensor),
        ("purple", Colour),
        (3, Colour),
        (True, Level),
        (["purple"], list[Colour]),
        ("relu", Callable[..., int]),
        (5, Callable),
        ("relu", type[nn.Module]),
        ("net", nn.Module),
        (5, nn.Linear | None),
    ],
)
def test_what_does_not_fit(value, annotation):
    assert fit(value, annotation) is Fit.NO


@pytest.mark.parametrize(
    ("value", "annotation"),
    [
        (1, list[int]),
        ("abc", list[str]),
        (1, tuple[int, ...]),
        (1, Sequence[int]),
        (True, Iterable),
        ([1], dict),
        ("a", Mapping[str, int]),
        ("1,2", Sequence[int]),
        ([0.5, None], Sequence[float]),
        ([[1, 2, 2], [2, 2, 2]], Sequence[int]),
        ([0.5], list[int]),
        ({"a": 0.5}, dict[str, int]),
        ([["a"]], list[dict[str, int]]),
        ("true", bool),
        ("False", bool | None),
        (2.5, bool),
        (True, int),
        (False, float),
        (True, str | None),
        ("a.yaml", Point),
        (False, Callable),
        ([1], nn.Module),
    ],
)
def test_what_code_often_takes(value, annotation):
    assert fit(value, annotation) is Fit.UNLIKELY


@pytest.mark.parametrize(("value", "annotation"), [([1, 2, 3], tuple[int, int]), ([1], tuple[float, float] | None)])
def test_the_length_of_a_tuple_is_written_in_haste(value, annotation):
    assert fit(value, annotation) is Fit.LIKELY


@pytest.mark.parametrize(
    ("kind", "value", "found"),
    [
        (Colour, "RED", Colour.RED),
        (Colour, 1, Colour.RED),
        (Colour, "blue", Colour.BLUE),
        (Colour, "BLUE", Colour.BLUE),
        (Colour, "red", None),
        (Colour, True, None),
        (Colour, [], None),
        (Found, "any", Found.ONE),
        (enum.Enum("Version", {"A": "1.5"}), 1.5, "1.5"),
    ],
)
def test_the_member_of_a_name_or_a_value(kind, value, found):
    assert member(kind, value) is found or member(kind, value).value == found


@pytest.mark.parametrize(
    ("annotation", "takes"), [(str, True), (str | None, True), (Any, True), (T, True), (int, False), (Colour, False)]
)
def test_who_takes_any_text(annotation, takes):
    assert takes_text(annotation) is takes


def test_flags_are_joined_as_in_python():
    flag = enum.Flag("Flag", "A B C")
    assert member(flag, "A|B") is flag.A | flag.B
    assert member(flag, "A | C") is flag.A | flag.C
    assert (member(flag, "A|D"), member(flag, "A|")) == (None, None)
    assert member(Colour, "RED|BLUE") is None
