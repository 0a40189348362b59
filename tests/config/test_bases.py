"""Files over their bases, also over those for a place; what is no base is in test_composing."""

from pathlib import Path

import pytest

from lighter.config.bases import Reader
from lighter.config.choices import Layered
from lighter.config.dumping import plain
from lighter.errors import ConfigError


def read(name):
    return plain(Reader().read(Path(name), None))


def test_a_file_for_a_place_in_the_folder_of_the_file_that_names_it(write):
    write("conf/a.yaml", "_base_: {m: parts/b.yaml, =n::o: 'parts/c.json::d'}\nm: {z: 1}\n")
    write("conf/parts/b.yaml", "{x: 2, z: 2}")
    write("conf/parts/c.json", '{"d": {"e": [1]}}')
    assert read("conf/a.yaml") == {"m": {"x": 2, "z": 1}, "n": {"o": {"e": [1]}}}


def test_the_order_in_the_list_counts(write):
    write("b.yaml", "m: {x: 1, y: 1}\n")
    write("c.yaml", "y: 2\n")
    write("a.yaml", "_base_: [b.yaml, {m: c.yaml}]\n")
    assert read("a.yaml") == {"m": {"x": 1, "y": 2}}
    write("a.yaml", "_base_: [{m: c.yaml}, b.yaml]\n")
    assert read("a.yaml") == {"m": {"y": 1, "x": 1}}


def test_of_two_for_one_place_the_later_takes_the_place_of_the_other(write):
    write("b.yaml", "x: 1\n")
    write("c.yaml", "y: 2\n")
    write("base.yaml", "_base_: {m: b.yaml}\nm: {own: 3}\n")
    write("a.yaml", "_base_: [base.yaml, {m: c.yaml}]\n")
    assert read("a.yaml") == {"m": {"y": 2, "own": 3}}
    write("a.yaml", "_base_: [{m: b.yaml}, {m: c.yaml}]\n")
    assert read("a.yaml") == {"m": {"y": 2}}


def test_a_file_without_bases_keeps_its_marks_for_what_it_will_lie_over(write):
    write("a.yaml", "+x: [1]\n")
    tree = Reader().read(Path("a.yaml"), None)
    assert (tree.entries["x"].mark, isinstance(tree, Layered)) == ("+", False)


def test_places_at_the_top_of_a_file_for_a_place_are_below_it(write):
    write("b.yaml", "x: {y: 1}\nx::y: 2\n")
    write("a.yaml", "_base_: {m: b.yaml}\n")
    assert read("a.yaml") == {"m": {"x": {"y": 2}}}


def test_an_empty_file_for_a_place_is_told(write):
    write("b.yaml", "# nothing yet\n")
    write("a.yaml", "_base_: {m: b.yaml}\n")
    with pytest.raises(ConfigError, match=r"'b\.yaml' is empty"):
        read("a.yaml")
