"""Values as other tools write them: told with what to write here."""

import pytest

from lighter import Config

VARS = {"lr": 0.1, "sizes": [1, 2], "net": {"width": 4}}


def told(written, config=None):
    """Of each mistake what is wrong and what to write; warnings as well."""
    checked = Config({"vars": VARS, "x": {"y": written, "z": 5}} if config is None else config)
    problems = checked.check()
    return [(problem.what, problem.help) for problem in (*problems, *checked.warnings)]


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ("${vars.lr}", '"@vars::lr"'),
        ("${vars.sizes[0]}", '"@vars::sizes::0"'),
        ("${vars.net.width}", '"@vars::net::width"'),
        ("${.z}", '"@::z"'),
        ("${..vars.lr}", '"@::::vars::lr"'),
        ("${nowhere.lr}", '"@nowhere::lr"'),
        ("${oc.env:HOME}", "\"$env('HOME')\""),
        ("${oc.env:HOME, /data}", "\"$env('HOME', '/data')\""),
        ("${env:HOME}", "\"$env('HOME')\""),
        ("${HOME}", "\"$env('HOME')\""),
        ("${HOME}/data", "\"$env('HOME') + '/data'\""),
        ("$HOME/data", "\"$env('HOME') + '/data'\""),
        ("$HOME/data set", "\"$env('HOME') + '/data set'\""),
        ("${vars.lr}/x", "\"$f'{@vars::lr}/x'\""),
        ("${vars.lr}_${vars.net.width}", "\"$f'{@vars::lr}_{@vars::net::width}'\""),
        ("${oc.env:HOME}/${vars.lr}", "\"$env('HOME') + '/' + str(@vars::lr)\""),
    ],
)
def test_a_value_that_begins_with_one_is_a_mistake(written, instead):
    ((_, help),) = told(written)
    assert help == f"write {instead}"


@pytest.mark.parametrize("written", ["${now:%Y-%m-%d}", "${oc.select:vars.lr,1}"])
def test_of_others_it_is_told_that_there_are_expressions(written):
    ((_, help),) = told(written)
    assert help.startswith("'$...' is a Python expression")


@pytest.mark.parametrize("written", ["$HOME", "$DATA_DIR"])
def test_a_variable_by_itself(written):
    ((what, help),) = told(written)
    assert (what, help) == (f"the name '{written[1:]}' is not known in '{written}'", f"write \"$env('{written[1:]}')\"")


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ("logs/${vars.lr}/x", "\"$f'logs/{@vars::lr}/x'\""),
        ("a/$HOME/b", "\"$'a/' + env('HOME') + '/b'\""),
        ("lr=${vars.lr}", "\"$f'lr={@vars::lr}'\""),
    ],
)
def test_within_a_text_it_is_a_warning(written, instead):
    assert told(written) == [(f"'{written}' is a text here", f"write {instead}")]
    assert Config({"vars": VARS, "x": written}).check() == []


@pytest.mark.parametrize(
    "written",
    [
        "$${vars.lr}",
        "$$HOME",
        "${1, 2}",
        "${'a': 1}",
        "${torch.float32}",
        "${len}",
        "costs $5 or $N",
        "the ring $AB$ of a",
        "??",
        "img???.png",
        "one\n$HOME\n",
        "100%",
        "${@vars::lr}",
    ],
)
def test_what_is_meant_is_left_alone(written):
    assert told(written) == []


def test_a_note_may_hold_anything():
    assert told("", {"x": {"_target_": "dict", "_desc_": "see $HOME/notes, ???"}}) == []


def test_three_question_marks_are_a_value_that_lacks():
    help = "give it one, here or in a later source; for three question marks write \"$'???'\""
    assert told("???") == [("'x::y' has no value yet", help)]
    assert Config({"x": "???"}, "x=1").check() == []
    assert Config({"x": "$'???'"}).resolve("x") == "???"


def test_what_is_told_to_write_is_right(monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    config = Config({"vars": VARS, "a": "$f'{@vars::lr}/x'", "b": "$env('HOME') + '/' + str(@vars::lr)"})
    assert config.check() == []
    assert (config.resolve("a"), config.resolve("b")) == ("0.1/x", "/home/me/0.1")
