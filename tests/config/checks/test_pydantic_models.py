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


RULES = """
from typing import Annotated, List
from pydantic import AliasChoices, AliasPath, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic import field_validator, model_validator
from pydantic.dataclasses import dataclass

class Alias(BaseModel):
    model_config = ConfigDict(populate_by_name=True)
    lr: float = Field(alias="learningRate")

class Choice(BaseModel):
    lr: float = Field(validation_alias=AliasChoices("lr", "learning_rate", AliasPath("rates", 0)))

class Filled(BaseModel):
    key: str
    @model_validator(mode="before")
    @classmethod
    def fill(cls, given):
        return {"key": "filled", **given}

class Sizes(BaseModel):
    sizes: List[int]
    @field_validator("sizes", mode="before")
    @classmethod
    def one(cls, value):
        return value if isinstance(value, list) else [value]

class Word(BaseModel):
    class_: str = Field(alias="class")

class Upper(BaseModel):
    model_config = ConfigDict(alias_generator=lambda name: name.upper())
    depth: int

class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    depth: int = 1

class Layer(BaseModel):
    width: int = 1

class Net(BaseModel):
    layers: list[Layer] = []
    named: dict[str, Layer] = {}
    changed: Annotated[Layer, BeforeValidator(lambda value: Layer())] = Layer()

class Own(BaseModel):
    depth: int = 1
    def model_post_init(self, context):
        raise AssertionError("this is not to be called")

class Raising(BaseModel):
    depth: int = 1
    @field_validator("depth")
    @classmethod
    def look(cls, value):
        raise KeyError("depth")

@dataclass
class Data:
    width: Annotated[int, BeforeValidator(lambda value: 8 if value == "auto" else value)]
"""


@pytest.fixture
def rules(write) -> None:
    write("pydantic_rules.py", RULES)


def told_of(target: str, arguments: str) -> list[str]:
    return told(f"a={{_target_: pydantic_rules.{target}, {arguments}}}")


@pytest.mark.parametrize(
    ("target", "arguments", "made"),
    [
        ("Alias", "lr: 0.5", "lr=0.5"),
        ("Alias", "learningRate: '0.5'", "lr=0.5"),
        ("Choice", "learning_rate: 0.5", "lr=0.5"),
        ("Choice", "rates: [0.5]", "lr=0.5"),
        ("Filled", "", "key='filled'"),
        ("Sizes", "sizes: 3", "sizes=[3]"),
        ("Word", "class: x", "class_='x'"),
        ("Upper", "DEPTH: 3.0", "depth=3"),
        ("Open", "more: 3", "depth=1 more=3"),
        ("Net", "changed: {any: 1}", "layers=[] named={} changed=Layer(width=1)"),
        ("Data", "width: auto", "Data(width=8)"),
        ("Data", "_args_: [auto]", "Data(width=8)"),
        ("Alias", "lr: $0.5", "lr=0.5"),
        ("Filled", "key: $'x'", "key='x'"),
    ],
)
def test_its_own_rules_are_asked(rules: None, target: str, arguments: str, made: str) -> None:
    assert told_of(target, arguments) == []
    assert str(Config(f"a={{_target_: pydantic_rules.{target}, {arguments}}}").resolve("a")) == made


@pytest.mark.parametrize(
    ("target", "arguments", "place", "expected"),
    [
        ("Alias", "lr: x", "::lr", ": input should be a valid number, unable to parse string as a number; it is 'x'"),
        ("Alias", "learningrat: 1", "::learningrat", " takes no argument 'learningrat' (did you mean 'learningRate'?)"),
        ("Alias", "", "", " needs the argument 'learningRate' (write 'learningRate: ...')"),
        ("Upper", "depth: 3", "::depth", " takes no argument 'depth' (did you mean 'DEPTH'?)"),
        (
            "Net",
            "layers: [{width: 1}, {wdth: 2}]",
            "::layers::1::wdth",
            ": Layer takes no argument 'wdth' (did you mean 'width'?)",
        ),
        ("Net", "named: {x: {y: 2}}", "::named::x::y", ": Layer takes no argument 'y' (it takes width)"),
        ("Raising", "depth: 2", "", ": KeyError: 'depth'"),
        ("Data", "width: wide", "::width", f": {NO_INTEGER}; it is 'wide'"),
        ("Data", "with: 1", "::with", " takes no argument 'with' (did you mean 'width'?)"),
    ],
)
def test_what_they_refuse_is_told(rules: None, target: str, arguments: str, place: str, expected: str) -> None:
    assert told_of(target, arguments) == [f"a{place}: pydantic_rules.{target}{expected}"]


@pytest.mark.parametrize(
    ("target", "arguments"), [("Own", "depth: 2"), ("Net", "layers: [{wdth: 2}], _check_: false"), ("Open", "more: 1")]
)
def test_what_nobody_may_ask_is_not_told(rules: None, target: str, arguments: str) -> None:
    assert told_of(target, arguments) == []
