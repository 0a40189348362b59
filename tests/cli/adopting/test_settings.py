import ast

import pytest

from lighter.cli.adopting.naming import Names
from lighter.cli.adopting.settings import settings_of, settings_with_imports

SCRIPT = """
parser = argparse.ArgumentParser()
parser.add_argument("--lr", "-l", type=float, default=1e-2)
parser.add_argument("-b", "--batch-size", default=32, type=int)
parser.add_argument("--decay", type=float, default="0.5")
parser.add_argument("--rounds", type=int, default="x")
parser.add_argument("--size", default=(2, 3))
parser.add_argument("--no-cuda", action="store_true")
parser.add_argument("--keep", action="store_false", dest="dropped")
parser.add_argument("data")
parser.add_argument("--out", default=None)
parser.add_argument("--path", default=os.getcwd())
parser.set_defaults(depth=4)
WIDTH = 8
lr = args.lr
changed = 1
changed = 2
counted = 0
counted += 1
"""


def test_the_defaults_of_a_command_line():
    assert settings_of(ast.parse(SCRIPT)).arguments == {
        "lr": 1e-2,
        "batch_size": 32,
        "decay": 0.5,
        "size": (2, 3),
        "no_cuda": False,
        "dropped": True,
        "depth": 4,
    }


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("args.lr", 1e-2),
        ("opt.batch_size", 32),
        ("WIDTH", 8),
        ("lr", 1e-2),
        ("[1, 2]", [1, 2]),
        ("args.nothing", None),
        ("self.lr", None),
        ("changed", None),
        ("counted", None),
        ("args.lr * 2", None),
    ],
)
def test_what_an_expression_gives_as_the_script_stands(written, value):
    node = ast.parse(written, mode="eval").body
    assert settings_of(ast.parse(SCRIPT)).value(node) == (value is not None, value)


@pytest.mark.parametrize(
    ("script", "written"),
    [
        ("class TrainConfig:\n  lr = 0.1\n", "config.lr"),
        ("class TrainConfig:\n  lr = 0.1\nc = TrainConfig()\n", "c.lr"),
        ("@dataclass\nclass Args:\n  lr: float = 0.1\n  width: int\n", "self.args.lr"),
        ("class Other:\n  lr = 0.1\n", None),
        ("cfg = {'lr': 0.1, 'width': x, **y}\n", "cfg['lr']"),
        ("opt = SimpleNamespace(lr=0.1, **y)\n", "opt.lr"),
        ("other = {'lr': 0.1}\n", None),
        ("LR: float = 0.1\n", "LR"),
    ],
)
def test_settings_that_are_no_command_line(script, written):
    node = ast.parse(written or "config.lr", mode="eval").body
    assert settings_of(ast.parse(script)).value(node) == ((True, 0.1) if written else (False, None))


@pytest.mark.parametrize(
    ("script", "file", "text", "written"),
    [
        ("from config import LR\n", "config.py", "LR = 0.1\n", "LR"),
        ("from config import LR as rate\n", "config.py", "LR = 0.1\n", "rate"),
        ("from config import *\n", "config.py", "LR = 0.1\n", "LR"),
        ("import config\n", "config.py", "LR = 0.1\n", "config.LR"),
        ("import config as C\n", "config.py", "LR = 0.1\n", "C.LR"),
        ("from lib import settings as S\n", "lib/settings.py", "LR = 0.1\n", "S.LR"),
        (
            "from config import opt\n",
            "config.py",
            "class DefaultConfig:\n  lr = 0.1\nopt = DefaultConfig()\n",
            "opt.lr",
        ),
        ("from opts import Options as O\n", "opts.py", "@dataclass\nclass Options:\n  lr: float = 0.1\n", "O.lr"),
        ("from options import get\nargs = get()\n", "options.py", "p.add_argument('--lr', default=0.1)\n", "args.lr"),
        ("from opts.train import get\n", "opts/train.py", "from .base import x\n", "args.base"),
        ("from config import opt\nclass Config:\n  lr = 0.1\n", "config.py", "class Config:\n  lr = 0.2\n", "opt.lr"),
        ("from layers import LR\n", "layers.py", "LR = 0.1\n", None),  # no file of settings
        ("from config import x\n", "config.py", "LR = 0.1\nfrom train import y\n", None),
        ("from config import LR\n", "config.py", "LR = 0.1\nLR = 0.2\n", None),
    ],
)
def test_settings_of_another_file(read, script, file, text, written):
    files = {"train.py": script, file: text, "opts/base.py": "p.add_argument('--base', default=0.1)\n"}
    found = settings_with_imports("train.py", ast.parse(script), Names(read("a", files)))
    node = ast.parse(written or "LR", mode="eval").body
    assert found.value(node) == ((True, 0.1) if written else (False, None))
