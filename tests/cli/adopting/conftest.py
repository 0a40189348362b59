"""Tiny repositories of several kinds, as texts, and what reads them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lighter.cli.adopting.choosing import Choice, choose
from lighter.cli.adopting.reading import Repository, read_repository
from lighter.cli.adopting.recognising import Recognised, recognise
from lighter.project.project import Project

Files = dict[str, str | bytes]

# Scripts as most research code has them: a dash in the name, factories, settings from the command line.
CIFAR: Files = {
    "models/__init__.py": "from .vgg import *\nfrom .resnet import *\n",
    "models/resnet.py": """
import torch
import torch.nn as nn
import torch.nn.functional as F

class BasicBlock(nn.Module):
    expansion = 1
    def __init__(self, in_planes, planes, stride=1):
        super().__init__()
        self.conv = nn.Conv2d(in_planes, planes, 3, stride, 1)
    def forward(self, x):
        return F.relu(self.conv(x))

class ResNet(nn.Module):
    def __init__(self, block, num_blocks, num_classes=10):
        super().__init__()
        self.body = nn.Sequential(*(block(3 if i == 0 else 4, 4) for i in range(sum(num_blocks))))
        self.head = nn.Linear(4, num_classes)
    def forward(self, x):
        return self.head(self.body(x).mean((2, 3)))

def _resnet(block, layers, **kwargs):
    model = ResNet(block, layers, **kwargs)
    return model

def ResNet18(num_classes=10):
    return _resnet(BasicBlock, [1, 1], num_classes=num_classes)
""",
    "models/vgg.py": "import torch.nn as nn\n\nclass VGG(nn.Module):\n"
    "    def __init__(self, vgg_name):\n        super().__init__()\n"
    "    def forward(self, x):\n        return x\n",
    "utils.py": "import os\nimport no_such_progress\n_, width = os.popen('stty size').read().split()\n"
    "def format_time(seconds): return str(seconds)\n",
    "main.py": """
import argparse
import torch.nn as nn
import torch.optim as optim
import torchvision
from models import *
from utils import format_time

args = argparse.ArgumentParser().parse_args()
trainset = torchvision.datasets.CIFAR10(root='./data', train=True, download=True)
net = ResNet18()
criterion = nn.CrossEntropyLoss()
optimizer = optim.SGD(net.parameters(), lr=args.lr, momentum=0.9, weight_decay=5e-4)
""",
    "old.py": "print 'Python 2'\n",
}

# Models alone, in a package of the repository's own name.
VIT: Files = {
    "setup.py": "from setuptools import setup\nsetup(name='vit-tiny')\n",
    "vit_tiny/__init__.py": "from vit_tiny.vit import ViT\n",
    "vit_tiny/vit.py": """
from torch import nn, Tensor
from torch.nn import Module as Base
from einops_that_is_not_there import rearrange

class Attention(Base):
    def __init__(self, dim, *, heads=8):
        super().__init__()
    def forward(self, x):
        return x

class ViT(Base):
    def __init__(self, *, image_size: int, patch_size, num_classes, dim=64, pool='cls', act=nn.GELU):
        super().__init__()
        self.attention = Attention(dim)
    def forward(self, img):
        return self.attention(img)
""",
    "vit_tiny/simple.py": "from vit_tiny.vit import Attention, Base\nclass SimpleViT(Base):\n"
    "    def forward(self, img): return Attention(3)(img)\n",
    "tests/test_vit.py": "from vit_tiny import ViT\nv = ViT(image_size=256, patch_size=32, num_classes=1000)\n",
}

# A `src` layout with a dataset, a loss, a model in two steps from nn.Module, and settings in a bundle.
SHAPES: Files = {
    "src/nets/base.py": "import torch\nclass Base(torch.nn.Module):\n"
    "    def __init__(self, width, depth=2):\n        super().__init__()\n"
    "        self.layer = torch.nn.Linear(width, 1)\n"
    "    def forward(self, points):\n        return self.layer(points)\n",
    "src/nets/shape_net.py": "from nets.base import Base\nclass ShapeNet(Base):\n    pass\n",
    "src/nets/other.py": "from .base import Base\nclass Other(Base):\n"
    "    def __init__(self, args):\n        super().__init__(args.width, args.depth)\n",
    "src/data/points.py": "import torch\nfrom torch.utils import data\n\nclass Points(data.Dataset):\n"
    "    def __init__(self, count, width, split='train'):\n        self.x = torch.ones(count, width)\n"
    "    def __len__(self): return len(self.x)\n"
    "    def __getitem__(self, i): return self.x[i], self.x[i].sum(0, keepdim=True)\n\n"
    "def collate(batch):\n    return data.default_collate(batch)\n",
    "src/losses.py": "import torch\nfrom torch import nn\n\nclass ShapeLoss(nn.Module):\n"
    "    def __init__(self, weight=1.0):\n        super().__init__()\n        self.weight = weight\n"
    "    def forward(self, pred, target):\n        return self.weight * (pred - target).abs().mean()\n\n"
    "def smooth_loss(pred, target):\n    return (pred - target).pow(2).mean()\n\n"
    "def plot_loss(values, path): ...\n",
    "src/train.py": "from nets.shape_net import ShapeNet\nfrom data.points import Points\n"
    "from losses import ShapeLoss\n"
    "import torch\n\ndef main():\n    data = Points(12, width=3)\n    net = ShapeNet(width=3)\n"
    "    loss = ShapeLoss()\n    torch.optim.Adam(net.parameters(), 1e-2, betas=(0.5, 0.9))\n",
}

LIT: Files = {
    "lit/__init__.py": "",
    "lit/module.py": """
import pytorch_lightning as pl
import torch
from torch import nn

class LitNet(pl.LightningModule):
    def __init__(self, model: nn.Module, lr: float = 1e-2):
        super().__init__()
        self.model, self.lr = model, lr
    def training_step(self, batch, _):
        x, y = batch
        return nn.functional.mse_loss(self.model(x), y)
    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=self.lr)
""",
    "lit/net.py": "import torch\nclass TinyNet(torch.nn.Sequential):\n"
    "    def __init__(self, size):\n        super().__init__(torch.nn.Linear(size, 1))\n",
    "lit/data.py": """
import torch
from pytorch_lightning import LightningDataModule
from torch.utils.data import DataLoader, TensorDataset

class LitData(LightningDataModule):
    def __init__(self, batch_size: int):
        super().__init__()
        self.batch_size = batch_size
    def train_dataloader(self):
        return DataLoader(TensorDataset(torch.ones(8, 3), torch.ones(8, 1)), self.batch_size)
""",
    "train.py": "from lit.net import TinyNet\nnet = TinyNet(size=3)\n",
}

VAE: Files = {
    "vae.py": """
import torch, sys
from torch import nn
sys.path.append('..')

class VAE(nn.Module):
    def forward(self, x, label):
        return x, x, x

def vae_loss(recon, x, mu, logvar, beta=1.0):
    return (recon - x).pow(2).mean()

def get_loss(name): return vae_loss
def print_loss(a, b): print(a, b)
""",
}

REPOSITORIES: dict[str, Files] = {
    "tiny-cifar": CIFAR,
    "vit-tiny": VIT,
    "shapes": SHAPES,
    "lit": LIT,
    "vae.pytorch": VAE,
}

Make = Callable[[str, Files], Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Writes files below a folder."""

    def _make(name: str, files: Files) -> Path:
        (tmp_path / name).mkdir(parents=True, exist_ok=True)
        for path, text in files.items():
            file = tmp_path / name / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return tmp_path / name

    return _make


@pytest.fixture
def read(make: Make) -> Callable[[str, Files], Repository]:
    """Writes a repository and reads it."""
    return lambda name, files: read_repository(Project.open(make(name, files)))


@pytest.fixture
def recognised(read: Callable[[str, Files], Repository]) -> Callable[[str, Files], Recognised]:
    """Writes a repository and recognises what is in it."""
    return lambda name, files: recognise(read(name, files))


@pytest.fixture
def repositories() -> dict[str, Files]:
    """The repositories above by name."""
    return REPOSITORIES


@pytest.fixture
def known(recognised: Callable[[str, Files], Recognised]) -> Callable[[str], Recognised]:
    """What is recognised in one of the repositories above."""
    return lambda name: recognised(name, REPOSITORIES[name])


@pytest.fixture
def choice(recognised: Callable[[str, Files], Recognised]) -> Callable[..., Choice]:
    """The choice in one of the repositories above, or in another with these files."""
    return lambda name, files=None: choose(recognised(name, files or REPOSITORIES[name]))
