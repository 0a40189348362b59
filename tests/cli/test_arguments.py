"""The arguments of whatever can be called."""

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, Self, overload

import pytest
import torch
from pydantic import BaseModel, ConfigDict, Field
from pydantic.dataclasses import dataclass as checked_dataclass

from lighter.cli.arguments import Argument, arguments, origin, shown, summary
from lighter.project.registry import Component


class Size(BaseModel):
    """Sizes.

    Args:
        kind: which one
    """

    model_config = ConfigDict(extra="allow")
    width: int = Field(gt=0, description="the number of channels")
    kind: Literal["a", "b"] = "a"
    layers: list[int] = Field(default_factory=list)
    other: int = Field(3, alias="another")


@dataclass
class Point:
    x: int
    y: int = 2
    path: list[int] = field(default_factory=list)


@checked_dataclass
class Checked:
    x: int
    y: int = 2


class Untold:
    __signature__ = "no signature"


class Broken:
    def __repr__(self) -> str:
        raise ValueError("no text")


BROKEN = Broken()


class Base:
    """A base.

    Args:
        size: how many
        late: told by the base
    """

    def __init__(self, size: int, late: "str | None" = None) -> None: ...

    @classmethod
    def made(cls, path: str, *, strict: bool = True) -> "Base":
        """Makes one.

        :param path: of a file
        """
        return cls(len(path))

    def __call__(self, x: int) -> int:
        return x


class Derived(Base):
    """Another.

    Args:
        size: how many of them
    """


class New:
    def __new__(cls, a: int, b: int = 2) -> Self:
        """Makes it.

        Args:
            a: the first
        """
        return super().__new__(cls)


def make(width: int, *rest: int, depth: "int | None" = None, **more: Any) -> None:
    """Makes it.

    And more.
    """


def plain(width, depth=3) -> None: ...


def logged(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return call


@overload
def twice(x: int) -> int: ...
@overload
def twice(x: str, sep: str) -> str: ...
def twice(x: Any, sep: Any = "") -> Any:
    return x


def odd(broken=BROKEN, /, kind=dict, *, call=plain, text="a\nb", long="x" * 200) -> None: ...


def written(target: Any) -> list[str]:
    return [one.written for one in arguments(target)]


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (make, ["width: int", "*rest: int", "depth: int | None = None", "**more: Any"]),
        (plain, ["width", "depth = 3"]),
        (functools.partial(plain, width=7), ["width = 7", "depth = 3"]),
        (Component("model", "tiny", make), ["width: int", "*rest: int", "depth: int | None = None", "**more: Any"]),
        (logged(plain), ["width", "depth = 3"]),
        (twice, ["x: Any", "sep: Any = ''"]),
        (Point, ["x: int", "y: int = 2", "path: list[int] = list()"]),
        (Checked, ["x: int", "y: int = 2"]),
        (Derived, ["size: int", "late: str | None = None"]),
        (Base.made, ["path: str", "strict: bool = True"]),
        (Base(1), ["x: int"]),
        (New, ["a: int", "b: int = 2"]),
        (Untold, ["..."]),
        (torch.add, ["..."]),
        (dict, ["..."]),
        (len, ["obj"]),
        (
            odd,
            [
                "broken = <Broken>",
                "kind = builtins.dict",
                f"call = {__name__}.plain",
                "text = 'a\\nb'",
                f"long = '{'x' * 96}...",
            ],
        ),
    ],
)
def test_the_parameters_of_what_is_called(target: Any, expected: list[str]) -> None:
    assert written(target) == expected


@pytest.mark.parametrize("target", [Size, Component("model", "tiny", plain, Size)])
def test_the_fields_of_a_model(target: Any) -> None:
    said = "which one" if target is Size else ""
    assert arguments(target) == [
        Argument("width", "int", None, True, "the number of channels"),
        Argument("kind", "Literal['a', 'b']", "'a'", False, said),
        Argument("layers", "list[int]", "list()"),
        Argument("another", "int", "3"),
        Argument("**more"),
    ]


def test_what_is_said_of_each_also_by_what_it_inherits() -> None:
    assert [one.description for one in arguments(Derived)] == ["how many of them", "told by the base"]
    assert arguments(New)[0] == Argument("a", "int", None, True, "the first")
    assert [one.description for one in arguments(functools.partial(Base.made, strict=False))] == ["of a file", ""]
    adam = {one.name: one for one in arguments(torch.optim.Adam)}
    assert (adam["params"].is_required, adam["lr"].default, adam["weight_decay"].description) == (
        True,
        "0.001",
        "weight decay (L2 penalty) (default: 0)",
    )


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (make, "Makes it."),
        (functools.partial(make, 1), "Makes it."),
        (Component("model", "tiny", make), "Makes it."),
        (Point, ""),
        (plain, ""),
        (Base(1), "A base."),
        (torch.add, "add(input, other, *, alpha=1, out=None) -> Tensor"),
    ],
)
def test_what_it_says_of_itself(made: Any, expected: str) -> None:
    assert summary(made) == expected


def test_where_it_is_from() -> None:
    assert origin(plain) == f"{__file__}:{plain.__code__.co_firstlineno}"
    assert origin(logged(plain)) == origin(functools.partial(plain)) == origin(plain)
    assert origin(Base(1)).startswith(f"{__file__}:")
    assert origin(torch.add) == "torch"
    assert origin(len) == "builtins"


def test_a_line_for_each() -> None:
    assert shown("a.Derived", "a.py:3", Derived) == (
        "a.Derived  a.py:3\n"
        "  # Another.\n"
        "  size: int                required  how many of them\n"
        "  late: str | None = None            told by the base\n"
    )
    assert shown("a.Untold", "a", Untold) == "a.Untold  a\n  ...\n"
