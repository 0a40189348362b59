"""Which values of a call are refused, and what is said of them."""

import enum
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest
import torch
from pydantic import BaseModel
from torch import nn

from lighter.config import Config
from lighter.config.checks.arguments import misfits

if TYPE_CHECKING:
    from decimal import Decimal as Thing


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


@dataclass
class Point:
    x: int
    colour: Colour = Colour.RED


@dataclass
class Line:
    points: list[Point] = field(default_factory=list)
    named: dict[str, Point] | None = None


class Model(BaseModel):
    width: int


def sized(
    size: int,
    name: str = "x",
    rate: float = 0.1,
    on: bool = True,
    mode: Literal["min", "max"] = "min",
) -> None: ...


def odd(
    *,
    act: Callable[..., Any] = len,
    net: nn.Module | None = None,
    root: Path = Path(),
    colour: Colour = Colour.RED,
    flag=False,
    maybe: bool | None = None,
    word: bool | str = True,
    kind: Literal["1", "2"] = "1",
    sizes: Sequence[int] = (1,),
    pair: tuple[int, int] = (1, 2),
    files: Mapping[str, str] | None = None,
    number: int | None = None,
    by_key: int | tuple[int, int] | dict[str, int | tuple[int, int]] | None = None,
    implicit: int = None,  # type: ignore[assignment]  # noqa: RUF013  # as much code has it
) -> None: ...


def nested(point: Point, line: Line | None = None, model: Model | None = None, either: Point | Line | None = None): ...


def hasty(
    size: int = 0, pair: int = 0, names: list[str] | None = None, mode: Colour = Colour.RED, path: Path = Path()
) -> None: ...  # never called


# As it is written in haste, past every checker of types.
hasty.__defaults__ = (0.5, (1, 2), None, "red", "a")


def lazy(size: "int", later: "Thing | None", module: "nn.Module", on: "bool" = True) -> None: ...


def all_said(target, name, value):
    return [*misfits(target, inspect.signature(target).parameters[name], value)]


def said(target, name, value):
    """What is wanted and the help, and whether it is but a warning."""
    found = all_said(target, name, value)
    return (found[0].wanted, found[0].help, *(["warning"] if found[0].is_doubtful else [])) if found else None


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("size", "3", ("int", "write it without quotes")),
        ("size", "a", ("int", "write a whole number")),
        ("size", 0.5, ("int", "write a whole number")),
        ("size", 4.0, None),
        ("size", [1], ("int", "write a whole number")),
        ("rate", [1], ("float", "write a number")),
        ("on", [1], ("bool", "write true or false")),
        ("rate", "1e-3", ("float", "write it without quotes")),
        ("on", "yes", ("bool", "write true")),
        ("on", "Off", ("bool", "write false")),
        ("on", "None", ("bool", "write true or false")),
        ("on", None, ("bool", "write true or false; leave it out for its default", "warning")),
        ("on", 1, None),
        ("on", 2.5, ("bool", "write true or false", "warning")),
        ("size", True, ("int", "write a whole number", "warning")),
        ("rate", False, ("float", "write a number", "warning")),
        ("name", True, ("str", "write a text", "warning")),
        ("name", None, ("str", "write a text; leave it out for its default", "warning")),
        ("rate", "inf", ("float", "write .inf")),
        ("rate", "-Infinity", ("float", "write -.inf")),
        ("rate", "NaN", ("float", "write .nan")),
        ("size", "inf", ("int", "write a whole number")),
        ("on", "true", ("bool", "write it without quotes", "warning")),
        ("mode", "mn", ("one of 'min', 'max'", "did you mean 'min'?")),
        ("mode", "qqqq", ("one of 'min', 'max'", "there are min, max")),
        ("name", [1], ("str", "write a text")),
        ("name", 7, None),
        ("size", None, ("int", "write a whole number", "warning")),
        ("size", 3, None),
    ],
)
def test_what_is_said(name, value, told):
    assert said(sized, name, value) == told


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("act", "relu", "write '{_target_: relu, _mode_: callable}', with its whole name"),
        ("net", "resnet", "write '{_target_: resnet}', with its whole name"),
        ("root", 5, ""),
        ("colour", "purple", "there are RED, BLUE"),
        ("colour", "red", "did you mean 'RED'?"),
        ("flag", "no", "write false"),
        ("maybe", "None", "write null"),
        ("kind", 1, "write it in quotes: '1'"),
        ("number", "None", "write null"),
    ],
)
def test_single_values_of_another_kind_are_mistakes(name, value, told):
    (found,) = all_said(odd, name, value)
    assert (found.help, found.is_doubtful) == (told, False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("word", "no"),
        ("sizes", 64),
        ("sizes", [[1, 2, 2], [2, 2, 2]]),
        ("sizes", [1, None]),
        ("pair", [1, 2, 3]),
        ("files", "cpu"),
        ("maybe", "true"),
    ],
)
def test_where_the_code_may_take_more_it_is_a_warning(name, value):
    (found,) = all_said(odd, name, value)
    assert found.is_doubtful


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("implicit", None),
        ("flag", "auto"),
        ("word", "auto"),
        ("root", "a/b"),
        ("colour", "BLUE"),
        ("colour", 2),
        ("pair", [1, 2]),
        ("by_key", {"a": [1, 2], "b": 3}),
        ("by_key", [1, 2]),
    ],
)
def test_what_fits_is_not_told(name, value):
    assert all_said(odd, name, value) == []


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("point", {"x": 1, "colour": "BLUE"}, []),
        ("point", {"y": 1}, [("Point takes no argument 'y'", ("y",)), ("Point needs the argument 'x'", ())]),
        ("point", {"x": "a"}, [("Point takes int for 'x', not 'a'", ("x",))]),
        ("point", {"x": 1, "colour": "RD"}, [("Point takes Colour (RED, BLUE) for 'colour', not 'RD'", ("colour",))]),
        ("line", {"points": [{"x": 1}, {"x": "a"}]}, [("Point takes int for 'x', not 'a'", ("points", "1", "x"))]),
        ("line", {"named": {"a": {"z": 1, "x": 1}}}, [("Point takes no argument 'z'", ("named", "a", "z"))]),
        ("either", {"points": []}, []),
        ("model", {"width": "3"}, []),
        (
            "model",
            {"width": "a"},
            [("Model: input should be a valid integer, unable to parse string as an integer; it is 'a'", ("width",))],
        ),
        ("model", {"with": 1}, [("Model takes no argument 'with'", ("with",))]),
        ("model", {}, [("Model needs the argument 'width'", ())]),
    ],
)
def test_a_mapping_for_a_class_is_looked_at_key_by_key(name, value, told):
    assert [(found.what, found.path) for found in all_said(nested, name, value)] == told


@pytest.mark.parametrize(
    ("name", "value"),
    [("size", 0.7), ("pair", [3, 4]), ("names", None), ("names", ["a"]), ("mode", "green"), ("path", 5)],
)
def test_a_default_that_contradicts_its_annotation_is_believed(name, value):
    assert said(hasty, name, value) is None


def test_each_annotation_is_resolved_by_itself():
    assert said(lazy, "size", "a") == ("int", "write a whole number")
    assert said(lazy, "on", "no") == ("bool", "write false")
    assert said(lazy, "later", "a") is None
    assert said(lazy, "module", object()) is None


@pytest.mark.parametrize(
    ("target", "name", "value", "told"),
    [
        (torch.optim.Adam, "lr", "1e-3", ("float or Tensor", "write it without quotes")),
        (torch.optim.Adam, "lr", 1e-3, None),
        (torch.optim.Adam, "betas", [0.9, 0.99], None),
        (torch.optim.Adam, "betas", 0.9, ("tuple[float | torch.Tensor, float | torch.Tensor]", "")),
        (torch.optim.SGD, "momentum", None, ("float", "write a number; leave it out for its default")),
        (nn.Linear, "bias", None, ("bool", "write true or false; leave it out for its default", "warning")),
        (nn.Linear, "out_features", True, ("int", "write a whole number")),
        (nn.L1Loss, "reduction", None, ("str", "write a text; leave it out for its default")),
        (nn.L1Loss, "reduction", True, ("str", "write a text")),
        (torch.utils.data.DataLoader, "drop_last", "None", ("bool", "write true or false")),
        (torch.utils.data.DataLoader, "shuffle", 2.5, ("bool or null", "")),
        (nn.Linear, "bias", "true", ("bool", "write it without quotes")),
        (nn.Conv2d, "kernel_size", 3, None),
        (nn.Conv2d, "kernel_size", [3, 3], None),
        (nn.Conv2d, "padding", "same", None),
        (nn.Conv2d, "in_channels", "a", ("int", "write a whole number")),
        (torch.utils.data.DataLoader, "shuffle", "no", ("bool or null", "write false")),
        (torch.utils.data.DataLoader, "batch_size", "abc", ("int or null", "")),
        (torch.utils.data.DataLoader, "batch_size", 2.5, ("int or null", "")),
        (torch.utils.data.DataLoader, "num_workers", 2, None),
    ],
)
def test_torch_tells_the_truth(target, name, value, told):
    assert said(target, name, value) == told


TARGETS = """
import enum
from dataclasses import dataclass

class Colour(enum.Enum):
    RED = 1

@dataclass
class Point:
    x: int

def paint(colour: Colour = Colour.RED, point: Point = None, sizes: list[int] = (), **more: int):
    return colour, point, sizes, more

def by(size: int, /, **more):
    return size, more
"""


@pytest.fixture
def check(write):
    write("targets.py", TARGETS)

    def checked(arguments, target="paint"):
        config = Config(f"r={{_target_: targets.{target}, {arguments}}}")
        return config, [f"{one.place}: {one.what}" for one in config.check()], [one.place for one in config.warnings]

    return checked


def test_a_warning_stops_nothing_and_is_told_once(check, caplog):
    config, told, warned = check("sizes: 3")
    assert (told, warned) == ([], ["r::sizes"])
    assert config.check() == []
    assert len(caplog.records) == 1
    assert caplog.records[0].getMessage().startswith("warning: targets.paint takes list[int] for 'sizes', not 3\n")


def test_a_call_may_be_left_unchecked(check):
    config, told, warned = check("sizes: 3, colour: purple, _check_: false")
    assert (told, warned) == ([], [])
    assert config.resolve("r")[:3] == ("purple", None, 3)
    assert check("colour: purple, _check_: true")[1] == [
        "r::colour: targets.paint takes Colour (RED) for 'colour', not 'purple'"
    ]


def test_parts_that_are_known_are_looked_at(check):
    assert check("point: {x: $1}")[1] == []
    assert check("point: {y: $1}")[1] == [
        "r::point::y: Point takes no argument 'y'",
        "r::point: Point needs the argument 'x'",
    ]
    assert check("sizes: [$1, a]")[1] == ["r::sizes: targets.paint takes list[int] for 'sizes', not [..., 'a']"]


def test_arguments_by_position_are_looked_at_too(check):
    assert check("_args_: [purple]")[1] == ["r::_args_::0: targets.paint takes Colour (RED) for 'colour', not 'purple'"]
    assert check("_args_: [1], size: a", "by")[1] == []
    assert check("size: 1", "by")[1] == ["r: targets.by needs the argument 'size'"]


def test_what_is_left_over_may_have_any_name(check):
    assert check("more: {y: 2}, kwargs: a")[1:] == ([], [])


MODULES = """
from torch import nn

def stack(layer: nn.Module, again: nn.Module | None = None, norm: nn.Module = nn.ReLU, any=None): ...
"""


@pytest.mark.parametrize("name", ["layer", "again", "norm", "any"])
def test_a_class_is_told_where_a_module_is_taken(write, name):
    write("modules.py", MODULES)
    unmade = {"_target_": "torch.nn.ReLU", "_mode_": "callable"}
    config = Config({"r": {"_target_": "modules.stack", "layer": {"_target_": "torch.nn.ReLU"}, name: unmade}})
    assert list(config.check()) == []
    found = [(one.place, one.what) for one in config.warnings]
    said = f"modules.stack takes what torch.nn.ReLU makes for '{name}', '_mode_: callable' gives it unmade"
    # A default that is a class says what is meant, whatever the annotation says.
    assert found == ([(f"r::{name}::_mode_", said)] if name in ("layer", "again") else [])


def test_a_class_for_a_module_of_torchs_own_is_a_mistake():
    unmade = {"_target_": "torch.nn.ReLU", "_mode_": "callable"}
    layer = {"_target_": "torch.nn.TransformerEncoderLayer", "d_model": 2, "nhead": 1}
    stack = {"_target_": "torch.nn.TransformerEncoder", "encoder_layer": layer, "num_layers": 1, "norm": unmade}
    (problem,) = Config({"r": stack}).check()
    assert (problem.place, problem.help) == ("r::norm::_mode_", "leave '_mode_' out")
