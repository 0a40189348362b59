"""Which metrics keep the same state, so that one update serves them all.

Two do if one function updates both and everything it reads of them is equal. Decided before the first batch and from
the metrics alone: states that are equal after some batches may be so by chance (two thresholds, no value between).
"""

from collections.abc import Iterator, Mapping
from types import CodeType, FunctionType
from typing import Any

import torch
from torch import Tensor
from torchmetrics import Metric

SYNCING = ("compute_on_cpu", "dist_sync_fn", "dist_sync_on_step", "process_group", "sync_on_compute")


def compute_groups(metrics: Mapping[str, Metric], adapters: Mapping[str, Any]) -> list[list[str]]:
    """The names of the metrics, those with a common state together; `adapters` say what each is updated with."""
    groups: list[list[str]] = []
    for name, metric in metrics.items():
        for group in groups:
            if adapters[group[0]] is adapters[name] and _share_state(metrics[group[0]], metric):
                group.append(name)
                break
        else:
            groups.append([name])
    return groups


def _share_state(one: Metric, other: Metric) -> bool:
    function = type(one).update
    if not one.metric_state or one.metric_state.keys() != other.metric_state.keys():
        return False
    if not isinstance(function, FunctionType) or type(other).update is not function:
        return False
    names = {*one.metric_state, *SYNCING, *_read(type(one), function.__code__, set())}
    return all(_equal_part(one, other, name) for name in names)


def _read(kind: type, code: CodeType, seen: set[str]) -> set[str]:
    """Names that a method, and the methods of its object that it calls, may read of the object."""
    for name in _names(code):
        if name not in seen:
            seen.add(name)
            method = getattr(kind, name, None)
            if isinstance(method, FunctionType):
                _read(kind, method.__code__, seen)
    return seen


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _equal_part(one: Metric, other: Metric, name: str) -> bool:
    method = getattr(type(one), name, None)
    if isinstance(method, FunctionType):
        return method is getattr(type(other), name, None)
    missing = object()
    a, b = getattr(one, name, missing), getattr(other, name, missing)
    return (a is missing and b is missing) or equal(a, b)


def equal(a: Any, b: Any) -> bool:
    """Whether two are known to be equal: numbers, texts, tensors on one device, and lists of them."""
    if a is b:
        return True
    if type(a) is not type(b):
        return False
    if isinstance(a, Tensor):
        return a.dtype == b.dtype and a.device == b.device and torch.equal(a, b)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(equal, a, b))
    return isinstance(a, bool | int | float | str) and a == b
