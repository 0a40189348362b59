import pytest

from lighter.cli.adopting.kinds import Kind
from lighter.cli.adopting.reading import Here
from lighter.cli.adopting.recognising import HIDDEN


def told(found):
    return {kind: [one.here.name for one in found.of(kind)] for kind in Kind if found.of(kind)}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("tiny-cifar", {Kind.MODEL: ["BasicBlock", "ResNet", "VGG", "ResNet18"]}),
        ("vit-tiny", {Kind.MODEL: ["Attention", "ViT", "SimpleViT"]}),
        (
            "shapes",
            {
                Kind.MODEL: ["Base", "ShapeNet", "Other"],
                Kind.DATASET: ["Points"],
                Kind.LOSS: ["ShapeLoss", "smooth_loss"],
                Kind.COLLATE: ["collate"],
            },
        ),
        (
            "lit",
            {Kind.LIGHTNING_MODULE: ["LitNet"], Kind.DATA_MODULE: ["LitData"], Kind.MODEL: ["TinyNet"]},
        ),
        ("vae.pytorch", {Kind.MODEL: ["VAE"], Kind.LOSS: ["vae_loss"]}),
    ],
)
def test_what_there_is(known, name, expected):
    found = told(known(name))
    assert {kind: sorted(names) for kind, names in found.items()} == {k: sorted(v) for k, v in expected.items()}


def test_a_factory_makes_a_class_also_by_way_of_others(known):
    found = known("tiny-cifar")
    factory = found.by_here[Here("models/resnet.py", "ResNet18")]
    assert factory.made == Here("models/resnet.py", "ResNet")
    assert factory.is_function
    assert factory.target == "tiny-cifar.models.resnet.ResNet18"
    assert factory.place == "models/resnet.py:26"
    assert Here("models/resnet.py", "_resnet") not in found.by_here
    assert [p.name for p in found.by_here[factory.made].required] == ["block", "num_blocks"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import torchvision\ndef get_model(): return torchvision.models.resnet18()\n", {Kind.MODEL: ["get_model"]}),
        ("import torchvision\ndef measure(): return torchvision.models.resnet18()\n", {}),
        (
            "class MyDataset:\n  def __getitem__(self, i): ...\n  def __len__(self): ...\n",
            {Kind.DATASET: ["MyDataset"]},
        ),
        ("import torch\nclass C(torch.nn.MSELoss): ...\n", {Kind.LOSS: ["C"]}),
        ("from torch import *\nclass N(nn.Module): ...\n", {Kind.MODEL: ["N"]}),
        ("from flax import linen as nn\nclass N(nn.Module): ...\n", {}),
        ("import torchmetrics as tm\nclass M(tm.Metric): ...\n", {Kind.METRIC: ["M"]}),
        ("import torch\nclass BatchCollator:\n  def __call__(self, b): ...\n", {Kind.COLLATE: ["BatchCollator"]}),
        ("def log_loss(y, p): ...\ndef my_loss(y, p): ...\n", {}),  # of a library that knows no torch
        ("import torch\ndef my_loss(y, p): ...\ndef other_loss(): ...\n", {Kind.LOSS: ["my_loss"]}),
        ("class A(B): ...\nclass B(A): ...\n", {}),
        ("def f(): return g()\ndef g(): return f()\ndef get_model(): return f()\n", {}),
    ],
)
def test_by_its_base_or_by_its_name(recognised, text, expected):
    assert told(recognised("a", {"parts.py": text})) == expected


def test_what_no_target_can_name_is_skipped(recognised):
    net = "import torch\nclass Net(torch.nn.Module): ...\n"
    found = recognised("a", {"net.py": net, "net/__init__.py": net})
    assert [one.target for one in found.candidates] == ["a.net.Net"]
    assert found.repository.skipped == {"net.py": HIDDEN}
