import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from lighter import Runner
from lighter.cli.adopting.first_config import (
    Block,
    attributes,
    call,
    dataclass_of,
    first_config,
    loader,
    others,
    safe,
    written,
)
from lighter.cli.adopting.recognising import Kind
from lighter.config import Config

DATA = """
import torch
from torch.utils.data import IterableDataset, Dataset
class Stream(IterableDataset):
    def __init__(self, path): ...
"""


def test_a_loader_over_the_dataset_with_its_collate_function(choice):
    block, chosen = loader(choice("shapes"))
    assert block.lines == [
        "_target_: torch.utils.data.DataLoader",
        "dataset:",
        "  _target_: shapes.src.data.points.Points  # src/data/points.py:4",
        "  count: 12  # as in src/train.py:7",
        "  width: 3  # as in src/train.py:7",
        "  # split: train",
        "collate_fn:",
        "  _target_: shapes.src.data.points.collate  # src/data/points.py:10",
        "  _mode_: callable",
        "batch_size: 4",
        "shuffle: true",
    ]
    assert [one.here.name for one in chosen] == ["Points", "collate"]
    assert block.open == []


def test_a_stream_is_not_shuffled_and_a_collate_function_elsewhere_is_a_comment(choice):
    files = {
        "data.py": DATA,
        "batch.py": "import torch\ndef my_collate(batch): ...\nclass Collator:\n  def __call__(s): ...\n",
    }
    block, chosen = loader(choice("a", files))
    assert block.open == ["dataset::path"]
    assert "shuffle: true" not in block.lines
    assert "# collate_fn: {_target_: a.batch.Collator}  # batch.py:3" in block.lines
    assert "# collate_fn: {_target_: a.batch.my_collate, _mode_: callable}  # batch.py:2" in block.lines
    assert [one.here.name for one in chosen] == ["Stream"]


def test_without_a_dataset_those_that_scripts_use_are_told(choice):
    block, chosen = loader(choice("tiny-cifar"))
    called = "{_target_: torchvision.datasets.CIFAR10, root: ./data, train: true, download: true}"
    assert block.lines[1:3] == [
        f"# dataset: {called}  # as in main.py:10",
        "# dataset: ...  # required: no dataset was found in the repository",
    ]
    assert (block.open, chosen) == (["dataset"], [])


def config(choice, project="../there"):
    made = first_config(choice, project, "config.yaml")
    return made, yaml.safe_load(made.text)


def test_the_config_of_scripts(choice):
    made, values = config(choice("tiny-cifar"))
    assert values == {
        "project": "../there",
        "trainer": {"max_epochs": 1},
        "system": {
            "model": {"_target_": "tiny-cifar.models.resnet.ResNet18"},
            "criterion": {"_target_": "torch.nn.CrossEntropyLoss"},
            "optimizer": {"_target_": "torch.optim.SGD", "lr": 0.001, "momentum": 0.9, "weight_decay": 0.0005},
            "dataloaders": {"train": {"_target_": "torch.utils.data.DataLoader", "batch_size": 4, "shuffle": True}},
        },
    }
    assert made.open == ("system::dataloaders::train::dataset",)
    assert [one.here.name for one in made.chosen] == ["ResNet18"]
    assert "    # or: tiny-cifar.models.vgg.VGG  # models/vgg.py:3\n" in made.text
    assert "    lr: 0.001  # a guess\n" in made.text
    assert made.text.startswith("# A first config for 'tiny-cifar', by 'lighter adopt'")


def test_the_config_of_a_repository_with_its_own_loss(choice):
    _, values = config(choice("shapes"))
    assert values["system"]["criterion"] == {"_target_": "shapes.src.losses.ShapeLoss"}
    assert values["system"]["optimizer"] == {"_target_": "torch.optim.Adam", "lr": 0.01, "betas": "$(0.5, 0.9)"}


def test_a_loss_of_torch_that_scripts_use_comes_before_an_own_one_that_nobody_uses(choice):
    files = {"parts.py": "import torch\ndef my_loss(a, b): ...\n", "train.py": "from torch import nn\nnn.L1Loss()\n"}
    made, values = config(choice("a", files))
    assert values["system"]["criterion"] == {"_target_": "torch.nn.L1Loss"}
    assert "    # or: a.parts.my_loss  # parts.py:2\n" in made.text


@pytest.mark.parametrize(
    "value", [(2, 2), (1,), (), [(1, 2), (3, "a, b: c")], {"a": (None, True, (1.5, "it's"))}, ('"',)]
)
def test_tuples_stay_tuples(value):
    text = f"a: {written(value)}  # as in train.py:3\nb: {{c: {written(value)}}}\n"
    config = Config(yaml.safe_load(text))
    assert config.resolve("a") == config.resolve("b::c") == value
    assert str(config.resolve("a")) == str(value)


def test_the_config_of_a_lightning_module(choice):
    made, values = config(choice("lit"))
    assert values["system"]["_target_"] == "lit.lit.module.LitNet"
    assert values["data"] == {"_target_": "lit.lit.data.LitData"}
    assert values["trainer"] == {"max_epochs": 1}
    assert made.open == ("data::batch_size",)
    assert {one.here.name for one in made.chosen} == {"LitNet", "TinyNet", "LitData"}


@pytest.mark.parametrize(
    ("methods", "arguments"),
    [
        ("    def train_dataloader(self): ...\n", None),
        ("    ...\n", {"fit": {"train_dataloaders": {"_target_": "torch.utils.data.DataLoader"}}}),
    ],
)
def test_a_lightning_module_without_a_data_module(choice, methods, arguments):
    text = f"import lightning as L\nclass Net(L.LightningModule):\n{methods}"
    made, values = config(choice("a", {"net.py": text}))
    assert values["trainer"] == {"_target_": "lightning.pytorch.Trainer", "max_epochs": 1}
    assert ("args" in values) == (arguments is not None)
    if arguments is not None:
        assert values["args"]["fit"]["train_dataloaders"]["_target_"] == "torch.utils.data.DataLoader"
        assert made.open == ("args::fit::train_dataloaders::dataset",)


def test_inputs_and_losses_of_several_parts_are_told_of(choice):
    made, values = config(choice("vae.pytorch"))
    assert values["system"]["criterion"] == {"_target_": "vae.pytorch.vae.vae_loss", "_mode_": "callable"}
    told = [line.strip() for line in made.text.splitlines() if "adapters" in line or "{input" in line or "{arg" in line]
    assert told[0] == "# adapters:  # which part of a batch, or of the model's output, goes where"
    assert told[1] == "#   batch: {input: {x: 0, label: 1}, target: 2}  # the model takes 2 inputs"
    assert told[2].startswith("#   criterion: {arguments: {recon: ..., x: ..., mu: ..., logvar: ...}}  # each of pred")


def test_without_a_model(choice):
    made, values = config(choice("a", {"data.py": "import torch\nclass D(torch.utils.data.Dataset): ...\n"}), "$a b")
    assert "model" not in values["system"]
    assert values["project"] == "$$a b"
    assert made.open == ("system::model",)
    assert values["system"]["criterion"] == {"_target_": "torch.nn.CrossEntropyLoss"}


def test_a_lightning_module_of_an_example_does_not_come_before_models(choice):
    lit = "import pytorch_lightning as pl\nclass Lit(pl.LightningModule): ...\n"
    files = {"examples/lit.py": lit, "net.py": "import torch\nclass Net(torch.nn.Module): ...\n"}
    assert config(choice("a", files))[1]["system"]["model"] == {"_target_": "a.net.Net"}


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


TRAINED = """
import argparse
import torch
from torch.utils.data import DataLoader
from torch.optim.lr_scheduler import StepLR
from net import Net, Points
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.3)
parser.add_argument("--epochs", type=int, default=7)
parser.add_argument("--batch-size", type=int, default=3)
parser.add_argument("--width", type=int, default=5)
args = parser.parse_args()
STEP = 2

def main():
    net = Net(args.width)
    loader = DataLoader(Points(size=(4, 5)), batch_size=args.batch_size, shuffle=True)
    criterion = torch.nn.MSELoss()
    optimizer = torch.optim.SGD(net.parameters(), lr=args.lr)
    scheduler = StepLR(optimizer, STEP, gamma=0.5)
    for epoch in range(args.epochs):
        ...
"""
OF_TRAINED = """
import torch
from torch.utils.data import Dataset

class Net(torch.nn.Module):
    def __init__(self, width):
        super().__init__()
        self.layer = torch.nn.Linear(width, 1)
    def forward(self, x):
        return self.layer(x)

class Points(Dataset):
    def __init__(self, size):
        assert type(size) is tuple
        self.x = torch.ones(size)
    def __len__(self): return len(self.x)
    def __getitem__(self, index): return self.x[index], torch.ones(1)
"""


def test_what_a_script_trains_with_by_default_is_checked_and_fitted(choice, tmp_path, monkeypatch):
    made, values = config(choice("trained", {"train.py": TRAINED, "net.py": OF_TRAINED}), "trained")
    assert made.open == ()
    assert values["trainer"] == {"max_epochs": 7}
    system = values["system"]
    assert system["model"] == {"_target_": "trained.net.Net", "width": 5}
    assert system["optimizer"] == {"_target_": "torch.optim.SGD", "lr": 0.3}
    assert system["scheduler"] == {"_target_": "torch.optim.lr_scheduler.StepLR", "step_size": 2, "gamma": 0.5}
    assert system["dataloaders"]["train"]["batch_size"] == 3
    assert system["dataloaders"]["train"]["dataset"] == {"_target_": "trained.net.Points", "size": "$(4, 5)"}
    assert "  max_epochs: 7  # as in train.py:21\n" in made.text
    assert "      batch_size: 3  # as in train.py:17\n" in made.text
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.yaml").write_text(made.text)
    fitted = Runner("config.yaml", "trainer::fast_dev_run=true", "trainer::accelerator=cpu")
    assert fitted.config.check(stage="fit") == []
    fitted.fit()
