import pytest

from lighter.cli.adopting.reading import Here
from lighter.cli.adopting.recognising import (
    HIDDEN,
    Kind,
    is_collate_name,
    is_layer_base,
    is_layer_name,
    is_loss_file,
    is_loss_function,
    is_loss_name,
    kind_of_base,
)


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


@pytest.mark.parametrize(
    ("base", "kind"),
    [
        ("torch.nn.Module", Kind.MODEL),
        ("torch.nn.Sequential", Kind.MODEL),
        ("torch.nn.modules.loss._Loss", Kind.LOSS),
        ("torch.nn.CrossEntropyLoss", Kind.LOSS),
        ("torchvision.models.resnet.ResNet", Kind.MODEL),
        ("transformers.BertPreTrainedModel", Kind.MODEL),
        ("transformers.BertForSequenceClassification", Kind.MODEL),
        ("transformers.PretrainedConfig", None),
        ("mmcv.runner.BaseModule", Kind.MODEL),
        ("pytorch_lightning.LightningModule", Kind.LIGHTNING_MODULE),
        ("lightning.pytorch.LightningModule", Kind.LIGHTNING_MODULE),
        ("lightning.LightningDataModule", Kind.DATA_MODULE),
        ("torch.utils.data.Dataset", Kind.DATASET),
        ("torch.utils.data.IterableDataset", Kind.DATASET),
        ("torchvision.datasets.CIFAR10", Kind.DATASET),
        ("torch_geometric.data.InMemoryDataset", Kind.DATASET),
        ("torch.utils.data.Sampler", None),
        ("torchmetrics.Metric", Kind.METRIC),
        ("torchmetrics.classification.BinaryAccuracy", Kind.METRIC),
        ("torch.nn.Parameter", None),
        ("flax.linen.Module", None),
        ("keras.Model", None),
        ("pytest.Module", None),
        ("object", None),
        ("Module", Kind.MODEL),  # nobody knows from where
    ],
)
def test_the_kind_of_what_comes_from_a_class(base, kind):
    assert kind_of_base(base) is kind


@pytest.mark.parametrize(
    ("question", "yes", "no"),
    [
        (is_loss_name, "DiceLoss FocalLossV2 SetCriterion Loss Losses", "LossyNet GlossNet ResNet"),
        (is_loss_function, "dice_loss focal_loss loss_fn", "plot_loss get_loss _loss glossy train_loss"),
        (is_loss_file, "loss.py a/losses/dice.py a/focal_loss.py loss_functions.py", "net.py gloss.py a/closs/x.py"),
        (is_collate_name, "collate my_collate_fn DataCollator CollateBatch", "decollate no_collation collapse"),
        (
            is_layer_name,
            "BasicBlock SelfAttention ConvBlock DoubleConv SELayer Down FeedForward MLP Conv2d InceptionA ConvBNReLU",
            "ResNet ViT UNet Transformer MobileNetV2 GCN VAE GPT Inception3 MLPMixer PointNetCls BertModel Encoder",
        ),
        (is_layer_base, "torch.nn.Conv2d torch.nn.LSTM", "torch.nn.Module torch.nn.Sequential a.Conv2d"),
    ],
)
def test_names_tell(question, yes, no):
    assert [name for name in yes.split() if not question(name)] == []
    assert [name for name in no.split() if question(name)] == []
