# ruff: noqa: E501  (the texts of files, a statement a line)
"""Repositories built as research code is, resolved as plain Python runs them: the same objects, no file run twice.

Each has a script that plain Python runs from its root, and that prints what its objects say, one a line; the targets,
called, have to say the same. The structure is that of well-known repositories, the code is not.
"""

import builtins
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from lighter.project.importable import unload
from lighter.project.locating import locate
from lighter.project.project import Project

Make = Callable[[str, dict[str, str | bytes]], Project]

MARK = "\n__import__('builtins').__dict__.setdefault('files_run', []).append(__file__)\n"
SAYS = "class {0}:\n    says = {1!r}\n"


@dataclass(frozen=True)
class Repository:
    """A repository: its folder, its files, the script to run, and the targets that say what the script prints."""

    folder: str
    files: dict[str, str]
    targets: tuple[str, ...]
    run: str = "train.py"


def says(name: str, text: str) -> str:
    """The text of a class that says something."""
    return SAYS.format(name, text)


def tell(imports: str, *values: str) -> str:
    """The text of a script that prints what some objects say."""
    return f"{imports}\n" + "".join(f"print({value}().says)\n" for value in values)


FOLDER_NAMES = {
    "dashes": Repository(
        "pytorch-cifar",
        {
            "models/__init__.py": "from .vgg import *\nfrom .resnet import *\n",
            "models/vgg.py": says("VGG", "vgg"),
            "models/resnet.py": says("Block", "block")
            + "class ResNet:\n    says = Block.says + ' in resnet'\ndef ResNet18():\n    return ResNet()\n",
            "utils.py": "term_width = 80\n",
            "main.py": tell("from models import *\nfrom utils import term_width", "VGG", "ResNet18", "ResNet18"),
        },
        ("pytorch-cifar.models.VGG", "pytorch-cifar.models.ResNet18", "project.models.resnet.ResNet18"),
        "main.py",
    ),
    "leading_digit": Repository(
        "3d-unet",
        {
            "2d_parts/conv.py": says("Conv", "conv"),
            "unet.py": "import importlib\nConv = importlib.import_module('2d_parts.conv').Conv\nclass UNet(Conv): pass\n",
            "train.py": tell(
                "import importlib, unet\nconv = importlib.import_module('2d_parts.conv')", "unet.UNet", "conv.Conv"
            ),
        },
        ("3d-unet.unet.UNet", "3d-unet.2d_parts.conv.Conv"),
    ),
    "dot": Repository(
        "densenet.pytorch",
        {
            "densenet.py": "import make_graph\n" + says("DenseNet", "dense"),
            "make_graph.py": says("Graph", "graph"),
            "train.py": tell(
                "import densenet\nimport make_graph", "densenet.DenseNet", "densenet.DenseNet", "make_graph.Graph"
            ),
        },
        ("densenet.pytorch.densenet.DenseNet", "project.densenet.DenseNet", "densenet.pytorch.make_graph.Graph"),
    ),
    "dashes_below": Repository(
        "zoo",
        {
            "model-zoo/my-net.py": "from importlib import import_module\nBase = import_module('model-zoo.base').Base\n"
            "class Net(Base): pass\n",
            "model-zoo/base.py": says("Base", "base"),
            "train.py": tell("from importlib import import_module\nnet = import_module('model-zoo.my-net')", "net.Net"),
        },
        ("zoo.model-zoo.my-net.Net",),
    ),
}

LAYOUTS = {
    "no_init_anywhere": Repository(
        "segment",
        {
            "nets/encoders/resnet.py": "from nets.blocks.conv import Conv\nclass Encoder(Conv): pass\n",
            "nets/blocks/conv.py": says("Conv", "conv"),
            "nets/unet.py": "from nets.encoders import resnet\nclass UNet(resnet.Encoder): pass\n",
            "train.py": tell("from nets.unet import UNet\nimport nets.blocks.conv as c", "UNet", "c.Conv"),
        },
        ("segment.nets.unet.UNet", "segment.nets.blocks.conv.Conv"),
    ),
    "init_on_the_root_alone": Repository(
        "deepnet",
        {
            "__init__.py": "",
            "models/net.py": "from models.parts import Part\nfrom utils.log import name\nclass Net(Part): pass\n",
            "models/parts.py": says("Part", "part"),
            "utils/log.py": "name = 'log'\n",
            "train.py": tell("from models.net import Net", "Net"),
        },
        ("deepnet.models.net.Net",),
    ),
    "init_below_but_not_on_the_root": Repository(
        "gan",
        {
            "models/__init__.py": "import importlib\nfrom models.base_model import BaseModel\n"
            "def find_model_using_name(name):\n"
            "    module = importlib.import_module('models.' + name + '_model')\n"
            "    return next(v for k, v in vars(module).items() if k.lower() == name + 'model')\n"
            "def create_model(name='pix2pix'):\n    return find_model_using_name(name)()\n",
            "models/base_model.py": "from abc import ABC\nfrom . import networks\nclass BaseModel(ABC):\n"
            "    says = networks.Unet.says\n",
            "models/networks.py": says("Unet", "unet"),
            "models/pix2pix_model.py": "from .base_model import BaseModel\nfrom . import networks\n"
            "class Pix2PixModel(BaseModel): pass\n",
            "models/other_model.py": "raise SystemExit\n",
            "util/__init__.py": '"""Utilities."""\n',
            "util/util.py": "from __future__ import print_function\nimport os\n",
            "options/base_options.py": "import models\nfrom util import util\nclass Options:\n    says = models.__name__[-6:]\n",
            "train.py": tell(
                "from options.base_options import Options\nfrom models import create_model", "Options", "create_model"
            ),
        },
        ("gan.options.base_options.Options", "gan.models.create_model"),
    ),
    "flat_with_seven_modules": Repository(
        "flat",
        {
            "model.py": "import torch_utils, layers\nfrom config import cfg\n"
            "class Model(layers.Layer):\n    def __init__(self):\n        self.says = cfg + layers.Layer.says\n",
            "layers.py": "import config\nfrom ops import scale\n" + says("Layer", "layer"),
            "ops.py": "import config as c\nscale = len(c.cfg)\n",
            "config.py": "cfg = 'cfg '\n",
            "torch_utils.py": "import ops\n",
            "dataset.py": "from model import Model\nimport config\nclass Data(Model): pass\n",
            "train.py": tell("import dataset\nfrom model import Model", "Model", "dataset.Data"),
        },
        ("flat.model.Model", "flat.dataset.Data"),
    ),
    "src_layout": Repository(
        "tool",
        {
            "src/tool_lib/__init__.py": "from .nets import Net\n__version__ = '1'\n",
            "src/tool_lib/nets.py": "from tool_lib.parts import Part\nclass Net(Part): pass\n",
            "src/tool_lib/parts.py": says("Part", "part"),
            "tests/test_nets.py": "raise SystemExit\n",
            "src/run.py": tell("import tool_lib\nfrom tool_lib.nets import Net", "Net", "tool_lib.Net", "Net"),
        },
        ("tool.src.tool_lib.Net", "tool.tool_lib.nets.Net", "tool.src.tool_lib.nets.Net"),
        "src/run.py",
    ),
    "src_imported_as_a_package": Repository(
        "thesis",
        {
            "src/models/net.py": "from src.models.part import Part\nfrom ..data import tiny\nclass Net(Part): pass\n",
            "src/models/part.py": says("Part", "part"),
            "src/data/tiny.py": "",
            "data/raw/x.txt": "only data",
            "train.py": tell("from src.models.net import Net", "Net"),
        },
        ("thesis.src.models.net.Net",),
    ),
    "package_of_the_projects_name": Repository(
        "pygcn",
        {
            "setup.py": "from setuptools import setup\nsetup(name='pygcn')\n",
            "pygcn/__init__.py": "from __future__ import print_function\nfrom .layers import *\nfrom .models import *\n",
            "pygcn/layers.py": says("GraphConvolution", "gc"),
            "pygcn/models.py": "from pygcn.layers import GraphConvolution\nclass GCN(GraphConvolution): pass\n",
            "pygcn/train.py": "raise SystemExit\n",
            "data/cora/README": "",
            "train.py": tell(
                "from pygcn.models import GCN\nfrom pygcn import layers", "GCN", "layers.GraphConvolution", "GCN"
            ),
        },
        ("pygcn.pygcn.models.GCN", "pygcn.layers.GraphConvolution", "pygcn.GCN"),
    ),
    "package_of_nearly_the_projects_name": Repository(
        "vit-pytorch",
        {
            "vit_pytorch/__init__.py": "from vit_pytorch.vit import ViT\nfrom vit_pytorch.simple_vit import SimpleViT\n",
            "vit_pytorch/vit.py": says("ViT", "vit"),
            "vit_pytorch/simple_vit.py": "from vit_pytorch.vit import ViT\nclass SimpleViT(ViT): pass\n",
            "vit_pytorch/cait.py": "raise SystemExit\n",
            "train.py": tell("from vit_pytorch import SimpleViT\nfrom vit_pytorch.vit import ViT", "SimpleViT", "ViT"),
        },
        ("vit-pytorch.vit_pytorch.SimpleViT", "vit-pytorch.vit_pytorch.vit.ViT"),
    ),
    "names_that_differ_in_case": Repository(
        "cases",
        {
            "Net.py": says("Net", "upper"),
            "net.py": says("Net", "lower"),
            "Models/a.py": says("A", "Models"),
            "models/a.py": says("A", "models"),
            "train.py": tell("import Net, net, Models.a, models.a", "Net.Net", "net.Net", "Models.a.A", "models.a.A"),
        },
        ("cases.Net.Net", "cases.net.Net", "cases.Models.a.A", "cases.models.a.A"),
    ),
    "project_package_module_and_class_of_one_name": Repository(
        "UNet",
        {
            "UNet/__init__.py": "from .UNet import UNet\n",
            "UNet/UNet.py": says("UNet", "unet") + "    @classmethod\n    def small(cls): return cls()\n",
            "train.py": tell("from UNet import UNet\nfrom UNet.UNet import UNet as U", "UNet", "U", "UNet.small"),
        },
        ("UNet.UNet.UNet", "UNet.UNet.UNet.UNet", "UNet.UNet.UNet.small"),
    ),
    "namespace_in_root_and_src": Repository(
        "spread",
        {
            "nets/a.py": "from nets.b import B\nclass A(B): pass\n",
            "src/nets/b.py": says("B", "b"),
            "train.py": tell(
                "import sys\nsys.path.append('src')\nfrom nets.a import A\nimport nets.b", "A", "nets.b.B"
            ),
        },
        ("spread.nets.a.A", "spread.nets.b.B"),
    ),
    "data_folder_before_a_package_in_src": Repository(
        "study",
        {
            "data/raw.txt": "data",
            "src/data/__init__.py": "from data.sets import Tiny\n",
            "src/data/sets.py": says("Tiny", "tiny"),
            "src/net.py": "from data import Tiny\nclass Net(Tiny): pass\n",
            "src/train.py": tell("from net import Net\nimport data", "Net", "data.Tiny"),
        },
        ("study.net.Net", "study.data.Tiny"),
        "src/train.py",
    ),
}

APPEND = "import os, sys\nsys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), {!r}))\n"
HERE = "import os, sys\nsys.path.append(os.path.dirname(os.path.abspath(__file__)))\n"
FIRST = "import os, sys\nsys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), {!r}))\n"

IMPORTS = {
    "absolute_and_relative_in_one_file": Repository(
        "mixed",
        {
            "models/net.py": "from models.layers import Layer\nfrom .layers import Layer as Same\nfrom . import layers\n"
            "import models.layers as m\nimport models.layers\nimport utils.misc\n"
            "assert Layer is Same is layers.Layer is m.Layer is models.layers.Layer\n"
            "class Net(Layer):\n    says = utils.misc.name\n",
            "models/layers.py": says("Layer", "layer"),
            "utils/misc.py": "name = 'misc'\n",
            "train.py": tell("import models.net\nfrom models.layers import Layer", "models.net.Net", "Layer"),
        },
        ("mixed.models.net.Net", "mixed.models.layers.Layer"),
    ),
    "package_that_imports_itself_while_loading": Repository(
        "kit",
        {
            "kit_lib/__init__.py": "import kit_lib.ops\nfrom kit_lib import nets\nfrom kit_lib.nets import Net\n",
            "kit_lib/ops.py": "import kit_lib\nscale = 2\n",
            "kit_lib/nets.py": "import kit_lib.ops as ops\nimport kit_lib\nclass Net:\n    says = str(kit_lib.ops.scale)\n",
            "train.py": tell("from kit_lib.nets import Net\nimport kit_lib", "Net", "kit_lib.Net"),
        },
        ("kit.kit_lib.nets.Net", "kit.kit_lib.Net"),
    ),
    "circles": Repository(
        "ring",
        {
            "a.py": "import b\nimport pack.x as x\nclass A:\n    @property\n    def says(self): return b.name() + x.name()\n",
            "b.py": "import a\ndef name(): return a.A.__name__\n",
            "pack/__init__.py": "from . import x\nfrom . import y\n",
            "pack/x.py": "import pack.y as y\nimport pack.x as me\ndef name(): return y.word + me.__name__[-1]\n",
            "pack/y.py": "import pack.x as x\nimport pack.y\nword = 'y'\nclass Y:\n    says = pack.__name__[-4:]\n",
            "train.py": tell("from a import A\nfrom pack.y import Y", "A", "Y"),
        },
        ("ring.a.A", "ring.pack.y.Y"),
    ),
    "circle_that_works_from_one_side": Repository(
        "ring2",
        {
            "model.py": "from nets.layers import Layer\nclass Model(Layer): pass\ndefault = Layer\n",
            "nets/layers.py": "import heads\nimport model\n" + says("Layer", "layer"),
            "heads.py": "import nets.layers as l\n" + says("Head", "head") + "    def base(self): return l.Layer\n",
            "train.py": tell(
                "from model import Model\nfrom nets.layers import Layer\nimport heads",
                "Layer",
                "Model",
                "heads.Head().base",
            ),
        },
        ("ring2.nets.layers.Layer", "ring2.model.Model", "ring2.heads.l.Layer"),
    ),
    "sibling_by_bare_name": Repository(
        "sib",
        {
            "models/net.py": "from layers import Layer\nimport layers\nimport layers as l\nimport parts.conv\n"
            "import parts.conv as conv\nfrom parts import conv as same\nassert l is layers and conv is same is parts.conv\n"
            "class Net(Layer):\n    says = layers.Layer.says + parts.conv.Conv.says\n",
            "models/layers.py": says("Layer", "layer"),
            "models/parts/conv.py": "from layers import Layer\nclass Conv(Layer): pass\n",
            "train.py": tell(
                "import sys\nsys.path.append('models')\nfrom models.net import Net\nfrom layers import Layer",
                "Net",
                "Layer",
            ),
        },
        ("sib.models.net.Net", "sib.models.layers.Layer"),
    ),
    "sibling_of_the_same_name_in_two_folders": Repository(
        "twins",
        {
            "seg/net.py": "def later():\n    import utils\n    return utils.where\n"
            "class Net:\n    @property\n    def says(self): return later()\n",
            "seg/utils.py": "where = 'seg'\n",
            "cls/net.py": "from utils import where\ndef again():\n    from utils import where as w\n    return w\n"
            "class Net:\n    @property\n    def says(self): return where + again()\n",
            "cls/utils.py": "where = 'cls'\n",
            # No one process of plain Python has both.
            "train.py": "import subprocess, sys\nfor folder in ('seg', 'cls'):\n"
            "    code = 'import sys; sys.path.append(%r); import net; print(net.Net().says)' % folder\n"
            "    subprocess.run([sys.executable, '-c', code], check=True)\n",
        },
        ("twins.seg.net.Net", "twins.cls.net.Net"),
    ),
    "sibling_of_a_folder_above": Repository(
        "frcnn",
        {
            "lib/model/test_net.py": "from model.config import cfg\nfrom layer_utils.anchors import Anchors\nimport nets.vgg\n"
            "from utils.timer import Timer\nclass Net(Anchors):\n    says = cfg + nets.vgg.VGG.says + Timer.says\n",
            "lib/model/config.py": "cfg = 'cfg '\n",
            "lib/layer_utils/anchors.py": "import model.config as c\n" + says("Anchors", "anchors"),
            "lib/nets/vgg.py": "from nets.network import Network\nfrom model.config import cfg\nclass VGG(Network): pass\n",
            "lib/nets/network.py": says("Network", "network "),
            "lib/utils/timer.py": says("Timer", "timer"),
            "tools/_init_paths.py": FIRST.format("../lib"),
            "tools/train.py": tell(
                "import _init_paths\nfrom model.test_net import Net\nimport nets.vgg", "Net", "nets.vgg.VGG"
            ),
        },
        ("frcnn.lib.model.test_net.Net", "frcnn.lib.nets.vgg.VGG"),
        "tools/train.py",
    ),
    "script_run_in_its_own_folder": Repository(
        "paper",
        {
            "code/main.py": tell("from model import Net\nfrom data import Tiny", "Net", "Tiny"),
            "code/model.py": "from utils.ops import Op\nclass Net(Op): pass\n",
            "code/utils/ops.py": says("Op", "op"),
            "code/data.py": says("Tiny", "tiny"),
            "data/README": "",
        },
        ("paper.code.model.Net", "paper.code.data.Tiny"),
        "code/main.py",
    ),
    "file_that_appends_its_own_folder": Repository(
        "selfpath",
        {
            "nets/unet.py": HERE
            + "from blocks import Block\nfrom nets.blocks import Block as Long\nclass UNet(Block): pass\n",
            "nets/blocks.py": says("Block", "block"),
            # In plain Python the file runs twice, and its class is two classes.
            "train.py": tell("from nets.unet import UNet", "UNet"),
        },
        ("selfpath.nets.unet.UNet",),
    ),
    "file_that_puts_a_folder_first": Repository(
        "pointnet",
        {
            "models/pointnet_cls.py": FIRST.format("../lib") + FIRST.format("..") + "import tf_util\n"
            "from tf_util import Conv\nimport provider\nclass Net(Conv):\n    says = provider.name + Conv.says\n",
            "models/same.py": "def later():\n    import tf_util\n    return tf_util.Conv\nclass Same:\n    says = 'same'\n",
            "lib/tf_util.py": says("Conv", "conv"),
            "provider.py": "name = 'provider '\n",
            "train.py": tell("from models.pointnet_cls import Net\nfrom models.same import Same", "Net", "Same"),
        },
        ("pointnet.models.pointnet_cls.Net", "pointnet.models.same.Same"),
    ),
    "file_that_appends_a_relative_path": Repository(
        "relative",
        {
            "train.py": tell("import sys\nsys.path.append('./lib')\nfrom tool import Tool", "Tool"),
            "nets/net.py": "import sys\nsys.path.append('..')\nfrom config import name\nclass Net:\n    says = name\n",
            "config.py": "name = 'config'\n",
            "lib/tool.py": "from nets.net import Net\nclass Tool(Net): pass\n",
        },
        ("relative.lib.tool.Tool",),
    ),
    "names_made_at_run_time": Repository(
        "registry",
        {
            "models/__init__.py": "import os\nfrom importlib import import_module\nMODELS = {}\n"
            "def register(cls):\n    assert cls.__name__ not in MODELS\n    MODELS[cls.__name__] = cls\n    return cls\n"
            "for file in sorted(os.listdir(os.path.dirname(__file__))):\n"
            "    if file.endswith('.py') and not file.startswith('_'):\n        import_module('models.' + file[:-3])\n",
            "models/a.py": "from models import register\n@register\nclass A:\n    says = 'a'\n",
            "models/b.py": "from . import register\nfrom .a import A\nimport models.a\n@register\nclass B(models.a.A): pass\n",
            "data/__init__.py": "import pkgutil, importlib\nSETS = []\n"
            "for info in pkgutil.iter_modules(__path__):\n    importlib.import_module(f'{__name__}.{info.name}')\n",
            "data/tiny.py": "import data\nfrom data import SETS\nclass Tiny:\n    says = 'tiny'\nSETS.append(Tiny)\n",
            "data/huge.py": "from data import SETS\nSETS.append('huge')\nclass Huge:\n    says = str(len(SETS))\n",
            "nets.py": "net = __import__('models', globals(), locals(), ['a'], 0)\nA = getattr(net, 'a').A\n"
            "B = __import__('models.b').MODELS['B']\n",
            "train.py": tell(
                "import models, nets\nfrom data.huge import Huge\nfrom data.tiny import Tiny",
                "models.MODELS['A']",
                "nets.B",
                "Huge",
                "Tiny",
            ),
        },
        ("registry.models.A", "registry.nets.B", "registry.data.huge.Huge", "registry.data.tiny.Tiny"),
    ),
    "second_project_of_its_own_names": Repository(
        "outer",
        {
            "net.py": says("Net", "outer"),
            "stage2/nets/gen.py": "from ops.conv import Conv\nfrom nets.base import Base\nclass Gen(Base, Conv): pass\n",
            "stage2/nets/base.py": says("Base", "base"),
            "stage2/ops/conv.py": says("Conv", "conv"),
            "stage2/train.py": tell("from nets.gen import Gen\nfrom ops.conv import Conv", "Gen", "Conv"),
        },
        ("outer.stage2.nets.gen.Gen", "outer.stage2.ops.conv.Conv"),
        "stage2/train.py",
    ),
}

CLASHES = {
    "names_many_repositories_have": Repository(
        "common",
        {
            "datasets/__init__.py": "from datasets.tiny import Tiny\n",
            "datasets/tiny.py": says("Tiny", "tiny"),
            "utils/logger.py": says("Logger", "utils.logger"),
            "logger.py": says("Logger", "logger"),
            "models/net.py": "import logging, types, random\nfrom utils.logger import Logger\nfrom logger import Logger as L\n"
            "from data.sampler import Sampler\nfrom datasets import Tiny\nimport test\n"
            "class Net:\n    says = ' '.join((Logger.says, L.says, Sampler.says, Tiny.says, test.Tester.says, logging.INFO.__class__.__name__))\n",
            "data/sampler.py": says("Sampler", "sampler"),
            "test.py": says("Tester", "tester"),
            "train.py": tell("from models.net import Net\nfrom test import Tester", "Net", "Tester"),
        },
        ("common.models.net.Net", "common.test.Tester"),
    ),
    "files_named_like_the_standard_library": Repository(
        "named",
        {
            "nets/__init__.py": "",
            "nets/random.py": "import random\nclass Random:\n    says = str(random.Random(0).randint(1, 9))\n",
            "nets/types.py": "import types\nfrom .tokenize import Token\nclass Type:\n    says = Token.says + types.ModuleType.__name__\n",
            "nets/tokenize.py": says("Token", "token "),
            "nets/logging.py": "import logging\nimport logging.handlers\nlog = logging.getLogger(__name__)\nclass Log:\n    says = logging.handlers.__name__\n",
            "train.py": tell(
                "from nets.random import Random\nfrom nets.types import Type\nfrom nets.logging import Log",
                "Random",
                "Type",
                "Log",
            ),
        },
        ("named.nets.random.Random", "named.nets.types.Type", "named.nets.logging.Log"),
    ),
    "function_over_the_module_of_its_name": Repository(
        "overs",
        {
            "models/__init__.py": "from .resnet import *\nfrom .vgg import vgg\nfrom .Loss import Loss\n",
            "models/resnet.py": says("ResNet18", "resnet18") + "def resnet():\n    return ResNet18()\n",
            "models/vgg.py": says("VGG", "vgg") + "vgg = VGG\n",
            "models/Loss.py": says("Base", "base")
            + "class Loss(Base):\n    @classmethod\n    def make(cls): return cls()\n",
            "train.py": tell(
                "from models import resnet, vgg\nfrom models.resnet import ResNet18\nfrom models.vgg import VGG\nfrom models import Loss\nfrom models.Loss import Base",
                "resnet",
                "ResNet18",
                "vgg",
                "VGG",
                "Loss",
                "Loss.make",
                "Base",
            ),
        },
        (
            "overs.models.resnet",
            "overs.models.resnet.ResNet18",
            "overs.models.vgg",
            "overs.models.vgg.VGG",
            "overs.models.Loss",
            "overs.models.Loss.make",
            "overs.models.Loss.Base",
        ),
    ),
    "function_over_the_module_of_its_name_by_bare_name": Repository(
        "overs2",
        {
            "nets/__init__.py": "from .conv import *\n",
            "nets/conv.py": says("Conv", "conv") + "def conv(): return Conv()\n",
            "nets/net.py": "import conv\nimport conv as c\nassert c is conv\nclass Net(conv.Conv): pass\n",
            "train.py": tell("import sys\nsys.path.append('nets')\nfrom nets.net import Net", "Net"),
        },
        ("overs2.nets.net.Net",),
    ),
}

FILES = {
    "data_beside_the_code": Repository(
        "beside",
        {
            "version.txt": "__version__ = '7'\n",
            "net.py": "import os, json\nfrom importlib import resources\nfrom pathlib import Path\n"
            "here = os.path.dirname(os.path.abspath(__file__))\n"
            "with open(os.path.join(here, 'version.txt')) as file:\n    exec(file.read())\n"
            "config = json.loads((Path(__file__).parent / 'conf' / 'net.json').read_text())\n"
            "class Net:\n    says = __version__ + config['name'] + resources.files('conf').joinpath('net.json').read_text()[0]\n",
            "conf/net.json": '{"name": "net"}',
            "train.py": tell("from net import Net", "Net"),
        },
        ("beside.net.Net",),
    ),
    "modules_with_a_getattr": Repository(
        "lazy",
        {
            "nets/__init__.py": "import importlib\ndef __getattr__(name):\n    if name == 'Net':\n"
            "        return importlib.import_module('.inner', __name__).Net\n    raise AttributeError(name)\n",
            "nets/inner.py": says("Net", "net"),
            "nets/Other.py": "raise SystemExit\n",
            "train.py": tell("from nets import Net\nimport nets", "Net", "nets.inner.Net"),
        },
        ("lazy.nets.Net", "lazy.nets.inner.Net"),
    ),
    "main_block_and_future": Repository(
        "mainly",
        {
            "net.py": '"""Doc."""\nfrom __future__ import annotations\nfrom layers import Layer\n'
            "class Net(Layer):\n    def f(self) -> Unknown: ...\n"
            "if __name__ == '__main__':\n    raise SystemExit\n",
            "layers.py": says("Layer", "layer"),
            "train.py": tell("from net import Net", "Net") + "if __name__ == '__main__':\n    pass\n",
        },
        ("mainly.net.Net",),
    ),
}

WELL_KNOWN = {
    "root_put_on_the_path_by_a_file": Repository(
        "yolo",
        {
            "models/__init__.py": "",
            "models/yolo.py": "import argparse\nimport sys\nfrom pathlib import Path\nFILE = Path(__file__).resolve()\n"
            "ROOT = FILE.parents[1]\nif str(ROOT) not in sys.path:\n    sys.path.append(str(ROOT))\n"
            "from models.common import *\nfrom models.experimental import Ensemble\nfrom utils.general import check\n"
            "try:\n    import thop_which_is_not_installed\nexcept ImportError:\n    thop_which_is_not_installed = None\n"
            "class Model(Conv):\n    says = check(Conv.says) + Ensemble.says\n",
            "models/common.py": "from utils.general import check\n" + says("Conv", "conv"),
            "models/experimental.py": "from models.common import Conv\nclass Ensemble(Conv): pass\n",
            "utils/__init__.py": '"""Utilities."""\n',
            "utils/general.py": "import utils\ndef check(text): return utils.__doc__[0] + text\n",
            "train.py": tell(
                "import test\nfrom models.yolo import Model\nfrom models.common import Conv", "Model", "Conv"
            ),
            "test.py": "from utils.general import check\n",
        },
        ("yolo.models.yolo.Model", "yolo.models.common.Conv"),
    ),
    "package_with_modules_in_its_all": Repository(
        "attention-pytorch",
        {
            "transformer/__init__.py": "import transformer.Constants\nimport transformer.Layers\nimport transformer.Models\n"
            "__all__ = [transformer.Constants, transformer.Layers, transformer.Models]\n",
            "transformer/Constants.py": "PAD = 0\n",
            "transformer/Layers.py": "import transformer.Constants as Constants\nclass Layer:\n    says = str(Constants.PAD)\n",
            "transformer/Models.py": "from transformer.Layers import Layer\nclass Transformer(Layer): pass\n",
            "train.py": tell("from transformer.Models import Transformer\nimport transformer.Constants", "Transformer"),
        },
        ("attention-pytorch.transformer.Models.Transformer",),
    ),
    "layers_that_import_upward": Repository(
        "ssd.pytorch",
        {
            "ssd.py": "from layers import *\nfrom data import voc, coco\nimport os\nclass SSD(Loss):\n    says = Loss.says + voc\n"
            "def build_ssd(phase='train'): return SSD()\n",
            "layers/__init__.py": "from .functions import *\nfrom .modules import *\n",
            "layers/functions/__init__.py": "from .detection import Detect\n__all__ = ['Detect']\n",
            "layers/functions/detection.py": "from ..box_utils import decode\nfrom data import voc as cfg\nclass Detect: pass\n",
            "layers/modules/__init__.py": "from .loss import Loss\n__all__ = ['Loss']\n",
            "layers/modules/loss.py": "from data import coco as cfg\nfrom ..box_utils import decode\nclass Loss:\n    says = cfg + decode\n",
            "layers/box_utils.py": "decode = 'decode '\n",
            "data/__init__.py": "from .config import *\n",
            "data/config.py": "voc, coco = 'voc ', 'coco '\n",
            "train.py": tell("from ssd import build_ssd\nfrom layers.modules import Loss", "build_ssd", "Loss"),
        },
        ("ssd.pytorch.ssd.build_ssd", "ssd.pytorch.layers.modules.Loss"),
    ),
    "package_under_a_short_alias": Repository(
        "classification",
        {
            "models/__init__.py": "",
            "models/cifar/__init__.py": "from __future__ import absolute_import\nfrom .resnet import *\n",
            "models/cifar/resnet.py": "__all__ = ['resnet']\n"
            + says("ResNet", "cifar")
            + "def resnet(**k): return ResNet(**k)\n",
            "models/imagenet/__init__.py": "from .resnet import *\n",
            "models/imagenet/resnet.py": "__all__ = ['resnet']\n"
            + says("ResNet", "net")
            + "def resnet(**k): return ResNet(**k)\n",
            "utils/__init__.py": "from .misc import *\nimport os, sys\n"
            "sys.path.append(os.path.join(os.path.dirname(__file__), 'progress'))\nfrom bar import Bar as Bar\n",
            "utils/misc.py": "mean = 'mean'\n",
            "utils/progress/bar.py": says("Bar", "bar"),
            "train.py": tell(
                "import models.cifar as models\nimport models.imagenet as other\nfrom utils import Bar, mean",
                "models.__dict__['resnet']",
                "other.resnet",
                "Bar",
            ),
        },
        ("classification.models.cifar.resnet", "classification.models.imagenet.resnet", "classification.utils.Bar"),
    ),
    "scripts_run_in_a_folder_of_modules": Repository(
        "esrgan",
        {
            "codes/models/__init__.py": "def create_model():\n    from .sr_model import SRModel as M\n    return M()\n",
            "codes/models/sr_model.py": "import models.networks as networks\nfrom .base_model import Base\n"
            "class SRModel(Base):\n    says = networks.define().says\n",
            "codes/models/base_model.py": "from utils import util\nclass Base: pass\n",
            "codes/models/networks.py": "import models.archs.rrdb as rrdb\ndef define(): return rrdb.RRDB()\n",
            "codes/models/archs/rrdb.py": "import models.archs.arch_util as mutil\nclass RRDB(mutil.Block): pass\n",
            "codes/models/archs/arch_util.py": says("Block", "block"),
            "codes/utils/__init__.py": "",
            "codes/utils/util.py": "",
            "codes/data/__init__.py": "",
            "codes/train.py": tell(
                "from models import create_model\nfrom models.archs import rrdb", "create_model", "rrdb.RRDB"
            ),
        },
        ("esrgan.codes.models.create_model", "esrgan.codes.models.archs.rrdb.RRDB"),
        "codes/train.py",
    ),
    "imports_tried_in_two_ways": Repository(
        "either",
        {
            "net.py": "try:\n    from .layers import Layer\nexcept ImportError:\n    from layers import Layer\n"
            "try:\n    import nothing_like_that\nexcept ModuleNotFoundError:\n    nothing_like_that = None\n"
            "class Net(Layer): pass\n",
            "layers.py": says("Layer", "layer"),
            "train.py": tell("from net import Net\nfrom layers import Layer", "Net", "Layer"),
        },
        ("either.net.Net", "either.layers.Layer"),
    ),
}

NEIGHBOURS = {
    "neighbours": Repository(
        "street",
        {
            "models/__init__.py": "",
            "models/net.py": "from .parts import Part\nclass Net(Part): pass\n",
            "models/parts.py": says("Part", "part"),
            "models/broken.py": "class Net(:\n",
            "models/python2.py": "print 'hello'\nexec 'x = 1'\n",
            "models/args.py": "import argparse\nargparse.ArgumentParser().add_argument('x', required=True).parse_args()\n",
            "models/asks.py": "input('name? ')\n",
            "models/prints.py": "print('a neighbour ran')\n",
            "models/loads.py": "import urllib.request\nurllib.request.urlopen('http://localhost:1')\n",
            "models/trains.py": "while True: pass\n",
            "models/bad.py": "x = '\0'\n",
            "opt.py": "import sys\nsys.exit(1)\n",
            "train.py": tell("from models.net import Net", "Net"),
        },
        ("street.models.net.Net",),
    ),
}

REPOSITORIES = {**FOLDER_NAMES, **LAYOUTS, **IMPORTS, **CLASHES, **FILES, **WELL_KNOWN, **NEIGHBOURS}


@pytest.mark.parametrize("name", REPOSITORIES)
@pytest.mark.parametrize("place", ["elsewhere", "in the root"])
def test_targets_give_what_the_repositorys_own_script_has(
    make: Make, monkeypatch: pytest.MonkeyPatch, name: str, place: str
) -> None:
    repository = REPOSITORIES[name]
    project = make(repository.folder, marked(repository))
    before = sorted(project.root.rglob("*"))
    done = subprocess.run(
        [sys.executable, "-B", repository.run], cwd=project.root, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    if place == "in the root":  # as `python -m lighter` is started there
        monkeypatch.chdir(project.root)
        sys.path.insert(0, "")
    for _ in range(2):  # set aside and served again
        found = [locate(target, project) for target in repository.targets]
        assert [each().says for each in found] == done.stdout.splitlines()  # type: ignore[operator]
        unload()
    ran = vars(builtins).pop("files_run")
    if name != "circle_that_works_from_one_side":  # it is tried from the other first
        assert sorted(set(ran)) == sorted(ran)
    assert not [file for file in ran if file.endswith(repository.run)]
    assert sorted(project.root.rglob("*")) == before


def marked(repository: Repository) -> dict[str, str | bytes]:
    """The files, each of which takes down that it has run."""
    return {path: text + MARK * path.endswith(".py") for path, text in repository.files.items()}


def test_the_documentation_names_each_of_them() -> None:
    page = Path(__file__).parents[2] / "docs" / "reference" / "project-layouts.md"
    text = page.read_text(encoding="utf-8")
    named = re.findall(r"^\d+\. `(\w+)`$", text, re.MULTILINE)
    assert sorted(named) == sorted(REPOSITORIES)
    assert re.findall(r"\| (\d+) \|$", text, re.MULTILINE) == [str(number + 1) for number in range(len(named))]
