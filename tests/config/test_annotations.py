"""What parameters are annotated with: each by itself, as far as it can be known."""

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Optional, Union

import pytest
import torch
from pydantic import BaseModel
from pydantic.dataclasses import dataclass as pydantic_dataclass
from torch import nn

from lighter.config.annotations import annotation_of, field_types, is_called, is_dataclass, is_model, options, resolved
from lighter.config.signatures import signature_of

if TYPE_CHECKING:
    from decimal import Decimal as Thing


def texts(a: "int", b: "Thing | None", c: "list[Thing]", d: Optional["float"], *, e, f): ...


texts.__annotations__["f"] = "no type at all"


def pair(size: tuple[int, int]): ...


def resize(size):
    return pair((size, size))


def own(size: int):
    return pair((size, size))


functools.update_wrapper(resize, pair)
functools.update_wrapper(own, pair, assigned=("__name__",))


class Crop:
    of = staticmethod(resize)


@torch.no_grad()
def frozen(size: "int"): ...


@dataclass
class Base:
    a: "int"


@dataclass
class Child(Base):
    b: "Thing"
    c: "str | None" = None


def of(target, name):
    return annotation_of(target, signature_of(target).parameters[name])


@pytest.mark.parametrize(
    ("name", "annotation"), [("a", int), ("b", Any), ("c", Any), ("d", float | None), ("e", Any), ("f", Any)]
)
def test_one_that_means_nothing_leaves_the_others(name, annotation):
    assert of(texts, name) == annotation


def test_that_of_a_loader_is_known():
    assert of(torch.utils.data.DataLoader, "batch_size") == int | None
    assert of(torch.utils.data.DataLoader, "shuffle") == bool | None
    assert of(functools.partial(texts, 1), "d") == float | None


@pytest.mark.parametrize(("target", "annotation"), [(resize, Any), (Crop.of, Any), (own, int)])
def test_what_a_decorator_has_copied_says_nothing(target, annotation):
    assert of(target, "size") == annotation


def test_what_a_decorator_of_torchs_has_copied_is_true():
    assert of(frozen, "size") is int


def test_what_is_left_the_choice_of():
    assert [*options(Union[int, Annotated[str | None, "x"]])] == [int, str, type(None)]  # noqa: UP007  # as older code
    assert [*options(int)] == [int]
    assert [*options(5)] == [5]


def test_the_fields_of_a_dataclass():
    assert field_types(Child) == {"a": int, "b": Any, "c": str | None}


def test_kinds_of_classes():
    class Model(BaseModel):
        a: int = 1

    @pydantic_dataclass
    class Data:
        a: int = 1

    assert [is_model(one) for one in (Model, Data, Base, Model(), int)] == [True, True, False, False, False]
    assert [is_dataclass(one) for one in (Model, Data, Base, Base(1), int)] == [False, False, True, False, False]
    assert is_called(nn.Linear, "torch.nn.modules.module.Module")
    assert not is_called(int, "torch.nn.modules.module.Module")
    assert not is_called(5, "builtins.int")


def test_names_that_raise_are_not_known():
    assert resolved("1 / 0", {}) is Any
    assert resolved(Iterable, {}) is Iterable
    assert resolved([1], {}) == [1]
