"""Configs mean what they mean to MONAI: its parser is asked, and what both make of a config is compared."""

import contextlib
import copy
import functools
import itertools
import json
import re
import tempfile
import types
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from lighter import Config
from lighter.errors import ConfigError

Place = tuple[str, ...]

NAMES = tuple("abcdefgh")
TEXTS = ("", " ", "text", "a.b", "1e-3", "yes", "null", "50%", "x@y", "5 $", "a::b", "C:\\d", "two\nlines", "é")
KEYS = ("x", "y", "z", "0", 1, "_desc_", "_mode_", "_disabled_", "a b", "é-1")
PIECES = "pieces.json"
NAMESPACE = "types.SimpleNamespace"

# What a component gives, its target, and its arguments: `...` where any will do, `~kind~` for a reference.
COMPONENTS: tuple[tuple[str, str, Any], ...] = (
    ("space", NAMESPACE, ...),
    ("space", NAMESPACE, ...),
    ("made", "dict", ...),
    ("made", "~callable~", ...),
    ("made", "~target~", ...),
    ("made", "gc.enable", {}),  # gives None
    ("made", "collections.Counter", {"x": 1, "y": "~int~"}),
    ("made", "datetime.timedelta", {"days": "~int~", "hours": "$@::days % 24"}),
    ("made", "ensure_tuple", {"vals": "~any~"}),  # of MONAI, as the two below
    ("made", "sum", {"x": ["~int~", 2]}),
    ("made", "UpsampleMode", {"value": "deconv"}),
    ("made", "torch.tensor", {"data": [[1, "~int~"]]}),
    ("made", "torch.nn.Linear", {"in_features": 2, "out_features": "$~int~ % 3 + 1"}),
    ("box", "list", {}),
    ("counter", "itertools.count", {"start": "~int~"}),
)

# What an expression gives, and its code.
CODE: tuple[tuple[str, str], ...] = (
    ("int", "~int~ + 1"),
    ("int", "(~int~ *\n  ~int~) % 7"),
    ("int", "len(~list~)"),
    ("int", "len(~dict~)"),
    ("int", "np.int64(~int~).item()"),
    ("int", "(y := ~int~ % 9) + y"),
    ("bool", "~any~ is None"),
    ("bool", "~space~ is ~space~"),
    ("list", "[~any~, ~any~]"),
    ("list", "[x + ~int~ for x in range(3) if x != ~int~]"),
    ("list", "[(i, j) for i in range(~int~ % 3) for j in [~int~, i]]"),
    ("list", "sorted([3, 1, 2], key=lambda x: x * ~int~)"),
    ("dict", "{'k': ~any~, **~dict~}"),
    ("dict", "{n: ~int~ for n in 'ab'}"),
    ("made", 'f"{~int~}-{~int~:>3}"'),
    ("made", "'text' + str(~int~)"),
    ("made", "torch.tensor([~int~, 2])"),
    ("made", "~space~.__dict__.get('x')"),
    ("made", "(lambda: [~any~ for _ in range(2)])()"),
    ("made", "~callable~(z=~any~)"),
    ("made", "list(map(~callable~, []))"),
    ("made", "monai.__name__ if ~bool~ else numpy.pi"),
    ("callable", "lambda *_, **given: [~any~, sorted(given)]"),
    ("callable", "lambda *_, **given: [~int~ + n for n in range(2)]"),
    ("callable", "dict"),
    ("callable", "~space~.__class__"),
    ("target", "'types.' + 'SimpleNamespace'"),
    ("made", "import json"),
    ("made", "import os.path"),
    ("made", "import os.path as paths"),
    ("made", "from math import floor"),
    ("made", "from os import sep as slash"),
)
EFFECTS = (
    ("int", "next(~counter~)"),
    ("made", "~box~.append(~int~)"),
    ("made", "setattr(~space~, 'late', ~int~)"),
    ("made", "[~box~.append(n) for n in (next(~counter~), ~int~)]"),
)
DISABLED = (True, "true", " TRUE ", "$1 < 2", "~bool~")
ENABLED = (False, "false", "False", None, "$1 > 2")
MODES = ("default", "callable", "$'call' + 'able'")
REQUIRES = ("~any~", ["~any~", "~any~"], "$len([~any~])", "text")
REQUIRES_EFFECTS = ("$next(~counter~)", "$~box~.append(~int~)", ["~counter~", "$next(~counter~)"])
SINGLE = st.integers(-9, 9) | st.booleans() | st.none() | st.sampled_from(TEXTS)
PLAIN = st.recursive(SINGLE, lambda below: st.lists(below, max_size=3) | st.dictionaries(st.sampled_from("xyz"), below))


@dataclass
class Maker:
    """Draws a config. Whatever names a place names one that was made before, so nothing leads in a circle."""

    draw: st.DrawFn
    moved: bool  # the entries are shuffled, so that references lead on to later ones
    effects: bool  # expressions change objects, which shows the order of building; then no call is disabled
    kinds: dict[Place, str] = field(default_factory=dict)
    written: dict[Place, Any] = field(default_factory=dict)

    def config(self) -> dict[str, Any]:
        made = {name: self.value((name,)) for name in NAMES[: self.draw(st.integers(3, len(NAMES)))]}
        return dict(self.draw(st.permutations(list(made.items())))) if self.moved else made

    def value(self, at: Place) -> Any:
        """Something to stand at a place, whose kind is noted once it is whole."""
        options = [self.plain, self.reference, self.expression, self.expression, self.macro]
        options += [self.sequence, self.mapping, self.component, self.component] * (len(at) < 4)
        kind, value = self.one(options)(at)
        self.kinds[at], self.written[at] = kind, value
        return value

    def plain(self, at: Place) -> tuple[str, Any]:
        kind = self.one(("int", "int", "bool", "text", "other", "target"))
        kinds = {"int": st.integers(-9, 9), "bool": st.booleans(), "text": st.sampled_from(TEXTS)}
        kinds |= {"other": st.sampled_from((None, 0.5, -2.0)), "target": st.just(NAMESPACE)}
        return kind, self.draw(kinds[kind])

    def sequence(self, at: Place) -> tuple[str, Any]:
        return "list", [self.value((*at, str(index))) for index in range(self.draw(st.integers(0, 3)))]

    def mapping(self, at: Place) -> tuple[str, Any]:
        keys = self.draw(st.lists(st.sampled_from(KEYS), max_size=3, unique=True))
        return "dict", {key: self.value((*at, str(key))) for key in keys}

    def reference(self, at: Place) -> tuple[str, Any]:
        place = self.place("any")
        return (self.kinds[place], f"@{self.name(place, at)}") if place else self.plain(at)

    def macro(self, at: Place) -> tuple[str, Any]:
        place = self.place("piece")
        if not place:
            return self.plain(at)
        for below in [below for below in self.kinds if below[: len(place)] == place]:
            copied = (*at, *below[len(place) :])
            self.kinds[copied], self.written[copied] = self.kinds[below], self.written[below]
        return self.kinds[place], f"%{self.name(place, at)}"

    def expression(self, at: Place) -> tuple[str, Any]:
        kind, code = self.one((*CODE, *EFFECTS, *EFFECTS) if self.effects else CODE)
        filled = self.filled(f"${code}", at)
        return (kind, filled) if filled else self.plain(at)

    def component(self, at: Place) -> tuple[str, Any]:
        kind, target, arguments = self.one(COMPONENTS)
        made = {"_target_": self.filled(target, (*at, "_target_")) or NAMESPACE}
        self.kinds[*at, "_target_"], self.written[*at, "_target_"] = "text", made["_target_"]
        reserved = self.draw(st.lists(st.sampled_from(("_mode_", "_disabled_", "_requires_", "_desc_")), max_size=2))
        given = [("x", "y", "z", "func", "a-b")[index] for index in range(self.draw(st.integers(0, 3)))]
        for key in self.draw(st.permutations([*dict.fromkeys(reserved), *(given if arguments is ... else arguments)])):
            below = (*at, key)
            if key in reserved:
                made[key] = self.setting(key, below)
            else:
                made[key] = self.value(below) if arguments is ... else self.filled(arguments[key], below, 1)
        return ("made" if reserved else kind), made

    def setting(self, key: str, at: Place) -> Any:
        """The value of a reserved key."""
        off = ENABLED if self.effects else (*ENABLED, *DISABLED)
        requires = (*REQUIRES, *REQUIRES_EFFECTS) if self.effects else REQUIRES
        options = {"_disabled_": off, "_mode_": MODES, "_requires_": requires, "_desc_": (*TEXTS, ["x"])}
        return self.filled(self.one(options[key]), at, False)

    def filled(self, value: Any, at: Place, otherwise: Any = None) -> Any:
        """The value with `~kind~` replaced by references to something of the kind; otherwise if there is none."""
        if isinstance(value, list):
            return [self.filled(item, (*at, str(index)), otherwise) for index, item in enumerate(value)]
        if not isinstance(value, str):
            return value
        names = [(kind, self.place(kind)) for kind in re.findall("~(.+?)~", value)]
        if not all(place for _, place in names):
            return otherwise
        for kind, place in names:
            value = value.replace(f"~{kind}~", f"@{self.name(place, at)}", 1)
        return value

    def place(self, kind: str) -> Place:
        """A place made before where something of a kind stands; the empty one if there is none."""
        places: list[Place] = [place for place in self.kinds if nameable(place) and self.fits(place, kind)]
        return tuple(self.one(places or [()]))

    def edit(self, place: Place, new: str, pieces: list[str]) -> tuple[str, Any]:
        """A key of a later file with its value: for a place, or for a list or mapping that more is added to."""
        kind, written = self.kinds[place], self.written[place]
        key = self.one(("::", "#")).join(place)
        if isinstance(written, dict | list) and "_target_" not in written and place != (place[-1], "_target_"):
            more = [self.plain(place)[1], f"%{PIECES}::{self.one(pieces)}"]
            return f"+{key}", more if isinstance(written, list) else {f"new{new}": more}
        if kind == "int":
            return key, self.one((self.draw(st.integers(-9, 9)), "$3 + 4"))
        return f"new{new}", self.one((f"@{self.name(place, ('new',))}", f"%{PIECES}#{self.one(pieces)}"))

    def fits(self, place: Place, kind: str) -> bool:
        if kind != "piece" or not self.moved:
            return kind in ("any", "piece", self.kinds[place])
        # MONAI copies a piece as it finds it: what has its own macros or is seen from its place must stand before.
        text = json.dumps(self.written[place])
        return not any(sign in text for sign in ("%", "@:", "@#"))

    def name(self, place: Place, at: Place) -> str:
        """A place as it can be written at another: from the root or relative, with either separator."""
        ups = [up for up in range(1, len(at) + 1) if at[: len(at) - up] == place[: len(at) - up] and nameable(at)]
        up: int = self.one([0, 0, *(up for up in ups if up > len(at) - len(place))])
        separator: str = self.one(("::", "#"))
        return separator * up + separator.join(place[len(at) - up :] if up else place)

    def one(self, options: Any) -> Any:
        return self.draw(st.sampled_from(options))


def nameable(place: Place) -> bool:
    """Whether MONAI takes the name of a place for one."""
    return all(re.fullmatch(r"[A-Za-z0-9_]+", key) for key in place)


@st.composite
def configs(draw: st.DrawFn) -> tuple[dict[str, Any], Place]:
    """A config, and a place in it."""
    maker = Maker(draw, moved=draw(st.booleans()), effects=draw(st.booleans()))
    config = maker.config()
    return config, maker.one([place for place in maker.kinds if nameable(place)])


@st.composite
def several_files(draw: st.DrawFn) -> dict[str, dict[str, Any]]:
    """A config, files that change it, and one of which pieces are copied.

    Where MONAI replaces a mapping and Lighter merges it is left to the tests of what differs.
    """
    maker = Maker(draw, moved=False, effects=False)
    pieces = draw(st.dictionaries(st.sampled_from("pq"), PLAIN, min_size=1))
    files: dict[str, dict[str, Any]] = {"first.json": maker.config(), PIECES: pieces}
    for number in range(draw(st.integers(1, 2))):
        keys = draw(st.lists(st.sampled_from(list(maker.kinds)), max_size=4, unique=True))
        edits = [maker.edit(key, f"{number}{index}", list(pieces)) for index, key in enumerate(keys) if nameable(key)]
        files[f"later{number}.json"] = dict(edits)
    return files


@functools.cache
def locator() -> Any:
    """MONAI's table of components, which each of its parsers makes anew."""
    from monai.bundle import ComponentLocator

    return ComponentLocator()


def by_monai(config: Any, id: str = "") -> Any:
    """What MONAI's parser makes of a config."""
    from monai.bundle import ConfigParser

    parser = ConfigParser(copy.deepcopy(config))
    parser.locator = locator()
    return parser.get_parsed_content(id)


def accepted_by_monai(read: Callable[[], Any]) -> Any:
    """As `by_monai`; what MONAI refuses is no example, and there may be few of these."""
    try:
        return by_monai(read())
    except Exception:  # noqa: BLE001  # MONAI has none of its own
        reject()


def differences(ours: Any, theirs: Any, seen: dict[int, int], at: str = "") -> list[str]:
    """Where two values differ, and where one object stands on one side but two on the other."""
    if type(ours) is not type(theirs):
        return [f"{at}: {ours!r} is not {theirs!r}"]
    if isinstance(ours, list | tuple):
        pairs = [(f"{at}::{index}", a, b) for index, (a, b) in enumerate(zip(ours, theirs, strict=False))]
        told = [] if len(ours) == len(theirs) else [f"{at}: {ours!r} is not as long as {theirs!r}"]
    elif isinstance(ours, dict):
        pairs = [(f"{at}::{key}", ours[key], theirs[key]) for key in ours if key in theirs]
        told = [] if list(ours) == list(theirs) else [f"{at}: not {list(theirs)} but {list(ours)}"]
    elif isinstance(ours, types.SimpleNamespace):
        pairs, told = [(f"{at}.", vars(ours), vars(theirs))], []
        if seen.setdefault(id(ours), id(theirs)) != id(theirs):
            told = [f"{at}: not the same object as elsewhere"]
    elif isinstance(ours, functools.partial):
        pairs = [(f"{at}()", [ours.func, ours.args, ours.keywords], [theirs.func, theirs.args, theirs.keywords])]
        told = []
    elif getattr(ours, "__name__", "") == "<lambda>":
        pairs, told = [(f"{at}()", ours(z=1), theirs(z=1))], []
    else:
        by_text = isinstance(ours, torch.Tensor | torch.nn.Module | itertools.count)
        same = repr(ours) == repr(theirs) if by_text else ours == theirs
        pairs, told = [], [] if same else [f"{at}: {ours!r} is not {theirs!r}"]
    return told + [told for place, a, b in pairs for told in differences(a, b, seen, place)]


@settings(max_examples=1000, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(configs())
def test_generated_configs_mean_what_they_mean_to_monai(drawn: tuple[dict[str, Any], Place]) -> None:
    config, place = drawn
    theirs = accepted_by_monai(lambda: config)
    assert Config(config).check() == []
    assert differences(Config(config).resolve(), theirs, {}) == []
    id = "::".join(place)
    assert differences(Config(config).resolve(id), by_monai(config, id), {}) == []


@settings(max_examples=250, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(several_files())
def test_later_files_mean_what_they_mean_to_monai(files: dict[str, dict[str, Any]]) -> None:
    from monai.bundle import ConfigParser

    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):  # MONAI seeks files where it is run
        for name, content in files.items():
            Path(name).write_text(json.dumps(content), encoding="utf-8")
        names = [name for name in files if name != PIECES]
        theirs = accepted_by_monai(lambda: ConfigParser.load_config_files(names))
        assert differences(Config.load(*names).resolve(), theirs, {}) == []


MISTAKE = object()  # Lighter tells it as one
NOT_YAML_1_1 = ["yes", "on", 10, "1:30", "2020-01-01"]

# What differs on purpose, as docs/reference/monai.md lists it: a config, what MONAI makes of it, what Lighter makes.
DIFFERENT: dict[str, tuple[Any, Any, Any]] = {
    "a # in a text": ({"a": "#fff", "b": "x #1"}, {"a": "::fff", "b": "x ::1"}, {"a": "#fff", "b": "x #1"}),
    "signs written twice": ({"a": "@@b"}, {"a": "@@b"}, {"a": "@b"}),
    "a sign alone": ({"a": "%", "b": 1}, {"a": {"a": "%", "b": 1}, "b": 1}, {"a": "%", "b": 1}),
    "a key that is no word": ({"a-b": 1, "c": "@a-b"}, {"a-b": 1, "c": "@a-b"}, {"a-b": 1, "c": 1}),
    "a text that begins with @": ({"a": "@home alone"}, {"a": "@home alone"}, MISTAKE),
    "a reference within quotes": ({"a": 1, "b": '$"@a"'}, {"a": 1, "b": "__local_refs['a']"}, {"a": 1, "b": "@a"}),
    "a macro before its piece": ({"a": "%b", "b": "%c", "c": 1}, {"a": "%c", "b": 1, "c": 1}, {"a": 1, "b": 1, "c": 1}),
    "positional arguments": (
        {"a": {"_target_": "dict", "_args_": [[["x", 1]]]}},
        {"a": {"_args_": [[["x", 1]]]}},
        {"a": {"x": 1}},
    ),
    "a target that cannot be called": ({"a": {"_target_": "math.inf"}}, {"a": float("inf")}, MISTAKE),
    "a word for a boolean": ({"a": {"_target_": "dict", "_disabled_": "yes"}}, {"a": {}}, MISTAKE),
    "a debugger's key": ({"a": {"_target_": "dict", "_debug_": False}}, {"a": {}}, MISTAKE),
    "marks of keys": ({"a": {"+b": 1, "=c": 2}}, {"a": {"+b": 1, "=c": 2}}, {"a": {"b": 1, "c": 2}}),
    "a module that is not there": ({"a": 1, "imports": ["$import nowhere.to_be_found"], "b": "$@a"}, ..., MISTAKE),
    "a list that a statement changes": (
        {"a": [1], "b": "$@a.append(2)"},
        {"a": [1], "b": None},
        {"a": [1, 2], "b": None},
    ),
}


@pytest.mark.filterwarnings("ignore:Component inf is not callable:UserWarning")
@pytest.mark.parametrize(("config", "theirs", "ours"), DIFFERENT.values(), ids=DIFFERENT.keys())
def test_what_differs_on_purpose(config: Any, theirs: Any, ours: Any) -> None:
    made = by_monai(config)
    assert theirs is ... or made == theirs
    if ours is MISTAKE:
        with pytest.raises(ConfigError, match="error: "):
            raise ConfigError(Config(config).check())
    else:
        assert Config(config).check() == []
        assert Config(config).resolve() == ours


def test_a_mode_that_is_none_is_refused_by_both() -> None:
    config = {"mode": "callabel", "a": {"_target_": "dict", "_mode_": "@mode"}}
    with pytest.raises(ValueError, match="callabel"):
        by_monai(config)
    with pytest.raises(ValueError, match=r"'_mode_' of 'a' is 'callabel', it may be default, callable, debug"):
        Config(config).resolve()


def test_the_arguments_of_a_disabled_call_are_not_built() -> None:
    log = {"_target_": "list"}
    off = {"_target_": "dict", "_disabled_": True, "x": "$@log.append('built')"}
    config = {"off": off, "log": log}
    assert (by_monai(config), Config(config).resolve()) == ({"log": ["built"]}, {"log": []})


def test_a_list_reaches_each_call_as_a_copy() -> None:
    config = {"l": [1], **{name: {"_target_": NAMESPACE, "v": "@l"} for name in "ab"}, "c": "$@a.v is @b.v"}
    assert (by_monai(config, "c"), Config(config).resolve("c")) == (True, False)


@pytest.mark.parametrize(
    ("first", "later", "theirs", "ours"),
    [
        ("a: {b: 1, c: {d: 2}}", "a: {b: 5}", {"b": 5}, {"b": 5, "c": {"d": 2}}),
        ("a: {b: 1, c: {d: 2}}", "+a: {c: {e: 5}}", {"b": 1, "c": {"e": 5}}, {"b": 1, "c": {"d": 2, "e": 5}}),
        ("a: {b: 1, c: {d: 2}}", "a#c: {e: 5}", {"b": 1, "c": {"e": 5}}, {"b": 1, "c": {"d": 2, "e": 5}}),
        ("a: {_target_: dict, b: 1}", "a: {_target_: list}", [], []),
        ("a: [1, 2]", "+a: [3]", [1, 2, 3], [1, 2, 3]),
        ("a: [1, 2]", "a#0: 3\n+a: [4]", [3, 2, 4], [3, 2, 4]),
        ("a: [1, 2]", "a#0: 3\na: [4]", [4], [4]),
        ("a: [1, 2, 3]", "~a#0:", None, [2, 3]),
        ("a: [1, 2, 3]", "~a#0:\n~a#1:", None, [2]),
        ("a: {b: 1, c: 2}", "~a#b:\na#d: 3", None, {"c": 2, "d": 3}),
        ("a: {b: 1}", "'=a': {c: 2}", {"b": 1}, {"c": 2}),
        ("a: 1e-3", "b: 1", "1e-3", 0.001),
        ("a: [yes, on, 010, 1:30, 2020-01-01]", "b: 1", [True, True, 8, 90, date(2020, 1, 1)], NOT_YAML_1_1),
    ],
)
def test_what_differs_in_files(first: str, later: str, theirs: Any, ours: Any, tmp_path: Path) -> None:
    from monai.bundle import ConfigParser

    names = [str(tmp_path / name) for name in ("first.yaml", "later.yaml")]
    for name, text in zip(names, (first, later), strict=True):
        Path(name).write_text(text, encoding="utf-8")
    if theirs is not None:
        assert ConfigParser(ConfigParser.load_config_files(names)).get_parsed_content("a") == theirs
    assert Config(*names).resolve("a") == ours
