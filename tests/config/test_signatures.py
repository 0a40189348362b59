"""What callables take, asked without calling them."""

import collections
import contextlib
import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import pytest
import torch
from torch import nn

from lighter.config.signatures import converts, faults, function_of, is_trusted, lacks, reserved_name, signature_of


def plain(a, b=1, *, c):
    return a, b, c


def only_by_position(a, /, b):
    return a, b


def build(name, /, **more):
    return name, more


def anything(*args, **kwargs):
    return args, kwargs


def giving_b(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, b=2, **kwargs)

    return wrapper


@giving_b
def is_given_b(a, b):
    return a, b


@torch.no_grad()
def without_gradients(a):
    return a


@torch.no_grad()
@giving_b
def both(a, b):
    return a, b


@contextlib.contextmanager
def context(a):
    yield a


class New:
    def __new__(cls, a):
        return super().__new__(cls)


class NewAbove(New):
    def __init__(self, *args):
        pass


class Meta(type):
    def __call__(cls, *args, x=1):
        return super().__call__()


class MadeByMeta(metaclass=Meta):
    def __init__(self):
        pass


@dataclass
class Data:
    a: int
    b: int = 2


class Pair(NamedTuple):
    a: int
    b: int = 2


class Empty:
    pass


class Strange:
    """Has every attribute, as lazy modules have, and one that raises."""

    def __getattr__(self, name):
        if name == "__signature__":
            raise RuntimeError
        return self

    def __call__(self):
        pass


def told(target, keywords=(), positional=0, partial=False):
    signature = signature_of(target)
    return None if signature is None else [f.what for f in faults("f", signature, positional, keywords, partial)]


@pytest.mark.parametrize(
    ("target", "keywords", "positional"),
    [
        (plain, "ac", 0),
        (plain, "c", 2),
        (only_by_position, "b", 1),
        (build, ["name", "width"], 1),
        (collections.Counter, ["iterable", "self"], 0),
        (anything, "xyz", 5),
        (is_given_b, "a", 0),
        (both, "a", 0),
        (without_gradients, "a", 0),
        (context, "a", 0),
        (New, "a", 0),
        (NewAbove, "", 3),
        (MadeByMeta, "x", 2),
        (Data, "a", 0),
        (Pair, "ab", 0),
        (Empty, "", 0),
        (functools.partial(plain, 1), "c", 0),
        (functools.partial(plain, c=1), "ac", 0),
        (torch.nn.functional.max_pool2d, ["input", "kernel_size"], 0),
        (nn.Sequential, "", 4),
        (nn.Linear(1, 1), "", 1),
        (nn.Module.named_parameters, ["self", "prefix"], 0),
        (torch.Generator.manual_seed, "", 1),
        (len, "", 1),
    ],
)
def test_unusual_but_right(target, keywords, positional):
    assert told(target, list(keywords), positional) in ([], None)


@pytest.mark.parametrize(
    ("target", "keywords", "positional", "what"),
    [
        (plain, "cx", 1, "f takes no argument 'x'"),
        (plain, "", 0, "f needs the arguments 'a' and 'c'"),
        (plain, "a", 0, "f needs the argument 'c'"),
        (plain, "ac", 1, "f gets 'a' twice: in '_args_' and by name"),
        (plain, "c", 3, "f takes 2 positional arguments, '_args_' gives 3"),
        (only_by_position, "ab", 1, "f takes 'a' by position only"),
        (build, ["name"], 0, "f needs the argument 'name'"),
        (without_gradients, "ab", 0, "f takes no argument 'b'"),
        (context, "b", 1, "f takes no argument 'b'"),
        (New, "b", 1, "f takes no argument 'b'"),
        (MadeByMeta, "y", 0, "f takes no argument 'y'"),
        (Data, "b", 0, "f needs the argument 'a'"),
        (Empty, "", 1, "f takes no positional arguments, '_args_' gives 1"),
        (len, "", 0, "f needs the argument 'obj'"),
        (nn.Linear, ["in_features", "out_feature"], 0, "f takes no argument 'out_feature'"),
        (torch.optim.Adam, ["params", "momentum"], 0, "f takes no argument 'momentum'"),
    ],
)
def test_what_is_wrong(target, keywords, positional, what):
    assert what in told(target, list(keywords), positional)


def test_a_place_among_arguments_is_told_with_what_to_write():
    (fault,) = faults("f", signature_of(plain), 0, ["c", "a::x::y"], partial=True)
    assert fault.help == "write 'a: {x: {y: ...}}'; a place joined by '::' stands at the top of a file"


@pytest.mark.parametrize("target", [dict, int, max, torch.zeros, torch.tensor, torch.device, Strange()])
def test_what_tells_no_signature(target):
    assert signature_of(target) is None


def test_a_partial_call_may_lack_arguments_but_not_take_others():
    assert told(plain, "x", partial=True) == ["f takes no argument 'x'"]


@pytest.mark.parametrize(
    ("keyword", "help"),
    [("aa", "did you mean 'a'?"), ("qqq", "it takes a, b, c")],
)
def test_the_nearest_argument_is_suggested(keyword, help):
    fault = next(faults("f", inspect.signature(plain), 0, [keyword], partial=True))
    assert (fault.argument, fault.help) == (keyword, help)


def test_the_nearest_may_be_given_already():
    fault = next(faults("f", inspect.signature(nn.Linear), 2, ["biass", "bias"], partial=False))
    assert fault.help == "did you mean 'bias'?"


@pytest.mark.parametrize(("positional", "keywords", "lacking"), [(0, "", True), (1, "", False), (0, "a", False)])
def test_what_a_call_lacks(positional, keywords, lacking):
    assert lacks(signature_of(plain), "a", positional, keywords) is lacking
    assert not lacks(signature_of(plain), "x", positional, keywords)
    assert not lacks(None, "a", positional, keywords)


@pytest.mark.parametrize(
    ("target", "trusted"),
    [
        (torch.optim.Adam, True),
        (nn.Linear, True),
        (plain, False),
        (without_gradients, False),
        (is_given_b, False),
        (giving_b(nn.functional.relu), False),
        (type("Net", (nn.Module,), {}), True),
        (type("Net", (nn.Module,), {"__init__": plain}), False),
    ],
)
def test_who_is_trusted(target: Callable[..., object], trusted):
    assert is_trusted(target) is trusted


def test_the_function_that_gets_the_arguments():
    assert function_of(New) is New.__new__
    assert function_of(NewAbove) is NewAbove.__init__
    assert function_of(plain) is plain


def by_pairs(a: int):
    return a


@pytest.mark.parametrize(
    ("target", "may"),
    [(plain, False), (giving_b(by_pairs), True), (torch.no_grad()(by_pairs), False), (nn.Linear, False)],
)
def test_who_may_convert_what_it_is_given(target, may):
    assert converts(target) is may


@pytest.mark.parametrize(
    ("target", "key", "near"),
    [
        (plain, "_mod_", "_mode_"),
        (plain, "_debug_", "_mode_"),
        (plain, "mode", None),
        (anything, "_mod_", "_mode_"),
        (anything, "_debug_", "_mode_"),
        (anything, "_name_", None),
        (dict, "_disable_", "_disabled_"),
        (dict, "_id_", None),
    ],
)
def test_the_reserved_key_that_was_meant(target, key, near):
    assert reserved_name(key, signature_of(target)) == near


def test_what_is_taken_by_position_only_is_written_so():
    (fault,) = faults("f", inspect.signature(build), 0, ["name"], partial=False)
    assert fault.help == "write it in '_args_: [...]'"
