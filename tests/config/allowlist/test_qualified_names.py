"""The own names of functions and classes: none is known by the name it was reached by."""

import functools
import logging
import operator
import os
from collections import OrderedDict
from typing import Any

import numpy as np
import pytest
import torch
from pytorch_lightning import LightningModule
from torch import nn

from lighter.config.allowlist.policy import WALKED, own_names, walked


class Called:
    def __call__(self) -> None: ...

    @staticmethod
    def still() -> None: ...


@functools.wraps(os.system)
def disguised(command: str) -> int:
    return os.system(command)


NAMES: list[tuple[Any, list[str]]] = [
    (os, ["os"]),
    (os.system, [f"{os.name}.system"]),
    (logging.os.system, [f"{os.name}.system"]),  # type: ignore[attr-defined]  # what an alias looks like
    (open, ["_io.open" if open.__module__ == "_io" else "io.open"]),
    (len, ["builtins.len"]),
    (int, ["builtins.int"]),
    (list[int], ["builtins.list"]),
    ("a".format, ["builtins.str.format"]),
    (str.format, ["builtins.str.format"]),
    ({}.get, ["builtins.dict.get"]),
    (OrderedDict().get, ["builtins.dict.get"]),
    (dict.fromkeys, ["builtins.dict.fromkeys"]),
    (nn.Linear.mro, ["builtins.type.mro"]),
    ((1).__add__, ["builtins.int.__add__"]),
    (torch.relu, ["torch._VariableFunctionsClass.relu"]),
    (torch.load, ["torch.serialization.load"]),
    (torch.nn.functional.gelu, ["torch._C._nn.gelu"]),
    (torch.zeros(1).numel, ["torch._C.TensorBase.numel"]),
    (torch.Tensor.numel, ["torch._C.TensorBase.numel"]),
    (torch.UntypedStorage.from_file, ["?.StorageBase.from_file"]),
    (np.mean, ["numpy.mean", "numpy._core.fromnumeric.mean"]),
    (np.add, ["numpy.add"]),
    (np.zeros(1).tofile, ["numpy.ndarray.tofile"]),
    (nn.Linear, ["torch.nn.modules.linear.Linear"]),
    (nn.Linear(1, 1).parameters, ["torch.nn.modules.module.Module.parameters"]),
    (functools.partial(os.system, "x"), [f"{os.name}.system"]),
    (functools.partial(functools.partial(len)), ["builtins.len"]),
    (functools.lru_cache(os.getpid), [f"{os.name}.getpid"] * 2),
    (Called.still, [f"{__name__}.Called.still"]),
    (Called.__dict__["still"], [f"{__name__}.Called.still"]),
    (disguised, [f"{os.name}.system"] * 2),
    (LightningModule.load_from_checkpoint, [f"{LightningModule.__module__}.LightningModule.load_from_checkpoint"] * 2),
    (5, []),
    ("os.system", []),
    (Called(), []),
    (torch.zeros(1), []),
]


@pytest.mark.skipif(os.name != "posix", reason="the functions of os have other names elsewhere")
@pytest.mark.parametrize(("value", "names"), NAMES)
def test_own_names(value: Any, names: list[str]) -> None:
    assert list(own_names(value)) == names


def test_an_object_that_is_called_has_the_name_of_its_class() -> None:
    assert list(own_names(Called(), called=True)) == [f"{__name__}.Called"]
    assert list(own_names(operator.attrgetter("a"), called=True)) == ["operator.attrgetter"]
    assert list(own_names(nn.ReLU(), called=True)) == ["torch.nn.modules.activation.ReLU"]


def test_functions_around_functions_end() -> None:
    function: Any = len
    for _ in range(50):
        function = functools.wraps(function)(lambda: None)
    assert list(own_names(function))[-1] == "more functions than can be followed"


def test_values_in_lists_and_mappings_are_walked() -> None:
    found = list(walked({"a": [1, (2, "x")]}))
    assert [value for value in found if isinstance(value, (int, str))] == ["a", 1, 2, "x"]
    assert len(list(walked(list(range(10 * WALKED))))) == WALKED
    assert list(walked([1, 2, 3], 2)) == [[1, 2, 3], 1]
