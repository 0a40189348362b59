"""What a component takes, as a person reads it."""

from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

from lighter.component import Component
from lighter.component_arguments import arguments, summary


class Size(BaseModel):
    model_config = ConfigDict(extra="allow")
    width: int = Field(gt=0, description="the number of channels")
    kind: Literal["a", "b"] = "a"
    layers: list[int] = Field(default_factory=list)


@dataclass
class Point:
    x: int
    y: int = 2


class Untold:
    __signature__ = "no signature"


def make(width: int, *rest: int, depth: "int | None" = None, **more: Any) -> None:
    """Makes it.

    And more.
    """


def plain(width, depth=3) -> None: ...


def written(make: Any, config: Any = None) -> list[str]:
    return [one.written for one in arguments(Component("model", "tiny", make, config))]


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (make, ["width: int", "*rest: int", "depth: int | None = None", "**more: Any"]),
        (plain, ["width", "depth = 3"]),
        (partial(plain, width=7), ["width = 7", "depth = 3"]),
        (Point, ["x: int", "y: int = 2"]),
        (Untold, ["..."]),
    ],
)
def test_the_parameters_of_what_is_called(made: Any, expected: list[str]) -> None:
    assert written(made) == expected


def test_the_fields_of_its_model() -> None:
    found = arguments(Component("model", "tiny", plain, Size))
    assert [one.written for one in found] == [
        "width: int",
        "kind: Literal['a', 'b'] = 'a'",
        "layers: list[int] = list()",
        "**more",
    ]
    assert found[0].description == "the number of channels"


@pytest.mark.parametrize(
    ("made", "expected"), [(make, "Makes it."), (partial(make, 1), "Makes it."), (Point, ""), (plain, "")]
)
def test_what_it_says_of_itself(made: Any, expected: str) -> None:
    assert summary(Component("model", "tiny", made)) == expected
