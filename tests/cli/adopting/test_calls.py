import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from lighter.cli.adopting.calls import Block, attributes, call, dataclass_of, others, safe, written
from lighter.cli.adopting.recognising import Kind
from lighter.config import Config


@pytest.mark.parametrize(
    "value", [(2, 2), (1,), (), [(1, 2), (3, "a, b: c")], {"a": (None, True, (1.5, "it's"))}, ('"',)]
)
def test_tuples_stay_tuples(value):
    text = f"a: {written(value)}  # as in train.py:3\nb: {{c: {written(value)}}}\n"
    config = Config(yaml.safe_load(text))
    assert config.resolve("a") == config.resolve("b::c") == value
    assert str(config.resolve("a")) == str(value)


KEYS = st.from_regex(r"[a-z]\w{0,5}", fullmatch=True)
SCALARS = st.none() | st.booleans() | st.integers(-(10**18), 10**18) | st.floats(allow_nan=False) | st.text()
PLAIN = st.recursive(SCALARS, lambda below: st.lists(below, max_size=3) | st.dictionaries(KEYS, below, max_size=3))


@pytest.mark.parametrize(
    ("value", "text"),
    [(1e-5, "1.0e-05"), ("$x", "$$x"), ("1e-3", "'1e-3'"), ([3, "a"], "[3, a]"), ({"a": None}, "{a: null}")],
)
def test_how_values_are_written(value, text):
    assert written(value) == text


@given(PLAIN)
def test_what_is_written_is_read_as_the_same(tmp_path_factory, value):
    path = tmp_path_factory.mktemp("values") / "a.yaml"
    path.write_text(f"a: {written(value)}  # a comment\n", encoding="utf-8")
    assert Config.load(path).resolve("a") == value


NET = """
from torch import nn
class Net(nn.Module):
    def __init__(self, args, sizes: list[int], classes, *, depth=2, act=nn.ReLU, null=None, pretrained=False):
        super().__init__()
        self.layer = nn.Linear(args.width, args.height)
        args.check()
"""


def test_what_scripts_give_is_taken_over_and_the_rest_told(choice):
    script = "from net import Net\nnet = Net(args, n, 7, depth=2, pretrained=True, act='b')\n"
    found = choice("a", {"net.py": NET, "train.py": script})
    block = call(found.first(Kind.MODEL), found)
    assert block.lines == [
        "_target_: a.net.Net  # net.py:3",
        "# args: {_target_: argparse.Namespace, width: ..., height: ...}  # required",
        "# sizes: ...  # required: list[int]",
        "classes: 7  # as in train.py:2",
        "# depth: 2",
        "act: b  # as in train.py:2",
        "# null: null",
        "# pretrained: false",
    ]
    assert block.open == ["args", "sizes"]


def test_the_call_that_leaves_least_open_is_taken(choice):
    script = "from net import Net\nNet(args, n, 7)\nNet(1, [2], 3)\n"
    found = choice("a", {"net.py": NET, "train.py": script})
    block = call(found.first(Kind.MODEL), found)
    assert block.open == []
    assert yaml.safe_load("\n".join(block.lines)) == {"_target_": "a.net.Net", "args": 1, "sizes": [2], "classes": 3}


def test_a_lightning_module_gets_the_model(choice):
    found = choice("lit")
    assert call(found.first(Kind.LIGHTNING_MODULE), found).lines == [
        "_target_: lit.lit.module.LitNet  # lit/module.py:6",
        "model:",
        "  _target_: lit.lit.net.TinyNet  # lit/net.py:2",
        "  size: 3  # as in train.py:2",
        "# lr: 0.01",
    ]


def test_what_is_called_later_is_given_without_its_data(choice):
    found = choice("vae.pytorch")
    block = call(found.first(Kind.LOSS), found, bound=True)
    assert block.lines == [
        "_target_: vae.pytorch.vae.vae_loss  # vae.py:10",
        "_mode_: callable",
        "# beta: 1.0",
    ]
    assert block.open == []


def test_arguments_that_stand_elsewhere_or_have_no_name(choice):
    text = "import torch, outside\nclass Net(torch.nn.Module, outside.Other): ...\n"
    text += "class Wide(outside.PreTrainedModel): ...\nclass Flat(torch.nn.Module):\n  def __init__(self, a, /): ...\n"
    found = choice("a", {"net.py": text})
    blocks = {one.here.name: call(one, found) for one in found.ranked[Kind.MODEL]}
    assert blocks["Wide"].lines[1:] == ["# what else it takes, a class from outside the repository says"]
    assert (blocks["Flat"].lines[1:], blocks["Flat"].open) == (["# _args_: [...]  # required: a"], ["_args_"])


def test_others_are_told_up_to_a_number(choice):
    text = "import torch\n" + "".join(f"class N{i}(torch.nn.Module): ...\n" for i in range(9))
    told = others(choice("a", {"net.py": text}).ranked[Kind.MODEL][1:])
    assert told[0] == "# or: a.net.N1  # net.py:3"
    assert (len(told), told[-1]) == (6, "# or one more, of 3 that 'lighter adopt' lists")


def test_a_comment_stays_a_comment():
    assert safe("a\nb\x1b\u2028c\ud800é") == "a?b??c?é"


def test_a_block_below_a_key():
    inner, outer = Block(["a: 1", ""], ["b"]), Block()
    outer.add_block("c", inner)
    assert (outer.lines, outer.open) == (["c:", "  a: 1", ""], ["c::b"])


SETTINGS = "from dataclasses import dataclass\n@dataclass\nclass GPTConfig:\n  width: int\n  depth: int = 2\n"
BUNDLED = (
    "from torch import nn\nclass Net(nn.Module):\n  def __init__(self, {0}):\n    {1}.width + {1}.depth + {1}.width\n"
)


def first(choice, files):
    found = choice("gpt", files)
    return found, found.first(Kind.MODEL)


@pytest.mark.parametrize(
    "files",
    [
        {"net.py": SETTINGS + BUNDLED.format("config", "config")},
        {"net.py": "from s import GPTConfig\n" + BUNDLED.format("c: GPTConfig", "c"), "s.py": SETTINGS},
        {"net.py": "import s\n" + BUNDLED.format("c: 's.GPTConfig'", "c"), "s.py": SETTINGS},
    ],
)
def test_a_dataclass_of_the_repository_is_written_in_place(choice, files):
    found, net = first(choice, files)
    assert dataclass_of(net.required[0], net, found.found).here.name == "GPTConfig"
    block = call(net, found)
    assert block.lines[2].startswith("  _target_: gpt.")
    assert block.lines[3:] == ["  # width: ...  # required: int", "  # depth: 2"]
    assert block.open == [f"{net.required[0].name}::width"]


@pytest.mark.parametrize(
    "files",
    [
        {"net.py": BUNDLED.format("config", "config")},
        {"net.py": SETTINGS + SETTINGS.replace("GPTConfig", "OtherConfig") + BUNDLED.format("config", "config")},
        {"net.py": SETTINGS.replace("@dataclass\n", "") + BUNDLED.format("config", "config")},
        {"net.py": SETTINGS + BUNDLED.format("widths", "widths")},
    ],
)
def test_none_where_nobody_can_know(choice, files):
    found, net = first(choice, files)
    assert dataclass_of(net.required[0], net, found.found) is None


def test_settings_within_settings_come_to_an_end(choice):
    text = SETTINGS.replace("width: int", "width: 'GPTConfig'") + BUNDLED.format("config", "config")
    found, net = first(choice, {"net.py": text})
    assert call(net, found).open == ["config::width"]


def test_names_that_are_read_of_settings(choice):
    found, net = first(choice, {"net.py": BUNDLED.format("args", "args")})
    assert attributes(net.required[0], net, found.found) == ["width", "depth"]
    found, net = first(choice, {"net.py": BUNDLED.format("x", "x")})
    assert attributes(net.required[0], net, found.found) == []
