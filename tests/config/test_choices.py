"""The layers of a config, and files for a place that are exchanged."""

import pytest

from lighter.config import choices
from lighter.config.choices import Chosen, Placed, chosen_in, exchanged, layered
from lighter.config.dumping import plain
from lighter.config.key_path import text
from lighter.config.loading import load_mapping
from lighter.config.tree import Entry
from lighter.errors import ConfigError, Position, Source

AT = Position(Source("a.yaml", has_lines=False))


def tree(**entries):
    return load_mapping(entries)


def placed(path, mark="", **entries):
    path = tuple(path.split("::"))
    return Placed(path, Entry(path[-1], tree(**entries), AT, mark))


def made(layers):
    return plain(layered(layers, AT))


def test_layers_are_merged_and_know_the_files_for_places():
    inner = layered([tree(m={"a": 1}), placed("m", b=2), tree(m={"c": 3})], AT)
    outer = layered([inner, placed("m::d", e=5), tree(x=1)], AT)
    assert plain(outer) == {"m": {"a": 1, "b": 2, "c": 3, "d": {"e": 5}}, "x": 1}
    assert sorted(map(text, outer.chosen)) == ["m", "m::d"]
    assert chosen_in(tree(x=1)) == {}


def test_another_file_takes_the_place_of_the_lowest_and_the_others_go():
    first, own = placed("m", b=2), tree(m={"b": 3})
    inner = layered([tree(m={"a": 1}), first, own], AT)
    new = placed("m", f=6)
    layers, lacking = exchanged([inner, placed("m", g=7), tree(x=1)], [new, placed("n", h=8)])
    assert made(layers) == {"m": {"a": 1, "f": 6, "b": 3}, "x": 1}
    assert [one.path for one in lacking] == [("n",)]
    assert made([inner]) == {"m": {"a": 1, "b": 3}}  # which has not changed
    again, _ = exchanged(layers, [placed("m", i=9)])
    assert made(again) == {"m": {"a": 1, "i": 9, "b": 3}, "x": 1}


def test_it_lies_as_the_other_did_unless_it_says_how():
    layers = [tree(m={"a": 1}), placed("m", "=", b=2)]
    assert made(exchanged(layers, [placed("m", c=3)])[0]) == {"m": {"c": 3}}
    layers = [tree(m={"a": 1}), placed("m", b=2)]
    assert made(exchanged(layers, [placed("m", c=3)])[0]) == {"m": {"a": 1, "c": 3}}
    assert made(exchanged(layers, [placed("m", "=", c=3)])[0]) == {"m": {"c": 3}}


def test_what_has_no_such_place_stays_the_same():
    layers = [layered([placed("m", a=1)], AT), tree(x=1)]
    assert exchanged(layers, [placed("n", a=2)])[0] == layers


def test_files_that_share_others_without_end_are_refused(monkeypatch):
    monkeypatch.setattr(choices, "MOST", 100)
    one = layered([placed("m", a=1)], AT)
    for _ in range(10):
        one = layered([one, one], AT)
    with pytest.raises(ConfigError, match="takes more than 100 others"):
        exchanged([one], [placed("m", b=2)])


def test_a_source_of_choices_has_them_apart():
    source = Chosen({**tree(x=1).entries, "a::b": Entry("b", tree(c=2), AT)}, AT, frozenset({"a::b"}))
    *files, rest = source.parts()
    assert [(one.path, plain(one.entry.value)) for one in files] == [(("a", "b"), {"c": 2})]
    assert plain(rest) == {"x": 1}
