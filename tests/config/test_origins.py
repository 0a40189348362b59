"""Beside each value the chain of places it came from."""

from hypothesis import example, given
from hypothesis import strategies as st

from lighter import Config
from lighter.config.dumping import plain
from lighter.config.loading import load_text, load_value
from lighter.config.origins import annotated, at_line, origins
from lighter.errors import Position, Source

BASE = """\
vars: {size: 3, sizes: [1, 2]}
part:
  lr: 0.1
  name: one
  below: {a: 1}
  lists:
    - 1
    - [2, {x: 3}]
"""


def told(*sources):
    config = Config.load(*sources)
    return {"::".join(place): where for place, where in origins(config.tree, {}).items()}


def test_a_value_that_nothing_replaced_names_its_place(write):
    write("base.yaml", BASE)
    assert told("base.yaml") == {
        "vars::size": "base.yaml:1",
        "vars::sizes::0": "base.yaml:1",
        "vars::sizes::1": "base.yaml:1",
        "part::lr": "base.yaml:3",
        "part::name": "base.yaml:4",
        "part::below::a": "base.yaml:5",
        "part::lists::0": "base.yaml:7",
        "part::lists::1::0": "base.yaml:8",
        "part::lists::1::1::x": "base.yaml:8",
    }


def test_a_chain_is_told_oldest_first(write):
    write("base.yaml", BASE)
    write("exp.yaml", "_base_: base.yaml\npart:\n  lr: 0.2\n")
    chain = told("exp.yaml", "part::lr=0.3", {"part": {"lr": 0.4}}, "part::lr=0.5")
    assert chain["part::lr"] == "base.yaml:3 -> exp.yaml:3 -> command line -> mapping -> command line"
    assert chain["part::name"] == "base.yaml:4"


def test_the_bases_of_a_later_source_stand_between(write):
    write("first.yaml", "a: 1")
    write("base.yaml", "\na: 2")
    write("exp.yaml", "_base_: base.yaml\n\na: 3")
    assert told("first.yaml", "exp.yaml")["a"] == "first.yaml:1 -> base.yaml:2 -> exp.yaml:3"


def test_an_element_that_was_set_keeps_what_it_replaced(write):
    write("base.yaml", BASE)
    chain = told("base.yaml", "part::lists::0=5", "part::lists::1::0=6", "part::lists::0=7", "+part::lists=8")
    assert chain["part::lists::0"] == "base.yaml:7 -> command line -> command line"
    assert chain["part::lists::1::0"] == "base.yaml:8 -> command line"
    assert chain["part::lists::2"] == "command line"
    assert told({"a": [1, "%a::0", 2]}, "a::2=3")["a::2"] == "mapping -> command line"
    chain = told("base.yaml", "part::lists::1=6", "~part::lists::0")
    assert chain["part::lists::0"] == "base.yaml:8 -> command line"


def test_a_list_or_mapping_tells_what_it_stands_in_place_of(write):
    write("base.yaml", BASE)
    chain = told("base.yaml", "part::lists=[1]", "=part::below={b: 1}", "part::name={c: 1}")
    assert chain["part::lists"] == "base.yaml:6 -> command line"
    assert chain["part::lists::0"] == "command line"
    assert chain["part::below"] == "base.yaml:5 -> command line"
    assert chain["part::name"] == "base.yaml:4 -> command line"
    assert "part" not in chain


def test_what_was_removed_leaves_no_trace(write):
    write("base.yaml", BASE)
    assert told("base.yaml", "~part::lr", "part={lr: 1}")["part::lr"] == "command line"


def test_a_copied_value_names_the_macro_too(write):
    write("other.yaml", "\nwidth: 5\n")
    write("base.yaml", BASE)
    write("exp.yaml", '_base_: base.yaml\npart:\n  lr: "%vars::size"\n  below: "%vars"\n  width: "%other.yaml::width"')
    config = Config.load("exp.yaml", "vars::size=4")
    lines = config.dump("part", origins=True).splitlines()
    assert lines == [
        "lr: 4  # base.yaml:3 -> exp.yaml:3 (copied from command line)",
        "name: one  # base.yaml:4",
        "below:  # base.yaml:5 -> exp.yaml:4 (copied from base.yaml:1)",
        "  size: 4  # exp.yaml:4 (copied from base.yaml:1 -> command line)",
        "  sizes:",
        "  - 1  # exp.yaml:4 (copied from base.yaml:1)",
        "  - 2  # exp.yaml:4 (copied from base.yaml:1)",
        "lists:",
        "- 1  # base.yaml:7",
        "- - 2  # base.yaml:8",
        "  - x: 3  # base.yaml:8",
        "width: 5  # exp.yaml:5 (copied from other.yaml:2)",
    ]


TEXTS = st.text(max_size=8) | st.sampled_from(["# no comment", "a: b", "- x", "two\nlines", "  |", "\u2028", "x" * 200])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS.map(lambda text: text.lstrip("@$%")),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(TEXTS.map("k".__add__), below, max_size=3),
    max_leaves=12,
)


@given(VALUES)
@example("two\nlines\n")
@example({"a": {}, "b": [], "c": [[{}]], "k" * 200: "a b " * 100, "l": "a b " * 100, "m": "a b " * 100 + "c"})
def test_comments_change_nothing(value):
    config = Config({"a": value}, {"a": value}, "+b=1", "b=2")
    assert read(config.dump(origins=True)) == read(config.dump())
    assert read(config.dump("a", origins=True)) == read(config.dump("a"))
    assert "# mapping" in config.dump("a", origins=True)


def test_a_tuple_is_one_value():
    config = Config({"a": (1, ({"x": 3}, 4)), "b": 1}, "b=2")
    assert config.dump(origins=True).splitlines() == [
        "a:  # mapping",
        "- 1",
        "- - x: 3",
        "  - 4",
        "b: 2  # mapping -> command line",
    ]


def read(text):
    return repr(plain(load_text(Source("text", text))))


def test_there_is_one_comment_a_line():
    node = load_value("{a: [[1], {b: 2}]}", Source("x"))
    comments = {("a",): "A", ("a", "0"): "B", ("a", "0", "0"): "C", ("a", "1"): "D"}
    assert annotated(node, comments).splitlines() == ["a:  # A", "- - 1  # C", "- b: 2  # D"]


def test_a_place_is_shown_as_a_reader_looks_for_it():
    assert at_line(Position(Source("base.yaml"), 12, 3)) == "base.yaml:12"
    assert at_line(Position(Source("command line: a=1: 2", has_lines=False))) == "command line"
    assert at_line(Position(Source("odd\nname.yaml"), 1)) == "odd\\nname.yaml:1"
