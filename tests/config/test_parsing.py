"""Texts to events, each with its place."""

import pytest
import yaml

from lighter.config.parsing import json_events, yaml_events
from lighter.errors import ConfigError, Source


def problem(events, text):
    with pytest.raises(ConfigError) as raised:
        list(events(Source("x", text)))
    (told,) = raised.value.problems
    return told.what, (told.position.line, told.position.column)


def scalars(events, text):
    found = [event for event in events(Source("x", text)) if isinstance(event, yaml.ScalarEvent)]
    return [(event.value, event.start_mark.line + 1, event.start_mark.column + 1) for event in found]


@pytest.mark.parametrize(
    ("text", "at", "what"),
    [
        ('{"a" 1}', (1, 6), "this is no JSON: Expecting ':' delimiter"),
        ('{\r\n"a": x}', (2, 6), "this is no JSON: Expecting value"),
        ('{"a": "\u2028", x}', (2, 4), "this is no JSON: Expecting property name"),
        ("", (1, 1), "this is no JSON: Expecting value"),
        ('{"a": 1', (1, 8), "this is no JSON: Expecting ',' delimiter"),
        ("[" * 100_000, (1, 1), "this JSON is nested too deep to be read"),
        ('{"a": "\\ud800"}', (1, 7), "half of a surrogate pair is no character"),
    ],
)
def test_what_is_no_json_is_told_where_it_stands(text, at, what):
    told, where = problem(json_events, text)
    assert told.startswith(what)
    assert where == at


def test_json_has_the_same_events_and_places_as_yaml():
    text = '{"a": [1, -2.5e3, true,\n  null, "x\\n"], "b": {}}'
    assert scalars(json_events, text) == scalars(yaml_events, text)
    assert scalars(json_events, text)[-2:] == [("x\n", 2, 9), ("b", 2, 17)]


def test_json_takes_what_python_takes():
    assert [value for value, *_ in scalars(json_events, '["\\ud83d\\ude00", NaN, -Infinity]')] == [
        "😀",
        ".nan",
        "-.inf",
    ]


@pytest.mark.parametrize("text", ['{\n\t"a":\t1,\n\t"b": 2\n}', '\n\n {"a": 1,\r\n"b": 2}'])
def test_json_may_be_indented_with_anything(text):
    assert [value for value, *_ in scalars(json_events, text)] == ["a", "1", "b", "2"]
