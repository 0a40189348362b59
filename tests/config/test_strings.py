"""What a string of a config means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lighter.config.scalars import read_string
from lighter.config.tree import Code, Macro, Reference, Scalar
from lighter.errors import Position, Source

HERE = Position(Source("here"))


@pytest.mark.parametrize("value", ["", "a", "a@b", "a$b", "100%", "@", "$", "%", "#", "loss #1", "#ff0000", "a::b"])
def test_plain_text(value):
    node = read_string(value, HERE, [])
    assert isinstance(node, Scalar)
    assert node.value == value


@pytest.mark.parametrize(("value", "text"), [("@@a", "@a"), ("$$a", "$a"), ("%%a", "%a"), ("@@@a", "@@a"), ("@@", "@")])
def test_a_doubled_sign_is_the_plain_character(value, text):
    assert read_string(value, HERE, []).value == text


@pytest.mark.parametrize(("value", "seen"), [("@a::b", ("a", "b")), ("@a#b", ("a", "b")), ("@::b", ("x", "b"))])
def test_a_reference(value, seen):
    node = read_string(value, HERE, [])
    assert isinstance(node, Reference)
    assert node.target.seen_from(("x", "y")) == seen


@pytest.mark.parametrize("value", ["$1 + 1", "$ @a", "$'@a'", "$import os"])
def test_code(value):
    node = read_string(value, HERE, [])
    assert isinstance(node, Code)
    assert node.written == value[1:]


@pytest.mark.parametrize(
    ("value", "file", "seen"),
    [
        ("%a::b", None, ("a", "b")),
        ("%::b", None, ("x", "b")),
        ("%c.yaml", "c.yaml", ()),
        ("%c.yaml::", "c.yaml", ()),
        ("%../d e/c.yml::a", "../d e/c.yml", ("a",)),
        ("%c.json#a#0", "c.json", ("a", "0")),
        ("%a.yaml.bak", None, ("a.yaml.bak",)),
    ],
)
def test_a_macro(value, file, seen):
    node = read_string(value, HERE, [])
    assert isinstance(node, Macro)
    assert (node.file, node.target.seen_from(("x", "y"))) == (file, seen)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("@a b", "holds a space, so it is no reference"),
        ("% done", "holds a space, so it is no macro"),
        ("%c.yaml::a b", "holds a space, so it is no macro"),
        ("@a::", "has an empty key, so it is no reference"),
        ("%c.yaml::a::", "has an empty key, so it is no macro"),
        ("@::", "names no place, so it is no reference"),
        ("%##", "names no place, so it is no macro"),
    ],
)
def test_a_malformed_one_is_told_with_how_to_write_text(value, why):
    problems = []
    assert read_string(value, HERE, problems).value == value
    (problem,) = problems
    assert problem.what == f"'{value}' {why}"
    assert problem.help.endswith(f"a text that begins with '{value[0]}' is written with '{value[0] * 2}'")


@given(st.text())
def test_any_text_means_something(value):
    read_string(value, HERE, [])
