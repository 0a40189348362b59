import pytest
import yaml

from lighter.cli.adopting.writing import first_config, loader

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
    assert values["system"]["optimizer"] == {"_target_": "torch.optim.Adam", "lr": 0.01, "betas": [0.5, 0.9]}


def test_a_loss_of_torch_that_scripts_use_comes_before_an_own_one_that_nobody_uses(choice):
    files = {"parts.py": "import torch\ndef my_loss(a, b): ...\n", "train.py": "from torch import nn\nnn.L1Loss()\n"}
    made, values = config(choice("a", files))
    assert values["system"]["criterion"] == {"_target_": "torch.nn.L1Loss"}
    assert "    # or: a.parts.my_loss  # parts.py:2\n" in made.text


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
