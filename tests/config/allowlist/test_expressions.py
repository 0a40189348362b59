"""`$code` of a limited config: what gets past it would have left a file called `done`, filled the memory or hung."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from lighter import Config, ConfigError
from lighter.config.allowlist.expressions import chains, evaluate, refusals
from lighter.config.allowlist.guard import Guard
from lighter.config.allowlist.policy import Allowed
from lighter.config.building import Builder
from lighter.config.expressions import Expression, read_code
from lighter.project.importable import unload

ALLOW = ("torch", "monai", "numpy", "my_project")

DOORS = """
import os
from os import system

pair = (os.system, 1)


class Door:
    module = os

    def __init__(self):
        self.system = os.system
        self.tools = {"deep": [os.system]}

    @property
    def command(self):
        return os.system

    def __getitem__(self, key):
        return getattr(os, key)

    def give(self, name):
        return getattr(os, name)

    def each(self):
        yield os.system


def caller(function, *args):
    return function(*args)
"""

# @door is an object of the project that holds os.system, pair a tuple with it.
ATTEMPTS = {
    # names
    "open": "open('done', 'w')",
    "eval": "eval('1')",
    "exec": "exec('x = 1')",
    "compile": "compile('1', 'x', 'eval')",
    "__import__": "__import__('os').system('touch done')",
    "getattr": "getattr(torch, 'os')",
    "setattr": "setattr(torch, 'x', 1)",
    "delattr": "delattr(torch, 'nn')",
    "vars": "vars(torch)",
    "globals": "globals()",
    "locals": "locals()",
    "dir": "dir(torch)",
    "type": "type('X', (), {})",
    "type of one": "type(1)",
    "super": "super()",
    "object": "object()",
    "input": "input()",
    "breakpoint": "breakpoint()",
    "exit": "exit()",
    "help": "help()",
    "memoryview": "memoryview(b'x')",
    "classmethod": "classmethod(print)",
    "a guard of our own": "__reach(torch, 'os')",
    "a variable with the name of a guard": "[0 for __call in [1]]",
    "an argument with the name of a guard": "lambda __seen: 1",
    # attributes
    "class": "().__class__",
    "subclasses": "().__class__.__base__.__subclasses__()",
    "globals of a lambda": "(lambda: 1).__globals__",
    "code of a lambda": "(lambda: 1).__code__",
    "builtins of a module": "torch.__builtins__['eval']",
    "dict of a module": "torch.__dict__['os']",
    "single underscore": "torch._C",
    "mro": "torch.nn.Linear.mro()",
    "frame of a generator": "(x for x in [1]).gi_frame",
    "code of a generator": "(x for x in [1]).gi_code",
    "frame above": "[g.gi_frame.f_back for g in [(x for x in [1])]]",
    "generator by a variable": "(lambda g: g.gi_frame)(i for i in [1])",
    "method of a generator": "(x for x in [1]).throw(1)",
    # modules and functions by other ways
    "os imported for os.path": "os.system('touch done')",
    "popen": "os.popen('touch done')",
    "environment": "os.environ['HOME']",
    "os handed on": "[os]",
    "os of os.path": "os.path.os.system('touch done')",
    "os of os.path by a variable": "[p for p in [1]] and os.path.genericpath.os.system('touch done')",
    "os of glob": "glob.os.system('touch done')",
    "sys of os": "os.sys.exit()",
    "os of torch": "torch.os.system('touch done')",
    "os of monai": "monai.utils.misc.os.system('touch done')",
    "subprocess of monai": "monai.utils.misc.subprocess.run(['touch', 'done'])",
    "importlib of torch": "torch.importlib.import_module('os')",
    "builtins of torch": "torch.builtins.eval('1')",
    "sys of torch": "torch.sys.modules['os']",
    "ctypes of torch": "torch.ctypes.CDLL('libc.so.6')",
    "a module handed on": "[torch]",
    "a module handed to a function": "@caller(print, torch.nn)",
    "not called, handed on": "sorted(['touch done'], key=torch.os.system)",
    "in a list": "[torch.os.system][0]('touch done')",
    "in a mapping": "{'f': torch.os.system}['f']('touch done')",
    "by a condition": "(torch.os.system if True else print)('touch done')",
    "by or": "(None or torch.os.system)('touch done')",
    "by a lambda": "(lambda f: f('touch done'))(torch.os.system)",
    "by a default": "(lambda f=torch.os.system: f('touch done'))()",
    "by a comprehension": "[f('touch done') for f in [torch.os.system]]",
    "by map": "list(map(torch.os.system, ['touch done']))",
    "by filter": "list(filter(torch.os.system, ['touch done']))",
    "attribute of an object": "@door.system('touch done')",
    "attribute handed on": "list(map(@door.system, ['touch done']))",
    "property of an object": "@door.command('touch done')",
    "module of a class": "@door.module.system('touch done')",
    "mapping of an object": "@door.tools",
    "deep in an object": "@door.tools['deep'][0]('touch done')",
    "given by a method": "@door.give('system')('touch done')",
    "given by an item": "@door['system']('touch done')",
    "given by an item, handed on": "@caller(@door['system'], 'touch done')",
    "given by an iterator": "[f('touch done') for f in @door.each()]",
    "given by an iterator, unpacked": "@caller(*@door.each(), 'touch done')",
    "given by an iterator to max": "max(@door.each())",
    "given by next": "next(@door.each())('touch done')",
    "a reference to a tuple": "pair[0]('touch done')",
    "unpacked from a tuple": "[f('touch done') for f, _ in [pair]]",
    "unpacked with a star": "[f('touch done') for f, *_ in [pair]]",
    "a tuple handed on with a star": "@caller(*pair)",
    "by keywords": "@caller(**{'function': pair[0]})",
    "sliced": "pair[:1][0]('touch done')",
    "inside a lambda, called later": "(lambda: torch.os.system('touch done'))()",
    "by partial": "@partial(torch.os.system, 'touch done')()",
    "optional_import": "monai.utils.optional_import('os', name='system')[0]('touch done')",
    "run_cmd": "monai.utils.misc.run_cmd(['touch', 'done'])",
    "torch.load": "torch.load('payload.pt')",
    "torch.load, not weights only": "torch.load('payload.pt', weights_only=False)",
    "torch.load handed on": "list(map(torch.load, ['payload.pt']))",
    "numpy.load": "np.load('payload.npy', allow_pickle=True)",
    "numpy.load by keywords": "np.load('payload.npy', **{'allow_pickle': True})",
    "numpy.savetxt": "np.savetxt('done', [1])",
    "tofile": "np.zeros(1).tofile('done')",
    "tofile handed on": "@caller(np.zeros(1).tofile, 'done')",
    "torch.save": "torch.save(1, 'done')",
    "runstring": "np.testing.runstring('x = 1', {})",
    "hub": "torch.hub.load('.', 'x', source='local')",
    "not listed": "@path.exists()",
    # texts
    "format": "'{0.__class__}'.format(1)",
    "format without underscores": "'{0.real}'.format(1)",
    "format_map": "'{x}'.format_map({'x': 1})",
    "str.format": "str.format('{0.real}', 1)",
    "str.format handed on": "list(map(str.format, ['{0.real}'], [1]))",
    "nested format of an f-string": "f'{1:{10**9}}'",
    "wide format of an f-string": "f'{1:99999999}'",
    "attribute in an f-string": "f'{().__class__}'",
    "call in an f-string": "f'{torch.os.system(\"touch done\")}'",
    "inner name put together": "'__cla' + 'ss__'",
    "inner name handed on": "dict(part='__cla' + 'ss__')",
    # what no expression holds
    "walrus": "(f := torch.os.system)",
    "await": "[await x for x in []]",
    "yield": "(yield 1)",
    "async comprehension": "[x async for x in []]",
    "loop that sets an attribute": "[0 for torch.nn.Linear.forward in [print]]",
    "loop that sets an item": "[0 for {}['a'] in [1]]",
    # too large, too long
    "tower of powers": "9**9**9**9",
    "negative tower": "(-9)**9**9",
    "pow": "pow(9, 10**9)",
    "shift": "1 << 10**12",
    "product": "(2**90000) * (2**90000)",
    "long text": "'a' * 10**12",
    "long text, other way round": "10**12 * 'a'",
    "long list": "[0] * 10**12",
    "long tuple": "(0,) * 10**12",
    "long bytes": "bytes(10**12)",
    "long range": "list(range(10**12))",
    "endless range": "sum(range(10**40))",
    "ranges in ranges": "[0 for _ in range(10**7) for _ in range(10**7)]",
    "sums of ranges": "[sum(range(10**7)) for _ in range(10**6)]",
    "doubled": "(lambda f: f(f, 'a', 60))(lambda f, x, n: f(f, x + x, n - 1) if n else x)",
    "endless iterator": "list(iter(int, 1))",
    "exponential calls": "(lambda f: f(f, 60))(lambda f, n: f(f, n - 1) + f(f, n - 1) if n else 1)",
    "percent": "'%1000000000d' % 1",
    "ljust": "'a'.ljust(10**12)",
    "zfill": "'a'.zfill(10**12)",
    "expandtabs": "'\\t'.expandtabs(10**12)",
    "replace": "('a' * 10**6).replace('a', 'a' * 10**6)",
    "join": "('a' * 10**6).join(['a'] * 10**6)",
    "translate": "'a'.translate({97: 'a' * 10**7})",
    "factorial": "math.factorial(10**8)",
    "factorials": "[math.factorial(9) for _ in range(10**8)]",
    "comb": "math.comb(10**8, 10**7)",
    "product of a list": "math.prod([10**1000] * 10**6)",
    "round": "round(5, -10**9)",
    "to_bytes": "(1).to_bytes(10**12, 'big')",
    "sum of lists": "sum([[0] * 10**5] * 10**5, [])",
    "elements": "list(@counter.elements())",
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "my_project").mkdir()
    (tmp_path / "my_project" / "doors.py").write_text(DOORS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("lighter.config.allowlist.guard.STEPS", 10_000)  # what would never end is told sooner
    yield tmp_path
    unload()


def config(expression: str) -> Config:
    return Config(
        {
            "project": "my_project",
            "door": {"_target_": "my_project.doors.Door"},
            "caller": {"_target_": "my_project.doors.caller", "_mode_": "callable"},
            "partial": {"_target_": "functools.partial", "_mode_": "callable"},
            "path": {"_target_": "pathlib.Path", "_args_": ["x"]},
            "imports": ["$import os", "$import glob"],
            "doors": "$from my_project.doors import pair, Door",
            "counter": {"_target_": "collections.Counter", "_args_": [{"a": 10**12}]},
            "a": f"${expression}",
        }
    )


@pytest.mark.parametrize("expression", ATTEMPTS.values(), ids=ATTEMPTS)
def test_an_attempt_is_refused_and_leaves_nothing(folder: Path, expression: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config(expression).resolve("a", allow=ALLOW)
    assert {problem.place for problem in caught.value.problems} <= {"a", "a::_target_"}
    assert not (folder / "done").exists()


@pytest.mark.parametrize("expression", ATTEMPTS.values(), ids=ATTEMPTS)
def test_what_the_check_did_not_see_is_refused_when_it_is_evaluated(folder: Path, expression: str) -> None:
    limited = config(expression)
    with pytest.raises(ConfigError):
        Builder(limited.plan(), limited.project, Allowed.of(ALLOW, limited.project)).build(("a",))
    assert not (folder / "done").exists()


def test_enough_attempts_are_made() -> None:
    assert len(ATTEMPTS) > 100


@pytest.mark.parametrize("name", ["os of torch", "by map", "given by a method", "unpacked with a star", "tofile"])
def test_without_a_list_an_attempt_succeeds(folder: Path, name: str) -> None:
    config(ATTEMPTS[name]).resolve("a")
    assert (folder / "done").exists()


ORDINARY = [
    "1 + 2 * 3 - 4 / 5 // 6 % 7 ** 2",
    "2**10 | 1 & 3 ^ 5 << 2 >> 1",
    "-1 if not True else +2",
    "1 < 2 <= 3 != 4 and 'a' in 'abc' or None is not None",
    "[1, 2.5, 'x', b'y', None, True, 3j, ...]",
    "{'a': 1, **{'b': 2}}",
    "{1, 2, *[3, 4]}",
    "(1, *range(3))",
    "[i * j for i in range(3) for j in range(3) if i != j]",
    "{k: v for k, v in zip('ab', [1, 2])}",
    "{x % 3 for x in range(10)}",
    "sum(x * x for x in range(10))",
    "sorted(['bb', 'a'], key=lambda text: len(text))",
    "list(map(lambda x, y=2: x + y, [1, 2, 3]))",
    "[_ for _ in range(3)][::-1][1:]",
    "'train' + '/' + 'val'.upper().replace('A', 'o')",
    "', '.join(str(i) for i in range(3))",
    "f'{3.14159:.2f} {\"x\"!r:>5} {1 + 1}'",
    "'a,b'.split(',')[-1].strip().startswith('b')",
    "max([3, 1, 2]) + min(3, 1) + len([1]) + abs(-1) + round(2.5) + int('3')",
    "dict(a=1).items() == {'a': 1}.items()",
    "isinstance(1, (int, float)) and callable(print)",
    "math.sqrt(16) + math.pi + math.prod([2, 3]) + math.factorial(5)",
    "torch.tensor([1, 2]).sum().item()",
    "tuple(torch.zeros(2, 3).shape)",
    "torch.float32 == torch.zeros(1).dtype",
    "torch.nn.functional.relu(torch.tensor(-1.0)).item()",
    "np.arange(6).reshape(2, 3)[:, 1].tolist()",
    "np.float32(1.5).item()",
    "list(range(1, 10, 2))[1]",
    "[x for x in [[1], [2, 3]] if len(x) > 1][0][1]",
    "(lambda *args, **kwargs: (args, kwargs))(1, *[2], a=3, **{'b': 4})",
    "(lambda f: f(f, 5))(lambda f, n: 1 if n == 0 else n * f(f, n - 1))",
    "monai.utils.ensure_tuple(3) + monai.utils.ensure_tuple_rep(1, 2)",
    "'%' + 'x'",
    "os.path.join('a', os.path.basename('b/c')) + str(os.path.exists('no'))",
    "sorted(glob.glob('*'))",
    "1e-3 * 10",
    "[[0] * 3] * 2",
]


@pytest.mark.parametrize("expression", ORDINARY)
def test_ordinary_expressions_mean_the_same(expression: str) -> None:
    assert config(expression).resolve("a", allow=ALLOW) == config(expression).resolve("a")


def test_objects_are_asked_for_parameters() -> None:
    mapping = {"net": {"_target_": "torch.nn.Linear", "in_features": 2, "out_features": 3}}
    expressions = {"a": "$sum(p.numel() for p in @net.parameters())", "b": "$@net(torch.ones(1, 2)).shape[1]"}
    counted = Config({**mapping, **expressions})
    assert counted.check(allow=["torch"]) == []
    assert counted.resolve("a", allow=["torch"]) == 9
    assert counted.resolve("b", allow=["torch"]) == 3


def test_a_lambda_is_judged_when_it_is_called(folder: Path) -> None:
    function = config("lambda x, *, dim=0: x.argmax(dim=dim) + @caller(lambda: 1)").resolve("a", allow=ALLOW)
    assert function(torch.tensor([1, 3, 2])) == 2
    with pytest.raises(TypeError, match="unexpected keyword argument"):
        function(torch.zeros(1), axis=0)
    later = config("lambda name: @door.give(name)('touch done')").resolve("a", allow=ALLOW)
    with pytest.raises(ConfigError, match=r"'posix\.system' runs commands") as caught:
        later("system")
    assert caught.value.problems[0].place == "a"
    assert not (folder / "done").exists()


def test_a_lambda_may_be_called_for_ever() -> None:
    function = config("lambda x: [i for i in range(x)]").resolve("a", allow=ALLOW)
    assert all(len(function(500)) == 500 for _ in range(50))


def test_names_of_import_statements_are_known() -> None:
    imports = ["$import math as m", "$from torch import nn", "$import collections"]
    expressions = {"a": "$nn.Linear(2, int(m.sqrt(9))).out_features", "b": "$collections.OrderedDict(a=1)"}
    limited = Config({"imports": imports, **expressions})
    assert limited.check(allow=["torch"]) == []
    assert limited.resolve("a", allow=["torch"]) == 3
    assert limited.resolve("b", allow=["torch"]) == {"a": 1}


def test_what_raises_raises_as_it_does() -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        config("1 / 0").resolve("a", allow=ALLOW)
    assert any("while building 'a'" in note for note in caught.value.__notes__)
    with pytest.raises(AttributeError, match="has no attribute 'linear'"):
        config("torch.nn.linear").resolve("a", allow=ALLOW)


def expression(written: str) -> Expression:
    read = read_code(written)
    assert isinstance(read, Expression)
    return read


def test_the_text_tells_what_no_expression_holds() -> None:
    whats = [refusal.what for refusal in refusals(expression("(x := a.__b) + f'{c:{d}}' + f(weights_only=False)"))]
    assert len(whats) == 4
    assert any("':='" in what for what in whats)
    assert any("'__b' begins with an underscore" in what for what in whats)
    assert any("the format '{d}'" in what for what in whats)
    assert any("'weights_only: false'" in what for what in whats)


def test_chains_of_names_are_found() -> None:
    found = set(chains(expression("a.b.c(d) + [e.f for e in g][0].h + (lambda i: i.j)(k)")))
    assert found == {("a", ("b", "c"), True), ("d", (), False), ("g", (), False), ("k", (), False)}


def test_evaluating_needs_no_check_before() -> None:
    guard = Guard(Allowed.of((), None), place="here")
    assert evaluate(expression("x + len([y])"), {"x": 1, "y": 2}, guard) == 2
    with pytest.raises(ConfigError, match="begins with an underscore"):
        evaluate(expression("x.__class__"), {"x": 1}, guard)


def test_a_slot_is_no_private_name() -> None:
    guard = Guard(Allowed.of((), None))
    read = expression("@a::b * 2")
    assert evaluate(read, {read.slots[0][0]: 4}, guard) == 8
