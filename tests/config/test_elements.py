"""Elements of mappings and lists: counted from the end, put between, removed one by one."""

import pytest

from lighter.config import Config
from lighter.config.elements import holds_positions, key_beside
from lighter.config.loading import load_mapping
from lighter.errors import ConfigError

BASE = {"vars": {"l": ["a", "b", "c"], "m": {"x": 1, "y": {"z": 2}}, "n": {0: "cat", 1: "dog"}, "s": 5}}


def of(place, *sources):
    return Config.load(BASE, *sources)[f"vars::{place}"]


def told(*sources):
    with pytest.raises(ConfigError) as raised:
        Config.load(BASE, *sources)
    return [(problem.what, problem.help) for problem in raised.value.problems]


@pytest.mark.parametrize(
    ("given", "left"),
    [
        ([0, 2], ["b"]),
        ([2, 0], ["b"]),
        ([-1, 0], ["b"]),
        ([1, 1, -2], ["a", "c"]),
        (1, ["a", "c"]),
        ("0", ["b", "c"]),
        ([0, 1, 2], []),
        ([], ["a", "b", "c"]),
    ],
)
def test_items_of_a_list_are_removed_by_position(write, given, left):
    assert of("l", {"vars": {"~l": given}}) == left
    assert of("l", {"~vars::l": given}) == left
    assert of("l", f"~vars::l={given}") == left
    assert of("l", str(write("a.yaml", f"vars:\n  ~l: {given}\n"))) == left


@pytest.mark.parametrize(("given", "left"), [(["x"], {"y": {"z": 2}}), ("y", {"x": 1}), (["y", "x"], {})])
def test_keys_of_a_mapping_are_removed_by_name(given, left):
    assert of("m", {"vars": {"~m": given}}) == left
    assert of("m", f"~vars::m={str(given).replace(chr(39), '')}") == left


def test_whole_numbers_as_keys_are_removed_too():
    assert of("n", {"vars": {"~n": [0]}}) == {1: "dog"}


@pytest.mark.parametrize("given", [None, "null"])
def test_without_any_the_whole_goes(given):
    assert "l" not in Config.load(BASE, "~vars::l" if given is None else f"~vars::l={given}")["vars"]
    assert "l" not in Config.load(BASE, {"vars": {"~l": None}})["vars"]


def test_what_is_not_there_is_told_and_what_is_no_position():
    counted = "'vars::l' is a list of 3, counted from 0 to 2"
    assert told({"vars": {"~l": [0, 3, -4]}}) == [
        ("there is no 'vars::l::-4' to remove", counted),
        ("there is no 'vars::l::3' to remove", counted),
    ]
    assert told({"vars": {"~m": ["xx"]}}) == [("there is no 'vars::m::xx' to remove", "did you mean 'vars::m::x'?")]
    whole = "to remove it whole, or without the '~' to set it"
    assert told("~vars::l=[true]") == [
        ("'~vars::l' takes nothing, or the positions to remove", f"write '~vars::l' {whole}")
    ]
    assert told("~vars::m={x: 1}") == [("'~vars::m' takes nothing, or the keys to remove", f"write '~vars::m' {whole}")]
    single = "'vars::s' is a single value, of which '~' removes no part"
    assert told("~vars::s=5") == [(single, f"write '~vars::s' {whole}")]


def test_a_position_may_be_counted_from_the_end():
    assert of("l", "vars::l::-1=z", "~vars::l::-3") == ["b", "z"]
    assert of("l", {"vars::l::-1": "z"}) == ["a", "b", "z"]
    assert of("l", "vars::l::-2={k: 1}", "vars::l::-2::k=2") == ["a", {"k": 2}, "c"]
    assert told("vars::l::-4=z")[0][0] == "there is no 'vars::l::-4'"
    assert told("~vars::l::-4")[0][0] == "there is no 'vars::l::-4'"


@pytest.mark.parametrize(
    ("position", "result"),
    [
        ("+0", ["z", "a", "b", "c"]),
        ("+1", ["a", "z", "b", "c"]),
        ("+3", ["a", "b", "c", "z"]),
        ("+-1", ["a", "b", "z", "c"]),
        ("+-3", ["z", "a", "b", "c"]),
    ],
)
def test_an_item_is_put_before_another(write, position, result):
    assert of("l", f"vars::l::{position}=z") == result
    assert of("l", f"+vars::l::{position}=z") == result
    assert of("l", {f"vars::l::{position}": "z"}) == result
    assert of("l", str(write("a.yaml", f"vars::l::{position}: z\n"))) == result


def test_edits_of_one_list_are_made_in_turn():
    over = {"vars::l::0": {"k": 1}, "vars::l::+0": {"j": 1}, "vars::l::1::k": 2, "~vars::l::2": None, "vars::l::-1": 9}
    assert of("l", over) == [{"j": 1}, {"k": 2}, 9]


def test_an_item_beyond_the_end_is_told_with_how_to_add_one():
    help = "; to append write '+vars::l=[...]', to insert 'vars::l::+0=...'"
    assert told("vars::l::+4=z")[0] == (
        "there is no 'vars::l::+4'",
        f"'vars::l' is a list of 3, counted from 0 to 2{help}",
    )
    assert told("vars::l::3=z")[0][1].endswith(help)


def test_a_key_is_of_the_kind_of_those_beside_it():
    assert of("n", "+vars::n::2=fox", "vars::n::1=wolf") == {0: "cat", 1: "wolf", 2: "fox"}
    assert [*of("n", "+vars::n::2=fox", "vars::n::1=wolf")] == [0, 1, 2]
    assert [*of("n", {"vars": {"n": {"1": "wolf"}}})] == [0, 1]
    assert [*of("n", "vars::n::bird=owl")] == [0, 1, "bird"]
    assert [*of("m", "+vars::m::2=fox")] == ["x", "y", "2"]
    mixed = load_mapping({0: 1, "1": 2}).entries
    assert key_beside("2", mixed) == "2"
    assert key_beside("9" * 5000, load_mapping({0: 1}).entries) == "9" * 5000


def test_an_empty_key_takes_nothing_away(write):
    for text, place in (
        ("vars:\n", "vars"),
        ("vars:\n  m:\n", "vars::m"),
        ("vars::l:\n", "vars::l"),
        ("vars: {+l: }", "vars::l"),
    ):
        path, key = str(write("a.yaml", text)), place.rpartition("::")[2]
        help = f"leave out the key to keep it, or write '{key}: null' for nothing"
        assert told(path) == [(f"'{place}' is empty here, where it would replace all that it held", help)]


def test_null_that_is_written_is_null(write):
    for text in ("vars: {l: null}", "vars: {l: ~}", "vars: {=l: }"):
        assert of("l", str(write("a.yaml", text))) is None
    assert of("l", "vars::l=null") is None
    assert of("s", str(write("b.yaml", "vars: {s: }"))) is None
    write("c.yaml", "vars: {m: , l: }")
    assert Config.load("c.yaml", BASE)["vars"] == BASE["vars"]
    assert Config.load({"vars": {"l": [], "m": {}}}, "c.yaml")["vars"] == {"l": None, "m": None}


def test_a_mapping_of_positions_does_not_replace_a_list(write):
    path = str(write("a.yaml", "vars: {l: {0: x}}"))
    replaces = "'=l' replaces the list"
    assert told(path) == [
        ("'vars::l' is a list, and this a mapping", f"at the top of the file write 'vars::l::0: ...'; {replaces}")
    ]
    assert told("vars::l={+0: x, -1: y}") == [
        ("'vars::l' is a list, and this a mapping", f"write 'vars::l::0=...'; {replaces}")
    ]
    assert of("l", "=vars::l={0: x}") == {0: "x"}
    assert of("l", "vars::l={a: x}") == {"a": "x"}
    assert not holds_positions(load_mapping({"_target_": "a.b", "0": 1}))
