"""What is wrong with how a call is written."""

import pytest

from lighter.config.loading import load_mapping
from lighter.config.planning import malformed


def told(call):
    tree = load_mapping({"a": {"_target_": "x.Y", **call}})
    return [(problem.what, problem.help, problem.place) for problem in malformed(("a",), tree.get("a"))]


@pytest.mark.parametrize(
    ("call", "what", "help", "place"),
    [
        ({1: 2}, "1 is no name of an argument", "arguments without a name go in '_args_: [...]'", "a::1"),
        ({True: 2}, "True is no name of an argument", "write '\"True\": ...'", "a::True"),
        ({"_mode_": "calable"}, "'calable' is no mode of a call", "did you mean 'callable'?", "a::_mode_"),
        ({"_args_": 1}, "'_args_' takes a list", "write '_args_: [first, second]'", "a::_args_"),
        ({"_args_": {"x": 1}}, "'_args_' takes a list", "write '_args_: [first, second]'", "a::_args_"),
        (
            {"_target_": 1},
            "'_target_' takes the name of a class or a function",
            "write '_target_: module.Class'",
            "a::_target_",
        ),
        (
            {"_target_": None},
            "'_target_' takes the name of a class or a function",
            "write '_target_: module.Class'",
            "a::_target_",
        ),
        (
            {"_target_": ["x"]},
            "'_target_' takes the name of a class or a function",
            "write '_target_: module.Class'",
            "a::_target_",
        ),
        (
            {"_target_": {"x": 1}},
            "'_target_' takes the name of a class or a function",
            "write '_target_: module.Class'",
            "a::_target_",
        ),
    ],
)
def test_what_is_wrong(call, what, help, place):
    assert told(call) == [(what, help, place)]


@pytest.mark.parametrize(
    "call",
    [
        {"x": 1, "_args_": [1], "_mode_": "debug", "_requires_": ["@b"], "_disabled_": False, "_desc_": "text"},
        {"_args_": "@b", "_mode_": "$'callable'"},
        {"_args_": {"_target_": "x.list"}},
        {"_target_": "@b"},
        {"_target_": "$len"},
        {"_target_": {"_target_": "x.make"}},
        {"_own_": 1, "_": 2, "__": 3},
    ],
)
def test_what_is_right(call):
    assert told(call) == []
