import ast

import pytest

from lighter.cli.adopting.settings import settings_of

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
