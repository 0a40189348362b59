"""Parts of a module by name, prefix and pattern."""

from typing import Any

import pytest
import torch
from torch import nn

from lighter.errors import RunError
from lighter.training.patterns import as_patterns, matches, matching, named_modules, parameters_matching, plain_name

NAMES = ["model.body.0.weight", "model.body.0.bias", "model.body2.weight", "model.norm.bias", "model.bias"]


@pytest.mark.parametrize(
    ("pattern", "meant"),
    [
        ("model", [0, 1, 2, 3, 4]),
        ("model.body", [0, 1]),
        ("model.body.0.bias", [1]),
        ("model.bod", []),
        ("body", []),
        ("*.bias", [1, 3, 4]),
        ("*norm*", [3]),
        ("model.body*", [0, 1, 2]),
        ("model.body[12]", [2]),
        ("model.body?", [2]),
        ("*.0", [0, 1]),
        ("*", [0, 1, 2, 3, 4]),
        ("*.Bias", []),
    ],
)
def test_what_a_pattern_means(pattern: str, meant: list[int]) -> None:
    assert [index for index, name in enumerate(NAMES) if matches(pattern, name)] == meant


def test_several_patterns_keep_the_order_of_the_names() -> None:
    assert matching(["model.norm", "model.body"], NAMES, "here") == [NAMES[0], NAMES[1], NAMES[3]]
    assert matching([], NAMES, "here") == []


@pytest.mark.parametrize(
    ("pattern", "help"),
    [
        ("model.boddy", "did you mean 'model.body'?"),
        ("body", "did you mean 'model.body'?"),
        ("body.*", "did you mean 'model.body.*'?"),
        ("bias", "did you mean 'model.body.0.bias'?"),
        ("*.biass", "did you mean '*.bias'?"),
        ("modle.*.bias", "did you mean 'model.*.bias'?"),
        ("decoder", "there are model.body, model.body2, model.norm, model"),
        ("*qwx*", "there are model.body, model.body2, model.norm, model"),
    ],
)
def test_a_pattern_that_means_nothing_is_told_with_the_nearest(pattern: str, help: str) -> None:
    with pytest.raises(RunError) as told:
        matching(["model", pattern], NAMES, "Freezer(names)")
    assert str(told.value) == f"Freezer(names): nothing is called '{pattern}'; {help}"


def test_where_there_are_no_names() -> None:
    with pytest.raises(RunError, match="nothing is called 'a'; there is nothing to choose from"):
        matching(["a"], [], "here")


def test_the_parameters_of_a_module() -> None:
    module = nn.Sequential(nn.Linear(1, 1), nn.Sequential(nn.Linear(1, 1)))
    found = parameters_matching(module, ["0", "*.weight"], ["1.0"])
    assert list(found) == ["0.weight", "0.bias"]
    assert found["0.bias"] is module[0].bias


def test_a_parameter_with_two_names_counts_once_and_is_excepted_by_either() -> None:
    module = nn.ModuleDict({"one": nn.Linear(1, 1), "two": nn.Linear(1, 1)})
    module["two"].weight = module["one"].weight
    assert list(parameters_matching(module, ["two"])) == ["two.weight", "two.bias"]
    assert list(parameters_matching(module, ["one", "two"])) == ["one.weight", "one.bias", "two.bias"]
    assert list(parameters_matching(module, ["one"], ["two.weight"])) == ["one.bias"]


def test_wrappers_add_nothing_to_a_name() -> None:
    module = nn.ModuleDict({"body": nn.Sequential(nn.Linear(1, 1))})
    module["body"] = torch.compile(module["body"], backend="eager")  # type: ignore[assignment]  # a module too
    assert plain_name("body._orig_mod.0.weight") == "body.0.weight"
    assert list(parameters_matching(module, ["body.0"])) == ["body.0.weight", "body.0.bias"]
    assert [name for name, _ in named_modules(module)] == ["body", "body", "body.0"]
    assert named_modules(module)[0][1] is module["body"]


@pytest.mark.parametrize(
    ("given", "patterns"), [("a", ("a",)), (["a.", "b"], ("a", "b")), ((), ()), (["*."], ("*",)), (".", (".",))]
)
def test_one_or_several(given: Any, patterns: tuple[str, ...]) -> None:
    assert as_patterns(given, "here") == patterns


@pytest.mark.parametrize("given", [1, None, [1], [""], "", {"a": "b"}])
def test_what_is_no_pattern_is_told(given: Any) -> None:
    with pytest.raises(TypeError, match=r"^here: a name, a pattern or a list of them is wanted, not "):
        as_patterns(given, "here")
