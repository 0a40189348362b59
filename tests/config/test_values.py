"""Lists and mappings of a config: one object to all expressions, a copy to each call."""

from types import SimpleNamespace
from typing import Any

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
