"""How a place is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lighter.config.key_path import ROOT, Relative, parse_path, parse_relative, text

KEYS = st.lists(st.text("ab_0 .-é", min_size=1), min_size=1).map(tuple)


@pytest.mark.parametrize(
    ("written", "keys"),
    [
        ("", ROOT),
        ("a", ("a",)),
        ("a::b::0", ("a", "b", "0")),
        ("a#b", ("a", "b")),
        ("a::b#c", ("a", "b", "c")),
        ("a:b", ("a:b",)),
    ],
)
def test_a_place_is_its_keys(written, keys):
    assert parse_path(written) == keys


@pytest.mark.parametrize("written", ["::", "a::", "::a", "a::::b", "a##b", "#"])
def test_a_key_is_not_empty(written):
    with pytest.raises(ValueError, match="empty key"):
        parse_path(written)


@given(KEYS)
def test_what_is_written_is_read_back(keys):
    assert parse_path(text(keys)) == keys


@pytest.mark.parametrize(
    ("written", "up", "keys"),
    [("a::b", 0, ("a", "b")), ("::a", 1, ("a",)), ("#a", 1, ("a",)), ("::::a::b", 2, ("a", "b")), ("#::a", 2, ("a",))],
)
def test_leading_separators_climb(written, up, keys):
    assert parse_relative(written) == Relative(up, keys)


@pytest.mark.parametrize("written", ["", "::", "##", "a::"])
def test_a_reference_names_a_place(written):
    with pytest.raises(ValueError, match="'"):
        parse_relative(written)


@pytest.mark.parametrize(
    ("written", "place", "seen"),
    [
        ("x", ("a", "b"), ("x",)),
        ("::x", ("a", "b"), ("a", "x")),
        ("::::x", ("a", "b"), ("x",)),
        ("::::::x", ("a", "b"), None),
    ],
)
def test_a_relative_place_is_seen_from_where_it_stands(written, place, seen):
    assert parse_relative(written).seen_from(place) == seen


def test_a_relative_place_is_shown_with_its_separators():
    assert str(parse_relative("##a#b")) == "::::a::b"
