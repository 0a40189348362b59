"""Prefixes of names."""

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from lighter.training.weights.applying import as_prefixes, better_prefix, with_prefix, written


@pytest.mark.parametrize(
    ("given", "prefixes"),
    [
        (None, {}),
        ("model", {"model.": ""}),
        ("model.", {"model.": ""}),
        ({"a": "b", "": "c."}, {"a.": "b.", "": "c."}),
        ({"net_": ""}, {"net_": ""}),
    ],
)
def test_the_forms_it_is_given_in(given: Any, prefixes: dict[str, str]) -> None:
    assert as_prefixes(given) == prefixes


@pytest.mark.parametrize("given", [1, ["a"], {"a": 1}, {"a": None}])
def test_what_is_no_prefix_is_told(given: Any) -> None:
    with pytest.raises(TypeError, match=r"load_weights\(prefix\): a text, or a mapping such as"):
        as_prefixes(given)


@pytest.mark.parametrize(
    ("prefixes", "name", "renamed"),
    [
        ({}, "a.b", "a.b"),
        ({"a.": ""}, "a.b", "b"),
        ({"a.": "c.d."}, "a.b", "c.d.b"),
        ({"": "net."}, "a.b", "net.a.b"),
        ({"a.": ""}, "x.b", None),
        ({"": "", "a.": "c.", "a.a.": ""}, "a.a.b", "b"),
        ({"a.": ""}, "a.a.b", "a.b"),
    ],
)
def test_one_in_place_of_another(prefixes: dict[str, str], name: str, renamed: str | None) -> None:
    assert with_prefix(name, prefixes) == renamed


@pytest.mark.parametrize(
    ("there", "wanted", "found"),
    [
        (["model.a.w", "model.b.w", "loss.w"], ["a.w", "b.w"], {"model.": ""}),
        (["a.w", "b.w"], ["net.a.w", "net.b.w"], {"": "net."}),
        (["x.y.a.w", "x.y.b.w"], ["net.a.w", "net.b.w"], {"x.y.": "net."}),
        (["module.model.a.w"], ["a.w"], {"module.model.": ""}),
        (["a.w", "b.w"], ["a.w", "c.w"], {}),
        (["x"], ["a.w"], {}),
        ([], ["a.w"], {}),
    ],
)
def test_the_prefix_that_was_meant(there: list[str], wanted: list[str], found: dict[str, str]) -> None:
    assert better_prefix(there, wanted) == found


NAMES = st.lists(st.text("abc", min_size=1, max_size=2), min_size=1, max_size=4).map(".".join)


@given(st.lists(NAMES, min_size=1, unique=True), st.sampled_from(["model.", "module.net."]))
def test_a_prefix_that_was_put_before_all_is_found(names: list[str], prefix: str) -> None:
    assert better_prefix([prefix + name for name in names], names) == {prefix: ""}
    assert better_prefix(names, [prefix + name for name in names]) == {"": prefix}


def test_it_is_written_as_in_a_config() -> None:
    for prefixes, text in [({"model.": ""}, '{model.: ""}'), ({"": "net."}, '{"": "net."}')]:
        assert written(prefixes) == text
        assert yaml.safe_load(text) == prefixes
