import pytest

from lighter.cli.adopting.calls import attributes, call, dataclass_of
from lighter.cli.adopting.kinds import Kind

SETTINGS = "from dataclasses import dataclass\n@dataclass\nclass GPTConfig:\n  width: int\n  depth: int = 2\n"
NET = "from torch import nn\nclass Net(nn.Module):\n  def __init__(self, {0}):\n    {1}.width + {1}.depth + {1}.width\n"


def first(choice, files):
    found = choice("gpt", files)
    return found, found.first(Kind.MODEL)


@pytest.mark.parametrize(
    "files",
    [
        {"net.py": SETTINGS + NET.format("config", "config")},
        {"net.py": "from s import GPTConfig\n" + NET.format("c: GPTConfig", "c"), "s.py": SETTINGS},
        {"net.py": "import s\n" + NET.format("c: 's.GPTConfig'", "c"), "s.py": SETTINGS},
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
        {"net.py": NET.format("config", "config")},
        {"net.py": SETTINGS + SETTINGS.replace("GPTConfig", "OtherConfig") + NET.format("config", "config")},
        {"net.py": SETTINGS.replace("@dataclass\n", "") + NET.format("config", "config")},
        {"net.py": SETTINGS + NET.format("widths", "widths")},
    ],
)
def test_none_where_nobody_can_know(choice, files):
    found, net = first(choice, files)
    assert dataclass_of(net.required[0], net, found.found) is None


def test_settings_within_settings_come_to_an_end(choice):
    text = SETTINGS.replace("width: int", "width: 'GPTConfig'") + NET.format("config", "config")
    found, net = first(choice, {"net.py": text})
    assert call(net, found).open == ["config::width"]


def test_names_that_are_read_of_settings(choice):
    found, net = first(choice, {"net.py": NET.format("args", "args")})
    assert attributes(net.required[0], net, found.found) == ["width", "depth"]
    found, net = first(choice, {"net.py": NET.format("x", "x")})
    assert attributes(net.required[0], net, found.found) == []
