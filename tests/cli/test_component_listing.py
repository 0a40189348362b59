"""The components that a config knows."""

from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

from lighter.cli.component_listing import arguments, registered, summary
from lighter.config import Config
from lighter.project.registry import Component, register, registry


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


REGISTERS = "from lighter.project.registry import register\n@register('{kind}', 'one')\nclass One: pass\n"


def names(*sources, allow=None):
    return [one.written for one in registered(Config(*sources).limited(allow))]


def test_those_of_the_process_of_imports_and_of_the_project(write, monkeypatch):
    monkeypatch.setattr(registry, "_known", {})
    register("process", "one")(dict)
    write("lib/mine.py", REGISTERS.format(kind="imported"))
    write("shop/net.py", REGISTERS.format(kind="project"))
    write("shop/wrong.py", "raise ValueError")
    config = {
        "project": "shop",
        "imports": {"a": {"path": "lib", "module_name": "mine"}},
        "vars": [{"_target_": "shop.net.One"}, {"_target_": "shop.wrong.Two"}, {"_target_": "torch.no.such"}],
    }
    assert names({}) == ["process/one"]
    assert names(config) == ["imported/one", "process/one", "project/one"]
    assert names(config, allow="mine") == ["imported/one", "process/one"]
    assert names({}) == ["process/one"]
