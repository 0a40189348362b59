"""The defaults of every call as comments: what is said, where, and that the config stays what it was."""

import dataclasses
import functools
import re
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pydantic import BaseModel

from lighter import Config
from lighter.config.defaults import default_text

Write = Callable[[str, str], Path]


class Net:
    def __init__(self, width: int, depth: int = 2, *rest: Any, act: Any = len, pair: Any = (1, None), **more: Any):
        raise AssertionError("nothing is called")

    @classmethod
    def made(cls, path: str, strict: bool = True) -> None:
        raise AssertionError("nothing is called")


class Size(BaseModel):
    width: int
    height: int = 3


@dataclasses.dataclass
class Point:
    x: int = 1
    path: list[int] = dataclasses.field(default_factory=list)


TABLE = {"a": [1.5, "%b"]}


def texts(empty="", sign="@home", line="a\nb", number="1e-3", *, long="x" * 200, table=TABLE) -> None: ...


@functools.wraps(texts)
def wrapped(*args: Any, **kwargs: Any) -> None: ...


class Mode(StrEnum):
    MIN = "min"


def of_mode(mode=Mode.MIN, kind=Mode) -> None: ...


def only_by_position(a: int = 1, /, b: int = 2) -> None: ...


TEXTS = ["empty: ''", "sign: '@@home'", 'line: "a\\nb"', "number: '1e-3'", f"long: ...  # '{'x' * 96}..."]


class Broken:
    def __repr__(self) -> str:
        raise ValueError("no text")


@pytest.fixture(autouse=True)
def _parts(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("its_parts")
    names = ("Net", "Size", "Point", "texts", "wrapped", "of_mode", "only_by_position")
    vars(module).update({name: globals()[name] for name in names}, part=functools.partial(Net, 1, depth=5))
    monkeypatch.setitem(sys.modules, "its_parts", module)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ({"_target_": "its_parts.Net", "width": 1}, ["depth: 2", "act: ...  # builtins.len", "pair: [1, null]"]),
        ({"width": 1, "_target_": "its_parts.Net", "depth": 3, "act": "$print"}, ["pair: [1, null]"]),
        ({"_target_": "its_parts.Net", "_args_": [1, 2]}, ["act: ...  # builtins.len", "pair: [1, null]"]),
        ({"_target_": "its_parts.Net", "_mode_": "callable", "pair": 1, "act": 1}, ["depth: 2"]),
        ({"_target_": "its_parts.Net.made", "path": "x"}, ["strict: true"]),
        ({"_target_": "its_parts.Size", "width": 1}, ["height: 3"]),
        ({"_target_": "its_parts.Point"}, ["x: 1", "path: ...  # <factory>"]),
        ({"_target_": "its_parts.part"}, ["depth: 5", "act: ...  # builtins.len", "pair: [1, null]"]),
        ({"_target_": "its_parts.only_by_position"}, ["b: 2"]),
        ({"_target_": "its_parts.of_mode"}, ["mode: min", f"kind: ...  # {__name__}.Mode"]),
        ({"_target_": "its_parts.wrapped", "table": {}}, TEXTS),
        ({"_target_": "its_parts.texts", "line": 1, "long": ""}, [*TEXTS[:2], TEXTS[3], "table: {a: [1.5, '%%b']}"]),
        ({"_target_": "torch.add"}, ["the defaults are not known: Python knows no signature of the target"]),
        ({"_target_": "its_parts.Nat"}, ["the defaults are not known: 'its_parts' has no 'Nat'"]),
        ({"_target_": "$print"}, ["the defaults are known only when the target is built"]),
    ],
)
def test_what_is_left_to_its_default(call: dict[str, Any], expected: list[str]) -> None:
    config = Config({"x": call})
    said = [line[2:] for line in config.dump("x", defaults=True).splitlines() if line.startswith("# ")]
    assert said == expected


def test_the_comments_stand_in_their_call_and_change_nothing(write: Write) -> None:
    given = {
        "system": {"model": {"width": {"a": [1]}, "_target_": "its_parts.Net"}, "metrics": {}},
        "trainer": {"callbacks": [{"_target_": "its_parts.Point"}, {"x": 2, "_target_": "its_parts.Point"}]},
        "vars": {"text": "a\n\n", "last": {"_target_": "its_parts.Size", "width": "|\n# no comment\n"}},
    }
    text = Config(given).dump(defaults=True)
    assert (
        "    width:\n      a:\n      - 1\n    _target_: its_parts.Net\n    # depth: 2\n    # act: ...  # builtins.len\n"
        "    # pair: [1, null]\n  metrics: {}\n"
    ) in text
    assert "  - _target_: its_parts.Point\n    # x: 1\n" in text
    assert "  - x: 2\n    _target_: its_parts.Point\n    # path: ...  # <factory>\nvars:\n" in text
    assert text.startswith("system:\n  # ")
    assert "\ntrainer:\n  # accelerator: auto\n" in text
    assert Config(given).dump() == _read(write, text).dump()


def test_what_is_written_in_is_what_it_was(write: Write) -> None:
    config = Config({"a": {"_target_": "torch.optim.Adam", "lr": 1e-3}, "b": {"_target_": "its_parts.Net", "width": 1}})
    text = config.dump(defaults=True)
    written_in = re.sub(r"# (?=\w+: )(?!\w+: \.\.\.)", "", text)
    found = _read(write, written_in)
    adam = found["a"]
    assert (adam["betas"], adam["eps"], adam["foreach"], adam["lr"]) == ([0.9, 0.999], 1e-8, None, 1e-3)
    assert found["b"] == {"_target_": "its_parts.Net", "width": 1, "depth": 2, "pair": [1, None]}
    assert [one.place for one in found.check()] == ["a"]  # which needs its params


def test_a_part_and_an_empty_one() -> None:
    config = Config({"system": {}, "trainer": {}, "x": {"_target_": "its_parts.Size", "width": 1}})
    assert config.dump("x", defaults=True) == "_target_: its_parts.Size\n# height: 3\nwidth: 1\n"
    assert config.dump("x::width", defaults=True) == config.dump("x::width")
    assert config.dump("trainer", defaults=True).startswith("{}\n# accelerator: auto\n")
    assert config.dump("x", origins=True, defaults=True).splitlines() == [
        "_target_: its_parts.Size  # mapping",
        "# height: 3",
        "width: 1  # mapping",
    ]


def test_of_a_limited_config_only_what_it_may_have_is_asked() -> None:
    config = Config({"x": {"_target_": "torch.nn.ReLU"}, "y": {"_target_": "os.system"}}, allow="torch")
    assert config.dump(defaults=True).splitlines() == [
        "x:",
        "  _target_: torch.nn.ReLU",
        "  # inplace: false",
        "y:",
        "  _target_: os.system",
        "  # the defaults are not known: 'os.system' is not on the list of what limited configs may use",
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [(1.5, "1.5"), (dict, "builtins.dict"), (len, "builtins.len"), ("a\nb", "'a\\nb'"), (Broken(), "<Broken>")],
)
def test_a_default_as_python_writes_it(value: Any, text: str) -> None:
    assert default_text(value) == text


def _read(write: Write, text: str) -> Config:
    return Config(write("shown.yaml", text))
