import pytest
import yaml

from lighter import Runner
from lighter.cli.adopting.first_config import first_config


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
            "metrics": {
                "train": {"accuracy": {"_target_": "torchmetrics.Accuracy", "task": "multiclass", "num_classes": 10}}
            },
            "dataloaders": {"train": {"_target_": "torch.utils.data.DataLoader", "batch_size": 4, "shuffle": True}},
        },
    }
    assert made.open == ("system::dataloaders::train::dataset",)
    assert [one.here.name for one in made.chosen] == ["ResNet18"]
    assert "    # or: tiny-cifar.models.vgg.VGG  # models/vgg.py:3\n" in made.text
    assert "    lr: 0.001  # a guess\n" in made.text
    assert "      batch_size: 4  # a guess\n" in made.text
    assert "\n# seed: 0  # for the same numbers in every run\n" in made.text
    assert made.text.startswith("# A first config for 'tiny-cifar', by 'lighter adopt'")


def test_the_config_of_a_repository_with_its_own_loss(choice):
    _, values = config(choice("shapes"))
    assert values["system"]["criterion"] == {"_target_": "shapes.losses.ShapeLoss"}
    assert values["system"]["optimizer"] == {"_target_": "torch.optim.Adam", "lr": 0.01, "betas": "$(0.5, 0.9)"}


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
    optimizer = torch.optim.SGD(net.parameters(), lr=args.lr, weight_decay=unknown)
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
    assert "    # weight_decay: ...  # in train.py:19\n" in made.text
    assert "  max_epochs: 7  # as in train.py:21\n" in made.text
    assert "      batch_size: 3  # as in train.py:17\n" in made.text
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.yaml").write_text(made.text)
    fitted = Runner("config.yaml", "trainer::fast_dev_run=true", "trainer::accelerator=cpu")
    assert fitted.config.check(stage="fit") == []
    fitted.fit()


OF_LOSSES = """
import torch
from torch import nn
from torch.utils.data import Dataset

class Net(nn.Module):
    def __init__(self, num_classes):
        super().__init__()
        self.layer = nn.Linear(4, num_classes)
    def forward(self, x):
        return self.layer(x)

class Points(Dataset):
    def __init__(self, count, train=True, test=False):
        self.x, self.y = torch.ones(count, 4), {0}
    def __len__(self): return len(self.x)
    def __getitem__(self, index): return self.x[index], self.y[index]
"""
WITH_LOSSES = """
from torch import nn
from net import Net, Points
def main():
    train_set, val_set, test_set = Points(8), Points(6, train=False), Points(4, test=True)
    net, criterion = Net({0}), nn.{1}
"""


@pytest.mark.parametrize(
    ("targets", "loss", "metric"),
    [
        ("torch.arange(count) % 3", "CrossEntropyLoss(ignore_index=2)", "accuracy"),
        ("torch.ones(count, 3)", "BCEWithLogitsLoss()", "accuracy"),
        ("torch.ones(count, 3)", "MSELoss()", "mae"),
        ("torch.ones(count, 3)", "L1Loss()", "mse"),
    ],
)
def test_what_it_measures_with_is_checked_and_fitted(choice, tmp_path, monkeypatch, targets, loss, metric):  # noqa: PLR0917  (pytest gives them by name)
    files = {"net.py": OF_LOSSES.replace("{0}", targets), "train.py": WITH_LOSSES.format(3, loss)}
    made, values = config(choice("measured", files), "measured")
    assert made.open == ()
    assert set(values["system"]["dataloaders"]) == {*values["system"]["metrics"], "train"} == {"train", "val", "test"}
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.yaml").write_text(made.text)
    runner = Runner("config.yaml", "trainer::fast_dev_run=true", "trainer::accelerator=cpu")
    assert [runner.config.check(stage=stage) for stage in ("fit", "test")] == [[], []]
    result = runner.fit()
    assert f"val/metrics/{metric}/epoch" in result.metrics


def test_a_lightning_module_gets_the_loaders_of_its_steps(choice):
    module = (
        "import pytorch_lightning as pl\nclass Net(pl.LightningModule):\n  def validation_step(self, batch, i): ...\n"
    )
    data = "import torch\nclass D(torch.utils.data.Dataset):\n  def __init__(self, n, train=True, test=False): ...\n"
    _, values = config(choice("a", {"net.py": module, "data.py": data}))
    assert values["args"].keys() == {"fit"}
    assert values["args"]["fit"]["val_dataloaders"]["dataset"] == {"_target_": "a.data.D", "train": False}
    _, values = config(choice("b", {"net.py": module.replace("validation", "test"), "data.py": data}))
    assert values["args"]["fit"].keys() == {"train_dataloaders"}
    assert values["args"]["test"]["dataloaders"]["dataset"] == {"_target_": "b.data.D", "test": True}
