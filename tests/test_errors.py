"""What can go wrong, and the words in which it is told."""

import pickle

import pytest

from lighter.errors import (
    LISTED,
    LONGEST,
    ConfigError,
    LighterError,
    Problem,
    RunError,
    UsageError,
    listing,
    nearest,
    suggestion,
)
from lighter.source import Position, Source

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
        (Problem("what", place="a::b"), "error: what\n  --> a::b"),
        (Problem("what", OVERRIDE), "error: what\n  --> command line: model::sise=3"),
        (Problem("what", OVERRIDE, "model::sise", "x"), "error: what\n  --> command line: model::sise=3\n   = help: x"),
        (Problem("what", OVERRIDE, "other"), "error: what\n  --> command line: model::sise=3  other"),
        (Problem("two\nlines\x1b[2J", help="x\ty"), "error: two lines\ufffd[2J\n   = help: x\ufffdy"),
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
