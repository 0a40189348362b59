"""What values of the config become for the arguments that they are given to."""

import enum
import functools
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel

from lighter.config import Config
from lighter.config.conversion import Conversion, chosen, converted


class Colour(enum.Enum):
    RED = 1
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1


@dataclass
class Point:
    x: int
    colours: "list[Colour]" = field(default_factory=list)


@dataclass
class Line:
    start: Point
    end: "Point | None" = None


class Model(BaseModel):
    width: int


@pytest.mark.parametrize(
    ("value", "annotation", "wanted"),
    [
        ("RED", Colour, Colour.RED),
        ("blue", Colour | None, Colour.BLUE),
        (1, Level, Level.LOW),
        (["RED", "BLUE"], list[Colour], [Colour.RED, Colour.BLUE]),
        ({"a": "RED"}, dict[str, Colour], {"a": Colour.RED}),
        ([1, "RED", 2.0], tuple[int, Colour, int], [1, Colour.RED, 2]),
        (4.0, int, 4),
        (4.0, int | str | None, 4),
        ([1.0, 2], list[int], [1, 2]),
        (7, str, "7"),
        (1.5, str | None, "1.5"),
        ("a/b", Path, Path("a/b")),
        (["a"], list[Path] | None, [Path("a")]),
        ("a", Annotated[Path, "where"], Path("a")),
        ({"x": 1.0, "colours": ["RED"]}, Point, Point(1, [Colour.RED])),
        ({"start": {"x": 1}, "end": {"x": 2}}, Line | None, Line(Point(1), Point(2))),
        ({"x": 1}, Line | Point, Point(1)),
        ([{"x": 1}], list[Point], [Point(1)]),
        ({"width": "3"}, Model, Model(width=3)),
    ],
)
def test_what_yaml_has_no_word_for(value, annotation, wanted):
    made = converted(value, annotation)
    assert (made, type(made)) == (wanted, type(wanted))


@pytest.mark.parametrize(
    ("value", "annotation"),
    [
        ("RED", Colour | str),
        ("purple", Colour),
        (Colour.RED, Colour),
        (4.0, int | float),
        (4.5, int),
        (True, str),
        (7, str | int),
        ("a", str | Path),
        (16, Literal[16, "16-mixed"]),
        ({"x": 1}, dict | Point),
        ({"x": 1}, dict[str, int]),
        ({"x": 1}, Any),
        ([1, 2], list[int]),
        (["a"], "no type"),
        (None, Colour),
        (Point(1), Point),
    ],
)
def test_what_stays_as_it_is(value, annotation):
    assert converted(value, annotation) is value


def test_a_mapping_that_is_no_such_class_is_refused_by_it():
    with pytest.raises(TypeError, match="unexpected keyword argument 'y'"):
        converted({"y": 1}, Point | None)
    assert chosen({"x": 1}, dict | Point) is None


def paint(colour: Colour = Colour.RED, size: int = 1, path: Path = Path(), *more: Colour, name: str, **rest: int): ...


# As it is written in haste, past every checker of types.
paint.__defaults__ = (Colour.RED, 1.5, "here")


def test_which_parameter_gets_it():
    conversion = Conversion(paint)
    assert [conversion.of(key, 2.0, None) for key in ("name", "size", "rest", "more", "other")] == ["2.0", *[2.0] * 4]
    assert [conversion.of(0, "RED", None), conversion.of(3, "RED", None)] == [Colour.RED, "RED"]
    assert conversion.of("path", "there", None) == "there"  # as its default says
    assert Conversion(functools.partial(paint, "RED")).of("name", 2, None) == "2"
    assert Conversion(Model).of("width", 4.0, None) == 4.0  # it converts by itself
    assert Conversion(dict).of("a", 4.0, None) == 4.0


TARGETS = """
import enum
from dataclasses import dataclass
from pathlib import Path

class Colour(enum.Enum):
    RED = 1

@dataclass
class Point:
    x: int
    colour: Colour = Colour.RED

def given(
    name: str = "", names: list[str] = (), count: int = 0, path: Path = None, colour: Colour = None, point: Point = None
):
    return name, names, count, path, colour, point

def first(name: str, /, **more):
    return name, more
"""


@pytest.fixture
def built(write):
    write("things.py", TARGETS)

    def made(arguments, target="given", *more):
        config = Config(f"r={{_target_: things.{target}, {arguments}}}", *more)
        assert config.check() == []
        return config.resolve("r")

    return made


@pytest.mark.parametrize("written", ["007", "1.10", "1_1_1", "1e3", "0x1F", ".5", "+1", "-0", "5"])
def test_a_number_is_the_text_that_is_written(built, write, written):
    assert built(f"name: {written}")[0] == written
    assert built(f"names: [{written}, a]")[1] == [written, "a"]
    assert built(f"_args_: [{written}], name: {written}", "first") == (
        written,
        {"name": float(int(written, 0)) if "x" in written else pytest.approx(float(written))},
    )
    assert built("name: '@vars::v'", "given", f"vars::v={written}")[0] == written
    write("c.yaml", Config(f"r={{_target_: things.given, name: {written}}}").dump())
    assert Config("c.yaml").resolve("r")[0] == written


def test_what_is_built_is_part_of_it(built):
    assert built("point: {x: $1 + 1, colour: RED}, count: 4e0, path: a/b, colour: 1")[2:] == (
        4,
        Path("a/b"),
        *(one for one in built("colour: RED, point: {x: 2}")[4:]),
    )


def test_what_an_expression_changes_stays_changed(built):
    config = Config("l=[1.10, 2, 3]", "s=$@l.pop(1)", "r={_target_: things.given, names: '@l'}")
    assert config.resolve()["r"][1] == ["1.10", "3"]


def test_a_partial_call_is_converted_too(built):
    assert built("colour: RED, _mode_: callable").keywords["colour"].name == "RED"


def test_a_call_that_is_not_checked_gets_what_is_written(built):
    assert built("name: 007, colour: RED, path: a, point: {y: 1}, _check_: false") == (7, (), 0, "a", "RED", {"y": 1})


def test_a_word_for_a_switch_is_told_when_it_is_built(built):
    with pytest.raises(ValueError, match="'_disabled_' of 'r' is 'yes', it may be true or false"):
        Config("r={_target_: things.given, _disabled_: $'yes'}").resolve("r")
