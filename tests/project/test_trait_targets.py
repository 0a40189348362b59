"""What a target of an unedited repository can be, and what its calls are given: through a config, as users do it."""

import argparse
import functools
import types
from collections.abc import Callable
from typing import Any

import pytest

from lighter import Config
from lighter.project.project import Project

Make = Callable[[str, dict[str, str | bytes]], Project]

KINDS = """
import functools
from argparse import Namespace
from dataclasses import dataclass, field
from torch.utils.data import DataLoader, Dataset

class Net:
    def __init__(self, *sizes, **options):
        self.sizes, self.options = sizes, options
    class Block:
        class Inner:
            def __init__(self, x): self.x = x
        @staticmethod
        def make(x): return ("static", x)
    @classmethod
    def small(cls, x=1): return cls(x)
    def __call__(self, x): return ("called", x)

def build(x, *, y=2): return (x, y)
net = Net(7)
wide = functools.partial(build, y=3)
double = lambda x: 2 * x
REGISTRY = {"net": Net}
get = REGISTRY.get

@dataclass
class Settings:
    size: int = 1
    sizes: list = field(default_factory=list)

class Options(Namespace):
    pass

class EasyDict(dict):
    __getattr__ = dict.__getitem__
    __setattr__ = dict.__setitem__

class Tiny(Dataset):
    def __len__(self): return 4
    def __getitem__(self, i): return i

class Loader(DataLoader):
    def __init__(self, size, shuffle=False):
        super().__init__(Tiny(), batch_size=size, shuffle=shuffle, collate_fn=self.join)
    def join(self, items): return sum(items)

class Lazy:
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda x: (name, x)
lazy = Lazy()
"""

CHANGES = """
class Greedy:
    def __init__(self, channels, options):
        self.first = channels.pop(0)
        options.update(size=9)
        options["deep"][0].append("changed")
        self.options = options

def keep(channels, options): return channels, options
"""

GIVEN: dict[str, object] = {"channels": [1, 2], "options": {"deep": [[3]], "size": 1}}
CHANGED = {"deep": [[3, "changed"]], "size": 9}


@pytest.fixture
def resolve(make: Make) -> Callable[..., Any]:
    """Builds a value of a config whose project has one of each kind."""
    root = str(make("zoo", {"kinds.py": KINDS, "changes.py": CHANGES}).root)

    def _resolve(**vars: object) -> Any:
        config = Config({"project": root, "vars": vars})
        assert config.check() == []
        return config.resolve(f"vars::{next(iter(vars))}")

    return _resolve


@pytest.mark.parametrize(
    ("target", "args", "value"),
    [
        ("zoo.kinds.build", [1], (1, 2)),
        ("zoo.kinds.Net.Block.make", [1], ("static", 1)),
        ("zoo.kinds.net", [5], ("called", 5)),
        ("zoo.kinds.net.__call__", [5], ("called", 5)),
        ("zoo.kinds.wide", [1], (1, 3)),
        ("zoo.kinds.double", [2], 4),
        ("zoo.kinds.get", ["none"], None),
        ("zoo.kinds.lazy.anything", [1], ("anything", 1)),
        ("project.kinds.build", [1], (1, 2)),
        ("zoo.build", [1], (1, 2)),
    ],
)
def test_functions_methods_and_instances(
    resolve: Callable[..., Any], target: str, args: list[object], value: object
) -> None:
    assert resolve(a={"_target_": target, "_args_": args}) == value


def test_classes_nested_classes_and_class_methods(resolve: Callable[..., Any]) -> None:
    net = resolve(a={"_target_": "zoo.kinds.Net", "_args_": [1, 2], "name": "n"})
    assert (net.sizes, net.options) == ((1, 2), {"name": "n"})
    assert resolve(a={"_target_": "zoo.kinds.Net.small", "x": 3}).sizes == (3,)
    assert resolve(a={"_target_": "zoo.kinds.Net.Block.Inner", "x": 3}).x == 3
    assert resolve(a={"_target_": "zoo.Net.small", "x": 3}).sizes == (3,)


def test_callables_that_are_not_called(resolve: Callable[..., Any]) -> None:
    build = resolve(a={"_target_": "zoo.kinds.build", "_mode_": "callable"})
    assert (build.__name__, build(1)) == ("build", (1, 2))
    bound = resolve(a={"_target_": "zoo.kinds.build", "_mode_": "callable", "y": 5})
    assert isinstance(bound, functools.partial)
    assert bound(1) == (1, 5)
    net = resolve(a={"_target_": "zoo.kinds.Net", "_mode_": "callable"})
    assert isinstance(net, type)
    assert resolve(a={"_target_": "zoo.kinds.wide", "_mode_": "callable", "x": 4})() == (4, 3)


def test_constants_by_an_expression(resolve: Callable[..., Any]) -> None:
    net = resolve(a="$registry['net']", b="$from zoo.kinds import REGISTRY as registry")
    assert net.__name__ == "Net"


def test_namespaces_and_dataclasses(resolve: Callable[..., Any]) -> None:
    values = {"lr": 0.1, "depth": [1, 2]}
    assert resolve(a={"_target_": "argparse.Namespace", **values}) == argparse.Namespace(**values)
    assert resolve(a={"_target_": "types.SimpleNamespace", **values}) == types.SimpleNamespace(**values)
    assert vars(resolve(a={"_target_": "zoo.kinds.Options", **values})) == values
    assert resolve(a={"_target_": "zoo.kinds.EasyDict", **values}).depth == [1, 2]
    settings = resolve(a={"_target_": "zoo.kinds.Settings", "sizes": [1]})
    assert (settings.size, settings.sizes) == (1, [1])
    net = resolve(a={"_target_": "zoo.kinds.Net", "_args_": ["@vars::s"]}, s={"_target_": "zoo.kinds.Settings"})
    assert net.sizes[0].sizes == []


def test_the_repositorys_own_data_loader(resolve: Callable[..., Any]) -> None:
    assert list(resolve(a={"_target_": "zoo.kinds.Loader", "size": 2})) == [1, 5]


def test_each_call_is_given_its_own_copies(resolve: Callable[..., Any]) -> None:
    a, b, kept = resolve(
        all=["@vars::a", "@vars::b", "@vars::kept"],
        given=GIVEN,
        a={"_target_": "zoo.changes.Greedy", "channels": "@vars::given::channels", "options": "@vars::given::options"},
        b={"_target_": "zoo.changes.Greedy", "channels": "%vars::given::channels", "options": "@vars::given::options"},
        kept={"_target_": "zoo.changes.keep", "channels": "@vars::given::channels", "options": "@vars::given::options"},
    )
    assert (a.first, a.options, b.first, b.options) == (1, CHANGED, 1, CHANGED)
    assert a.options is not b.options
    assert kept == (GIVEN["channels"], GIVEN["options"])
