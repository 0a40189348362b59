"""Places in texts, and their excerpts."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lighter.source import WIDEST, Position, Source, excerpt


def shown(text, line=1, column=1, width=1):
    return excerpt(Position(Source("x", text), line, column, width))


def columns(text):
    """The columns of a terminal, for the wide characters of these tests."""
    return sum(2 if "一" <= c <= "龥" or "ぁ" <= c <= "ん" else 1 for c in text)


@pytest.mark.parametrize(
    ("text", "place", "line", "carets"),
    [
        ("a: 1\nbc: 22", (2, 5, 2), "bc: 22", "    ^^"),
        ("a: 1", (1, 1, 1), "a: 1", "^"),
        ("a:", (1, 3, 1), "a:", "  ^"),
        ("a: bcd", (1, 4, 99), "a: bcd", "   ^^^"),
        ("\ta:\t1", (1, 5, 1), "    a:    1", "          ^"),
        ("名前: 1", (1, 5, 1), "名前: 1", "      ^"),
        ("名前: 1", (1, 2, 1), "名前: 1", "  ^^"),
        ("e\u0301: 1", (1, 5, 1), "e\u0301: 1", "   ^"),
        ("a\x1b[2J: 1", (1, 8, 1), "a\ufffd[2J: 1", "       ^"),
        ("a: 1   ", (1, 4, 1), "a: 1", "   ^"),
        ("a\r\nb: 1", (2, 1, 1), "b: 1", "^"),
    ],
)
def test_an_excerpt_has_its_carets_below(text, place, line, carets):
    assert shown(text, *place) == (line, carets)


@pytest.mark.parametrize("line", [0, 2, 100])
def test_a_line_that_is_not_there_is_not_shown(line):
    assert shown("a: 1", line) is None
    assert shown("", 1) is None


def test_what_has_no_lines_is_not_shown():
    position = Position(Source("command line: a=1", "a=1", has_lines=False))
    assert (excerpt(position), str(position)) == (None, "command line: a=1")


def test_a_place_is_written_as_editors_read_it():
    assert str(Position(Source("a.yaml"), 3, 5)) == "a.yaml:3:5"


@pytest.mark.parametrize("column", [1, 60, 400, 799])
def test_a_long_line_is_cut_around_its_caret(column):
    text = "".join(f"{number:03}," for number in range(200))
    line, carets = shown(text, 1, column, 2)
    assert len(line) < WIDEST
    assert line[carets.index("^") :][:2] == text[column - 1 : column + 1]


def test_a_long_value_is_cut():
    line, carets = shown("a: " + "b" * 500, 1, 4, 500)
    assert line == "a: " + "b" * (WIDEST // 2) + "..."
    assert carets.strip() == "^" * (WIDEST // 2 + 3)


def test_an_endless_line_is_shown():
    assert len(shown("\t" * 10_000_000, 1, 5_000_000)[0]) < 1000


@given(st.text(), st.integers(1, 5), st.integers(1, 50), st.integers(1, 50))
def test_any_place_of_any_text_can_be_shown(text, line, column, width):
    found = shown(text, line, column, width)
    assert found is None or (found[1].strip(" ").strip("^") == "" and "\n" not in found[0])


@given(st.text(st.sampled_from("ab 猫の\t:,"), min_size=1, max_size=300), st.data())
def test_the_carets_stand_below_what_is_meant(text, data):
    column = data.draw(st.integers(1, len(text)))
    line, carets = shown(text, 1, column)
    before = columns(text[: column - 1].replace("\t", "    "))
    if len(line) and "..." not in line:
        assert carets.index("^") == before


def test_relative_paths_start_from_the_folder_of_the_text(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert Source("a.yaml", path=Path("/x/a.yaml")).folder == Path("/x")
    assert Source("command line").folder == Path(os.getcwd())  # noqa: PTH109  # as the shell sees it
