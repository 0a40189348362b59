"""What can go wrong, and the words in which it is told."""

import os
import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lighter.errors import (
    LISTED,
    LONGEST,
    WIDEST,
    ConfigError,
    Edit,
    LighterError,
    Position,
    Problem,
    RunError,
    Source,
    UsageError,
    excerpt,
    listing,
    nearest,
    respelt,
    suggestion,
    visible,
)

FILE = Source("a.yaml", "model:\n  sise: 3\n" + "\n" * 100 + "last: 1\n")
HERE = Position(FILE, 2, 3, 4)
LAST = Position(FILE, 103, 1, 4)
OVERRIDE = Position(Source("command line: model::sise=3", has_lines=False))


def test_a_problem_has_four_parts():
    problem = Problem("Net takes no argument 'sise'", HERE, "model::sise", "did you mean 'size'?")
    assert str(problem) == (
        "error: Net takes no argument 'sise'\n"
        " --> a.yaml:2:3  model::sise\n"
        "  |\n"
        "2 |   sise: 3\n"
        "  |   ^^^^\n"
        "  = help: did you mean 'size'?"
    )


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (Problem("what"), "error: what"),
        (Problem("what", help="write this"), "error: what\n   = help: write this"),
        (Problem("what", help="write this", is_warning=True), "warning: what\n   = help: write this"),
        (Problem("what", place="a::b"), "error: what\n  --> a::b"),
        (Problem("what", OVERRIDE), "error: what\n  --> command line: model::sise=3"),
        (Problem("what", OVERRIDE, "model::sise", "x"), "error: what\n  --> command line: model::sise=3\n   = help: x"),
        (Problem("what", OVERRIDE, "other"), "error: what\n  --> command line: model::sise=3  other"),
        (Problem("two\nlines\x1b[2J", help="x\ty"), "error: two lines\\x1b[2J\n   = help: x\\ty"),
    ],
)
def test_parts_may_be_missing(problem, text):
    assert str(problem) == text


def test_other_places_stand_in_the_same_column():
    assert str(Problem("what", HERE, also=(("first", LAST), ("then", OVERRIDE)), help="x")) == (
        "error: what\n"
        "   --> a.yaml:2:3\n"
        "    |\n"
        "  2 |   sise: 3\n"
        "    |   ^^^^\n"
        "    = first:\n"
        "   --> a.yaml:103:1\n"
        "    |\n"
        "103 | last: 1\n"
        "    | ^^^^\n"
        "    = then:\n"
        "   --> command line: model::sise=3\n"
        "    = help: x"
    )


def test_colour_changes_no_text():
    import re

    problem = Problem("what", HERE, "model::sise", "help", (("first", LAST),))
    coloured = problem.text(colour=True)
    assert coloured != str(problem)
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == str(problem)


def test_a_long_line_is_cut_in_its_middle():
    text = str(Problem("start " + "x" * 10_000 + " end"))
    assert len(text) < LONGEST + 50
    assert text.startswith("error: start x")
    assert text.endswith("x end")


def test_many_problems_of_a_large_text_are_told():
    source = Source("big.yaml", "key: value\n" * 200_000)
    error = ConfigError([Problem("what", Position(source, line)) for line in range(1, 2000)])
    assert str(error).count("error: what") == 1999


def test_an_error_holds_its_problems():
    error = ConfigError([Problem("a"), Problem("b", HERE)])
    assert str(error).startswith("error: a\n\nerror: b\n")
    again = pickle.loads(pickle.dumps(error))
    assert (again.problems, str(again)) == (error.problems, str(error))


@pytest.mark.parametrize("kind", [ConfigError, UsageError, RunError])
def test_all_errors_are_ours(kind):
    assert issubclass(kind, LighterError)


@pytest.mark.parametrize(
    ("name", "known", "near"),
    [
        ("sise", ["size", "rate"], "size"),
        ("SIZE", ["size"], "size"),
        ("adam", ["Adam", "AdamW"], "Adam"),
        ("momentum", ["lr", "betas"], None),
        ("x", [], None),
        ("", ["a"], None),
        ("a", ["A", "a"], "A"),
    ],
)
def test_the_nearest_name(name, known, near):
    assert nearest(name, iter(known)) == near


@pytest.mark.parametrize(
    ("name", "known", "text"),
    [
        ("sise", ["size", "rate"], "did you mean 'size'?"),
        ("momentum", ["lr", "betas"], "it takes lr, betas"),
        ("momentum", [], ""),
    ],
)
def test_a_suggestion(name, known, text):
    assert suggestion(name, known, "it takes") == text


def test_a_listing_ends():
    names = [str(number) for number in range(LISTED + 1)]
    assert listing(names[:-1]) == ", ".join(names[:-1])
    assert listing(iter(names)) == ", ".join(names[:-1]) + ", ..."


def test_a_mistake_that_another_process_tells_is_told_again():
    told = str(ConfigError([Problem("'x' is wrong", None, "a::b", "write y")]))
    (problem,) = ConfigError(
        f"Caught ConfigError in DataLoader worker process 0.\n  File ...\nConfigError: {told}"
    ).problems
    assert str(problem).startswith("error: 'x' is wrong ")
    assert "write y" in str(problem)
    assert "File" not in str(problem)


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
        ("a\x1b[2J: 1", (1, 8, 1), "a\\x1b[2J: 1", "          ^"),
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


def test_a_warning_says_that_it_is_one():
    assert str(Problem("an annotation says int", is_warning=True)) == "warning: an annotation says int"


@pytest.mark.parametrize(
    ("name", "known", "new"),
    [
        ("sise", ["size", "seed"], "size"),
        ("Sise", ["size"], "size"),
        ("momentun", ["momentum", "lr"], "momentum"),
        ("sise", ["rise", "size"], None),  # both are as near
        ("lr", ["learning_rate"], None),
        ("abc", ["abxyz"], None),  # too far to write it without asking
        ("sise", [], None),
    ],
)
def test_a_name_is_respelt_where_one_alone_is_near(name, known, new):
    edit = respelt(name, known, HERE)
    assert (edit and edit.new) == new


def test_a_name_is_not_respelt_to_one_that_stands_beside_it():
    assert respelt("modle", ["model"], HERE, ["modle", "optimizer"]).new == "model"
    assert respelt("modle", ["model"], HERE, ["modle", "model"]) is None


def test_an_edit_knows_where_its_text_stands():
    file = Source("a.yaml", FILE.text, path=Path("a.yaml"))
    assert Edit(Position(file, 2, 3, 4), "sise", "size").span == (2, 6)
    assert Edit(Position(file, 2, 1, 9), "3", "4").span == (8, 9)
    assert Edit(Position(file, 2, 1, 9), "s", "z").span is None  # twice
    assert Edit(Position(file, 2, 3, 4), "size", "sise").span is None  # it is not there
    assert Edit(Position(file, 200, 3, 4), "sise", "size").span is None
    assert Edit(HERE, "sise", "size").span is None  # in no file


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain\ttext\n", "plain\ttext\n"),
        ("é 日本 \U0001f600", "é 日本 \U0001f600"),
        ("a\u00a0b\u3000c", "a\u00a0b\u3000c"),
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e"),  # a joiner belongs to its word
        ("\x1b[31m", r"\x1b[31m"),
        ("\x9b31m\x07\x08\r", r"\x9b31m\x07\x08\r"),
        ("a\u202eb\u2066c", r"a\u202eb\u2066c"),
        ("a\u2028b\ud800", r"a\u2028b\ud800"),
    ],
)
def test_what_could_move_the_cursor_is_escaped(text, shown):
    assert visible(text) == shown
