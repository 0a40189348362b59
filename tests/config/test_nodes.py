"""Events to nodes: keys, anchors, tags, and where it ends."""

import pytest

from lighter.config.dumping import plain
from lighter.config.nodes import DEEPEST, LARGEST, Composer, split_mark
from lighter.config.parsing import json_events, yaml_events
from lighter.config.tree import find, key_position
from lighter.errors import Source


def read(text, events=yaml_events):
    composer = Composer(Source("x", text))
    node = composer.compose(events(composer.source))
    return node, composer.problems


def value(text):
    node, problems = read(text)
    assert problems == []
    return plain(node)


def problems(text):
    return [problem.what for problem in read(text)[1]]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("{a: yes, on: 1e-3}", {"a": "yes", "on": 1e-3}),
        ("{a: '1', b: \"true\", c: ! 1, d: !!str 1}", {"a": "1", "b": "true", "c": "1", "d": "1"}),
        ("{a: !!float 1, b: !!int 0x10, c: !!null '', d: !!bool true}", {"a": 1.0, "b": 16, "c": None, "d": True}),
        ("{2: a, true: b, 1.5: c}", {2: "a", True: "b", 1.5: "c"}),
        ("a: |\n  x\n  y\nb: >\n  x\n  y\n", {"a": "x\ny\n", "b": "x y\n"}),
        ("'@a': 1\n$b: 2", {"@a": 1, "$b": 2}),
    ],
)
def test_yaml_as_people_mean_it(text, meant):
    found = value(text)
    assert found == meant
    assert list(map(type, found.values())) == list(map(type, meant.values()))


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("a: &x 1\nb: *x", 1),
        ("a: &x {p: 1, q: 2}\nb: {<<: *x, q: 3}", {"p": 1, "q": 3}),
        ("a: &x {p: 1, q: 2}\nb: {q: 3, <<: *x}", {"p": 1, "q": 3}),
        ("a: [&x {p: 1}, &y {p: 2, q: 2}]\nb: {<<: [*x, *y]}", {"p": 1, "q": 2}),
        ("a: &x {p: 1}\nc: &y {<<: *x, q: 2}\nb: {<<: *y}", {"p": 1, "q": 2}),
        ("b: {'<<': {p: 1}}", {"<<": {"p": 1}}),
        ("a: &x 1\nb: {&m <<: {p: 1}, q: *m}", {"p": 1, "q": "<<"}),
        ("a: &x 1\nc: &x 2\nb: *x", 2),
    ],
)
def test_anchors_and_merges(text, meant):
    assert value(text)["b"] == meant


@pytest.mark.parametrize(
    "text", ["a: # b\nc: 1", "a: #the note of a person", "a: #x\n  b: 1", "a: '' #x", "a: 1 #x", "a:\n#x\nb: 1", "a: #"]
)
def test_a_comment_is_a_comment(text):
    assert "a" in value(text)


def test_what_is_empty_is_known_from_a_null_that_is_written():
    node, _ = read("{a: , b: null, c: ~, d: '', e: !!null ''}")
    assert [key for key in "abcde" if find(node, (key,)).is_empty] == ["a"]


def test_an_anchor_is_one_node():
    node, _ = read("a: &x {p: 1}\nb: *x")
    assert find(node, ("a",)) is find(node, ("b",))


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("{a: 1, a: 2}", "the key 'a' occurs twice in one mapping"),
        ("{1: 1, '1': 2}", "the key '1' occurs twice in one mapping"),
        ("{a: 1, +a: 2}", "the key 'a' occurs twice in one mapping"),
        ("a: &x {}\nb: {<<: *x, <<: *x}", "'<<' occurs twice in one mapping"),
        ("{<<: 1}", "'<<' takes a mapping or a list of mappings"),
        ("{<<: [{}, 1]}", "'<<' takes a mapping or a list of mappings"),
        ("{<<: , a: 1}", "'<<' takes a mapping or a list of mappings, and here is nothing"),
        ("a: &x\nb:\n  <<: *x\n  c: 1", "'<<' takes a mapping or a list of mappings, and here is nothing"),
        ("{a:1}", "'a:1' is a key without a value: a space follows the colon"),
        ("x:\n- {b: 1, a::b }", "'a::b' is a key without a value: a space follows the colon"),
        ("color: #ff0000\na: 1", "'#ff0000' is a comment here, so that nothing is given"),
        ("colors:\n- #ff0000\n- 'x'", "'#ff0000' is a comment here, so that nothing is given"),
        ("a: *x", "there is no anchor 'x' above"),
        ("a: &x [*x]", "the anchor 'x' holds itself"),
        ("a: &x {<<: *x}", "the anchor 'x' holds itself"),
        ("{[a]: 1}", "a key is a single value, not a list or mapping"),
        ("? {a: 1}\n: 1", "a key is a single value, not a list or mapping"),
        ("a: &x [1]\n? *x\n: 1", "a key is plain text or a number"),
        ("a: 1\n---\nb: 1", "a config file holds one document"),
        ("a: !!python/object:os.system x", "the tag '!!python/object:os.system' is not known"),
        ("a: !!python/name:os.system ''", "the tag '!!python/name:os.system' is not known"),
        ("a: !x [1]", "the tag '!x' is not known"),
        ("a: !!set {x}", "the tag '!!set' is not known"),
        ("a: !!int x", "'x' is not what its tag '!!int' says"),
        ("a: !!int true", "'true' is not what its tag '!!int' says"),
        ("a: !!map x", "'x' is not what its tag '!!map' says"),
        ("a: !!str [x]", "the tag '!!str' is for another kind of value"),
        ("a: !!seq {}", "the tag '!!seq' is for another kind of value"),
        ("a: " + "9" * 5000, "this number has too many digits"),
        ("? 0x" + "f" * 5000 + "\n: 1", "this number has too many digits"),
        ("[" * (DEEPEST + 1) + "]" * (DEEPEST + 1), f"the nesting is deeper than {DEEPEST} levels"),
        ("- " * 1000 + "x", f"the nesting is deeper than {DEEPEST} levels"),
    ],
)
def test_what_is_refused(text, what):
    assert problems(text) == [what]


def test_the_deepest_nesting_is_taken():
    assert problems("[" * DEEPEST + "]" * DEEPEST) == []


@pytest.mark.parametrize("written", ["1" * 600, "-" + "1" * 600])
def test_a_float_of_any_length(written):
    assert value(f"a: !!float {written}")["a"] in (float("inf"), float("-inf"))


def test_both_places_of_a_duplicate_are_told():
    _, (problem,) = read("a: 1\nb: 2\na: 3")
    assert (problem.position.line, problem.also[0][1].line) == (3, 1)


def test_all_mistakes_of_form_are_told_together():
    assert len(problems("{a: 1, a: 2, b: '@x y', c: !!int z, <<: 1}")) == 4


@pytest.mark.parametrize(
    "text",
    [
        "a0: &a0 [1, 1]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 60)),
        "a0: &a0 {x: 1}\n" + "".join(f"a{i}: &a{i} {{x: *a{i - 1}, y: *a{i - 1}}}\n" for i in range(1, 60)),
        "a: &a {" + ", ".join(f"k{i}: 1" for i in range(1000)) + "}\nb:\n" + "- {<<: *a}\n" * 1000,
        "a: [" + "1," * LARGEST + "1]",
    ],
)
def test_no_text_fills_the_memory(text):
    (what,) = problems(text)
    assert f"more than {LARGEST:,}" in what or f"at most {LARGEST:,}" in what


def test_every_key_and_value_knows_its_place():
    node, _ = read("a:\n  b: [1, 'x y']\n  c: |\n    t\né: {d: 1e-3}\n")

    def where(*path):
        position = find(node, path).position
        return position.line, position.column, position.width

    assert where("a", "b") == (2, 6, 1)
    assert where("a", "b", "1") == (2, 10, 5)
    assert where("a", "c")[:2] == (3, 6)
    assert where("é", "d") == (5, 8, 4)
    assert (key_position(node, ("é", "d")).line, key_position(node, ("é", "d")).column) == (5, 5)


def test_json_keys_are_text():
    _, told = read('{"1": 1, "<<": {"a": 1}, "1": 2}', json_events)
    assert [problem.what for problem in told] == ["the key '1' occurs twice in one mapping"]
    assert list(plain(read('{"1": 1, "<<": {"a": 1}}', json_events)[0])) == ["1", "<<"]


@pytest.mark.parametrize(
    ("key", "mark", "name"),
    [("+a", "+", "a"), ("~a", "~", "a"), ("=a", "=", "a"), ("a", "", "a"), ("+", "", "+"), ("++", "+", "+")],
)
def test_a_mark_stands_before_a_key(key, mark, name):
    assert split_mark(key) == (mark, name)
