"""One component: its arguments as its model gives them."""

import inspect
from functools import partial
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError

from lighter.component import Component, check_words


class Size(BaseModel):
    width: int
    depth: int = 2


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    width: int


def make(width: int, depth: int = 5, **rest: Any) -> tuple[int, int, dict[str, Any]]:
    return width, depth, rest


def test_without_a_model_it_is_called_as_it_is() -> None:
    component = Component("model", "tiny", make)
    assert component.written == "model/tiny"
    assert component(1, colour="red") == (1, 5, {"colour": "red"})
    assert list(inspect.signature(component).parameters) == ["width", "depth", "rest"]


def test_its_model_gives_the_arguments() -> None:
    assert Component("model", "tiny", make, Size)(width="3") == (3, 2, {})
    assert Component("model", "tiny", make, Open)(width=3, colour="red") == (3, 5, {"colour": "red"})
    assert list(inspect.signature(Component("model", "tiny", make, Size)).parameters) == ["width", "depth"]
    with pytest.raises(ValidationError, match="valid integer"):
        Component("model", "tiny", make, Size)(width="wide")


@pytest.mark.parametrize("word", ["", "a/b", "a b", "$a", "@a", "a::b", "a\n", 3])
def test_kinds_and_names_are_single_words(word: Any) -> None:
    with pytest.raises(ValueError, match="cannot be the kind of a component: write one word"):
        check_words(Component(word, "tiny", make))
    with pytest.raises(ValueError, match="cannot be the name of a component: write one word"):
        check_words(Component("model", word, make))


def test_what_is_called_and_what_models_it() -> None:
    for word in ("tiny", "resnet50.a1", "gpt-2", "größe"):
        check_words(Component("model", word, partial(make, 1), Size))
    with pytest.raises(TypeError, match="the component 'model/tiny' is 3, which cannot be called"):
        check_words(Component("model", "tiny", 3))  # type: ignore[arg-type]  # the mistake
    with pytest.raises(TypeError, match=r"the config of 'model/tiny' is <class 'dict'>; give a pydantic model"):
        check_words(Component("model", "tiny", make, dict))
