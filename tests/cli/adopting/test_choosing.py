import pytest

from lighter.cli.adopting.obstacles import obstacles
from lighter.cli.adopting.recognising import Kind

NN = "from torch import nn\n"


def names(found, kind=Kind.MODEL):
    return [one.here.name for one in found.ranked[kind]]


@pytest.mark.parametrize(
    ("name", "models", "parts"),
    [
        ("tiny-cifar", ["ResNet18", "VGG", "ResNet"], ["BasicBlock"]),
        ("vit-tiny", ["ViT", "SimpleViT"], ["Attention"]),
        ("shapes", ["ShapeNet", "Other"], []),  # not Base, which they come from
        ("vae.pytorch", ["VAE"], []),
    ],
)
def test_whole_models_come_first_and_parts_are_told_apart(choice, name, models, parts):
    found = choice(name)
    assert names(found) == models
    assert [one.here.name for one in found.parts] == parts
    assert found.first(Kind.MODEL).here.name == models[0]
    assert found.first(Kind.METRIC) is None


def test_the_model_at_the_end_of_the_chain(choice):
    text = f"{NN}class Alpha(nn.Module): ...\nclass Beta(nn.Module):\n  def __init__(s): s.a = Alpha()\n"
    text += "class Gamma(nn.Module):\n  def __init__(s): s.b = Beta()\n"
    found = choice("a", {"parts.py": text})
    assert (names(found), {one.here.name for one in found.parts}) == (["Gamma"], {"Alpha", "Beta"})


def test_what_a_script_makes_comes_first(choice):
    nets = NN + "".join(f"class {name}(nn.Module):\n  def forward(s, x): ...\n" for name in "ABC")
    assert names(choice("zoo", {"nets.py": nets, "train.py": "from nets import B\nB()\n"})) == ["B", "A", "C"]
    assert names(choice("zoo", {"nets.py": nets, "train.py": "", "tests/test_b.py": "from nets import C\nC()\n"})) == [
        "C",
        "A",
        "B",
    ]


def test_a_namesake_of_the_repository_comes_first_also_as_a_base(choice):
    files = {
        "zoo_net/__init__.py": "from .zoo import ZooNet\n",
        "zoo_net/zoo.py": f"{NN}class ANet(nn.Module): ...\nclass ZooNet(nn.Module): ...\n",
        "zoo_net/more.py": "from .zoo import ZooNet\nclass MoreNet(ZooNet): ...\n",
    }
    assert names(choice("zoo-net.pytorch", files)) == ["ZooNet", "MoreNet", "ANet"]


def test_layers_are_models_where_there_is_nothing_else(choice):
    found = choice("a", {"parts.py": f"{NN}class MLP(nn.Module): ...\nclass Conv(nn.Conv2d): ...\n"})
    assert (sorted(names(found)), found.parts) == (["Conv", "MLP"], [])
    found = choice("b", {"net.py": f"{NN}class Pad(nn.Conv2d): ...\nclass Net(nn.Module): ...\n"})
    assert (names(found), [one.here.name for one in found.parts]) == (["Net"], ["Pad"])


def test_a_layer_comes_after_models_also_where_a_script_makes_it(choice):
    nets = f"{NN}class AlphaConv(nn.Module): ...\nclass Zeta(nn.Module): ...\n"
    assert names(choice("a", {"nets.py": nets, "train.py": "from nets import *\nAlphaConv()\nZeta()\n"}))[0] == "Zeta"


def test_what_a_package_offers_comes_first(choice):
    files = {
        "__init__.py": "from .nets import B\n",
        "nets.py": NN + "".join(f"class {n}(nn.Module): ...\n" for n in "ABC"),
    }
    assert names(choice("zoo", files)) == ["B", "A", "C"]


def test_what_a_factory_hands_to_a_model_is_a_part_of_it(choice):
    text = f"{NN}class Piece(nn.Module): ...\nclass Net(nn.Module): ...\ndef build(): return Net(Piece, 3)\n"
    found = choice("a", {"nets.py": text})
    assert (sorted(names(found)), [one.here.name for one in found.parts]) == (["Net", "build"], ["Piece"])


def test_base_classes_are_not_listed_where_others_come_from_them(choice):
    data = "from torch.utils.data import Dataset\nclass BaseDataset(Dataset): ...\n"
    assert names(choice("a", {"data.py": data}), Kind.DATASET) == ["BaseDataset"]
    data += "class Own(BaseDataset): ...\n"
    assert names(choice("b", {"data.py": data}), Kind.DATASET) == ["Own"]


def test_loss_classes_come_before_functions_and_others_in_their_file(choice):
    text = f"{NN}class Features(nn.Module): ...\nclass DiceLoss(nn.Module): ...\ndef dice_loss(a, b): ...\n"
    assert names(choice("a", {"losses.py": text}), Kind.LOSS)[0] == "DiceLoss"


NET = "from torch import nn\nclass {}(nn.Module):\n    def forward(self, x): return x\n"


def test_a_model_that_cannot_be_imported_here_comes_last_unless_it_is_what_is_trained(choice):
    files = {
        "a.py": "import no_such_package_at_all\n" + NET.format("BestNet"),
        "b.py": NET.format("Plain"),
        "notes.py": "from a import BestNet\nBestNet()\n",
    }
    assert names(choice("best-net", files)) == ["Plain", "BestNet"]
    found = choice("best-net", {**files, "train.py": "from a import BestNet\nBestNet()\n"})
    assert names(found) == ["BestNet", "Plain"]
    assert obstacles(found.found, [found.first(Kind.MODEL)]).missing == ["no_such_package_at_all"]


def test_what_is_trained_comes_before_a_namesake_but_a_layer_does_not(choice):
    nets = NET.format("ZooNet") + NET.format("Other")[len(NN) :] + NET.format("OtherBlock")[len(NN) :]
    script = "from zoo_net import Other, OtherBlock\nOther()\nOtherBlock()\n"
    files = {"__init__.py": "from .zoo_net import ZooNet\n", "zoo_net.py": nets, "train.py": script}
    assert names(choice("zoo-net", files)) == ["Other", "ZooNet", "OtherBlock"]
    assert names(choice("zoo-net", files | {"train.py": ""}))[0] == "ZooNet"


def test_a_model_of_which_texts_and_comments_speak_stands_alone(choice):
    files = {
        "pspnet.py": f"{NN}class pspnet(nn.Module): ...\n",
        "icnet.py": f"{NN}class icnet(nn.Module):\n  # unlike pspnet\n  def __init__(s, name='pspnet'): ...\n",
        "mlp.py": f"{NN}class MLP(nn.Module): ...\n",
        "more.py": f"{NN}class ConvBlock(nn.Module): ...\n",
    }
    found = choice("a", files)
    assert (sorted(names(found)), [one.here.name for one in found.parts]) == (["MLP", "icnet", "pspnet"], ["ConvBlock"])


def test_a_lightning_module_with_others_below_it_is_still_one(choice):
    text = "import pytorch_lightning as pl\nclass {}: ...\n"
    files = {
        "a.py": text.format("Segmenter(pl.LightningModule)") + "class Finer(Segmenter): ...\n",
        "b.py": text.format("BaseThing(pl.LightningModule)") + "class Thing(BaseThing): ...\n",
    }
    names = {one.here.name for one in choice("lit", files).ranked[Kind.LIGHTNING_MODULE]}
    assert names == {"Segmenter", "Finer", "Thing"}


def test_a_function_that_changes_a_model_is_none(choice):
    functions = "def convert_to_half(size):\n    net = Net()\n    return net\n"
    functions += "def with_hooks(model, size=3):\n    model = Net()\n    return model\n"
    functions += "def make_net(size=3):\n    return Net()\n"
    files = {"net.py": NET.format("Net") + functions}
    assert {one.here.name for one in choice("a", files).found.of(Kind.MODEL)} == {"Net", "make_net"}


def test_a_model_of_which_the_base_is_imported_from_an_inner_folder_is_found(choice):
    files = {
        "lib/core/base.py": NET.format("Base"),
        "nets/mine.py": "from core.base import Base\nclass Mine(Base):\n    pass\n",
        "old/nets/other.py": "from layers.base import Low\nclass Other(Low):\n    pass\n",
        "old/layers/base.py": NET.format("Low"),
    }
    found = {one.here.name for one in choice("a", files).found.of(Kind.MODEL)}
    assert found == {"Base", "Mine", "Low", "Other"}
