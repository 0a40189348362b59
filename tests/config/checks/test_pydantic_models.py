"""What a pydantic model refuses is told in a config's own words: at once, with its place."""

from collections.abc import Iterator
from typing import Literal

import pytest
from pydantic import BaseModel, Field, model_validator

from lighter.config import Config
from lighter.project.registry import Registry, using

NO_INTEGER = "input should be a valid integer, unable to parse string as an integer"
OR_CALLABLE = "or '_mode_: callable', to hand on the function itself"


class Layer(BaseModel):
    width: int


class Net(BaseModel):
    width: int = Field(gt=0, description="the number of channels")
    kind: Literal["conv", "linear"] = "conv"
    layers: list[Layer] = []
    top: Layer | None = None

    @model_validator(mode="after")
    def _fits(self) -> "Net":
        if self.width == 13:
            raise ValueError("13 brings bad luck")
        return self


def make(width: int, kind: str, layers: list[Layer], top: Layer | None) -> int:
    return width


@pytest.fixture(autouse=True)
def _registered() -> Iterator[None]:
    own = Registry()
    own.add("model", "net", make, Net)
    with using(own):
        yield


def told(text: str) -> list[str]:
    """The mistakes of a config, each in one line with its place."""
    config = Config({"vars": {"size": 3}}, *text.splitlines())
    return [f"{one.place}: {one.what}{f' ({one.help})' if one.help else ''}" for one in config.check()]


def test_what_fits_is_as_the_model_makes_it() -> None:
    text = "vars::net={_target_: model/net, width: '3', layers: [{width: 1}]}"
    assert told(text) == []
    assert Config(*text.splitlines()).resolve("vars::net") == 3


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            "width: wide",
            f"vars::net::width: model/net: {NO_INTEGER}; it is 'wide' (the number of channels)",
        ),
        ("width: 0", "vars::net::width: model/net: input should be greater than 0; it is 0 (the number of channels)"),
        ("width: 1, kind: cov", "vars::net::kind: model/net: input should be 'conv' or 'linear'; it is 'cov'"),
        (
            "width: 1, layers: [{width: 1}, {width: x}]",
            f"vars::net::layers::1::width: model/net: {NO_INTEGER}; it is 'x'",
        ),
        ("width: 1, top: {}", "vars::net::top: model/net: field required in 'top::width'; it is {}"),
        ("width: 13", "vars::net: model/net: value error, 13 brings bad luck"),
        ("width: '@vars::size', kind: 3", "vars::net::kind: model/net: input should be 'conv' or 'linear'; it is 3"),
        ("with: 1", "vars::net::with: model/net takes no argument 'with' (did you mean 'width'?)"),
        ("kind: conv", f"vars::net: model/net needs the argument 'width' (write 'width: ...'; {OR_CALLABLE})"),
    ],
)
def test_what_does_not_is_told_with_its_place(arguments: str, expected: str) -> None:
    assert told(f"vars::net={{_target_: model/net, {arguments}}}") == [expected]


def test_all_is_told_at_once() -> None:
    assert len(told("vars::net={_target_: model/net, width: x, kind: y}\nvars::b={_target_: model/net}")) == 3


def test_what_is_not_known_yet_is_not_told() -> None:
    assert told("vars::net={_target_: model/net, width: '@vars::size'}") == []
