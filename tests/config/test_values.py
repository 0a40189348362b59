"""Lists and mappings of a config: one object to all expressions, a copy to each call."""

from types import SimpleNamespace
from typing import Any

import pytest

from lighter import Config

SPACE = "types.SimpleNamespace"


def test_each_call_gets_lists_and_mappings_of_its_own() -> None:
    parts = {"a": {"_target_": SPACE, "x": "@list"}, "b": {"_target_": SPACE, "x": "@list"}}
    config = Config({"list": [1, {"k": [2]}], **parts})
    a, b = config.resolve("a"), config.resolve("b")
    a.x[1]["k"].append(3)
    assert (b.x, config.resolve("list")) == ([1, {"k": [2]}], [1, {"k": [2]}])


def test_within_a_call_they_are_shared_as_in_the_config() -> None:
    made = Config({"list": [1], "a": {"_target_": SPACE, "x": "@list", "y": ["@list", "@list"]}}).resolve("a")
    assert made.x is made.y[0] is made.y[1]


def test_a_statement_may_change_them() -> None:
    config = Config(
        {
            "list": [1, {"k": [2]}],
            "one": "$@list.append(3)",
            "two": "$@list::1::k.append(4)",
            "three": "$@list::1.update(j=5)",
            "seen": {"_target_": SPACE, "x": "@list", "_requires_": ["@one", "@two", "@three"]},
            "same": "$@list is @whole and @list::1 is @list[1]",
            "whole": "$@list",
        }
    )
    after = [1, {"k": [2, 4], "j": 5}, 3]
    assert config.resolve("seen").x == after
    assert config.resolve("list") == config.resolve("whole") == config.resolve()["list"] == after
    assert config.resolve("same") is True


def test_what_an_expression_gives_of_them_reaches_a_call_as_a_copy() -> None:
    config = Config({"list": [[1]], "chosen": "$@list if True else None", "a": {"_target_": SPACE, "x": "@chosen"}})
    made = config.resolve("a")
    made.x[0].append(2)
    assert config.resolve("chosen") == [[1]]
    assert config.resolve("list") == [[1]]


def test_objects_that_a_list_holds_are_never_copied() -> None:
    box: dict[str, Any] = {"_target_": "list"}
    config = Config(
        {"box": box, "list": ["@box"], "add": "$@list.append(@box)", "a": {"_target_": SPACE, "x": "@list"}}
    )
    assert config.resolve("add") is None
    made = config.resolve("a")
    assert made.x[0] is made.x[1] is config.resolve("box")


def test_a_list_that_holds_itself_is_copied() -> None:
    config = Config(
        {"list": [1], "add": "$@list.append(@list)", "a": {"_target_": SPACE, "x": "@list", "_requires_": "@add"}}
    )
    made = config.resolve("a")
    assert made.x[1] is made.x
    assert made.x is not config.resolve("list")


def test_a_call_that_gives_none_vanishes_where_it_stands_alone() -> None:
    gone = {"_target_": "gc.enable"}
    config = Config({"list": [gone, 1], "map": {"k": gone}, "named": ["@list::0"], "a": {"_target_": SPACE, "x": gone}})
    assert config.resolve() == {"list": [1], "map": {}, "named": [None], "a": SimpleNamespace()}


NONE: dict[str, Any] = {"_target_": "gc.enable"}
OFF: dict[str, Any] = {"_target_": "gc.enable", "_disabled_": True}
OFF_LATER: dict[str, Any] = {"_target_": "gc.enable", "_disabled_": "$1 == 1"}


@pytest.mark.parametrize(
    ("given", "arguments"),
    [
        ([NONE, 5], "(None, 5, 0)"),
        ([OFF, 5], "(None, 5, 0)"),
        ([OFF_LATER, 5], "(None, 5, 0)"),
        ([5, NONE], "(5, None, 0)"),
        ([5, OFF], "(5, 0, 0)"),
        ([5, OFF_LATER], "(5, 0, 0)"),
        ([5, OFF, OFF_LATER], "(5, 0, 0)"),
        ([OFF, NONE, OFF_LATER], "(None, None, 0)"),
        ([OFF], "(0, 0, 0)"),
        ([["x", OFF], 5], "(['x'], 5, 0)"),
        (["@none", 5], "(None, 5, 0)"),
        (["@list::0", OFF, 1], "(None, None, 1)"),
    ],
)
def test_no_positional_argument_moves(given: list[Any], arguments: str) -> None:
    target = "$lambda a=0, b=0, c=0: str((a, b, c))"
    config = Config({"none": NONE, "list": [NONE], "f": target, "a": {"_target_": "@f", "_args_": given}})
    assert config.check() == []
    assert config.resolve("a") == arguments


@pytest.mark.parametrize("out", [NONE, OFF, OFF_LATER])
def test_what_has_no_parameter_of_its_own_is_left_out(out: dict[str, Any]) -> None:
    layer = {"_target_": "torch.nn.Flatten"}
    config = Config({"a": {"_target_": "torch.nn.Sequential", "_args_": [layer, out, layer]}})
    assert config.check() == []
    assert len(config.resolve("a")) == 2
    config = Config({"f": "$lambda a, *more: (a, more)", "a": {"_target_": "@f", "_args_": [out, out, 5, out]}})
    assert config.check() == []
    assert config.resolve("a") == (None, (5,))


def test_a_list_that_is_only_called_so_is_a_list() -> None:
    assert Config({"a": {"_args_": [NONE, 5]}}).resolve("a") == {"_args_": [5]}
