"""A tree to YAML that is read back as the same config."""

import datetime as dt
import enum
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lighter.config import Config
from lighter.config.dumping import dump, dump_with_lines, in_line, plain, portable
from lighter.config.loading import load_file, load_mapping, load_text, load_value
from lighter.config.nodes import split_mark
from lighter.errors import Source


class Number(enum.IntEnum):
    ONE = 1


class Word(enum.StrEnum):
    ONE = "one"


SIGNS = "yes No null ~ 1e-3 1_000 0x1F 0o7 1:30 2020-01-01 .inf true 1. - ? : | > ! & * # = << @x $x %x @@ $ %"
SPACES = (
    "",
    " ",
    "a: b",
    "a #b",
    "a\nb",
    "a\n  b\n",
    "\na",
    "a\n\n",
    " a",
    "a ",
    "\t",
    "\x85",
    "\u2028",
    "\ufeff",
    "\x00",
)
TRICKY = (
    *SIGNS.split(),
    *["---", "...", "etc...", "a\n...", "...\n", "a...\n\n", "[", "]", "{", "}", ",", "`", "'", '"', "\\"],
    *SPACES,
    "é😀",
    "a" * 200,
    "x " * 90,
    "9" * 5000,
)
TEXTS = st.one_of(st.sampled_from(TRICKY), st.text(st.characters(exclude_categories=["Cs"]), max_size=12))
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), TEXTS)
KEYS = st.one_of(TEXTS, st.integers(), st.booleans(), st.floats(allow_nan=False), st.none())
VALUES = st.recursive(
    LEAVES,
    lambda below: (
        st.lists(below, max_size=4)
        | st.dictionaries(KEYS, below, max_size=4).filter(lambda d: len(set(map(str, d))) == len(d))
    ),
    max_leaves=12,
)


def written(value):
    """The value as a person writes it who means just that."""
    if isinstance(value, dict):
        return {f"={k}" if isinstance(k, str) and split_mark(k)[0] else k: written(v) for k, v in value.items()}
    if isinstance(value, list):
        return [written(item) for item in value]
    return value[0] + value if isinstance(value, str) and len(value) > 1 and value[0] in "@$%" else value


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(VALUES)
def test_any_value_is_read_back(write, value):
    config = Config({"vars": written(value)})
    assert repr(config["vars"]) == repr(value)
    again = Config.load(str(write("a.yaml", config.dump())))
    assert repr(again["vars"]) == repr(value)


@pytest.mark.parametrize("value", TRICKY)
def test_tricky_texts_are_read_back_in_line_as_well(value):
    text = in_line(load_mapping({"a": [written(value)]}))
    assert "\n" not in text
    assert plain(load_value(text, Source("x"))) == {"a": [value]}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(VALUES)
def test_any_value_is_read_back_from_one_line_and_from_annotated_ones(write, value):
    tree = load_mapping({"a": written(value)})
    assert repr(plain(load_value(in_line(tree), Source("x")))["a"]) == repr(value)
    text, _ = dump_with_lines(tree)
    assert repr(plain(load_file(write("a.yaml", text)))["a"]) == repr(value)


@pytest.mark.parametrize("value", [*TRICKY, 5, None, [], {}])
def test_a_value_by_itself_is_read_back(value):
    node = load_mapping({"a": written(value)}).get("a")
    for text in (dump(node), dump_with_lines(node)[0]):
        assert plain(load_text(Source("x", text))) == value
    assert plain(load_value(in_line(node), Source("x"))) == value


def test_references_code_and_macros_are_written_as_they_were():
    values = {"a": "@b::c", "d": "$[@b for b in '']", "e": "@::x", "f": "%no::macro"}
    assert plain(load_mapping(values), escape=True) == values


def test_texts_that_begin_with_a_sign_stay_texts():
    tree = load_mapping({"a": "@@b", "c": "$$d", "e": "@"})
    assert plain(tree) == {"a": "@b", "c": "$d", "e": "@"}
    assert plain(tree, escape=True) == {"a": "@@b", "c": "$$d", "e": "@"}


def test_what_stands_twice_is_written_twice(write):
    tree = load_file(write("a.yaml", "a: &x [1]\nb: *x"))
    assert dump(tree) == "a:\n- 1\nb:\n- 1\n"


def test_texts_of_several_lines_are_written_so():
    assert dump(load_mapping({"a": "$[\n  1,\n]\n"})) == "a: |\n  $[\n    1,\n  ]\n"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.float64(0.5), "0.5"),
        (Number.ONE, "1"),
        (Word.ONE, "one"),
        ((1, 2), "\n- 1\n- 2"),
        (Path("a/b"), "a/b"),
        ({1}, "'{1}'"),
        (b"x", "b'x'"),
        (dt.date(2020, 1, 1), "datetime.date(2020, 1, 1)"),
        (1e-10, "1.0e-10"),
        (float("inf"), ".inf"),
        (True, "true"),
        (None, "null"),
    ],
)
def test_values_from_python(value, text):
    assert dump(load_mapping({"a": value})) == f"a:{'' if text.startswith(chr(10)) else ' '}{text}\n"


def test_the_project_is_written_whole(write, tmp_path):
    write("code/a.py", "")
    Path("link").symlink_to("code")
    for project, whole in (
        ("../code", "code"),
        ("../link", "link"),
        ("..", ""),
        ("../code/.", "code"),
        ("../code/..", ""),
    ):
        tree = portable(load_file(write("configs/a.yaml", f"project: {project}\nx: 1")))
        assert plain(tree) == {"project": str(tmp_path.resolve() / whole).rstrip("/"), "x": 1}
    for project in ("null", "5"):
        tree = load_file(write("a.yaml", f"project: {project}"))
        assert portable(tree) is tree
