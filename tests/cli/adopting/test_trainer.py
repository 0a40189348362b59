import pytest

from lighter.cli.adopting.trainer import seed, trainer
from lighter.cli.adopting.usage import find_uses

HEAD = "import torch\nfrom torch import nn\nfrom torch.nn.utils import clip_grad_norm_\nCLIP = 0.5\n"


@pytest.fixture
def uses(recognised):
    """The uses in a script of these lines; its first is line 5."""
    return lambda text, file="train.py": find_uses(recognised("a", {file: f"{HEAD}{text}\n"}))


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ("clip_grad_norm_(p, 1.0)", ["gradient_clip_val: 1.0  # as in train.py:5"]),
        ("clip_grad_norm_(p, max_norm=CLIP)", ["gradient_clip_val: 0.5  # as in train.py:5"]),
        ("clip_grad_norm_(p, x.clip)", ["# gradient_clip_val: ...  # as in train.py:5"]),
        ("clip_grad_norm_(p, 1.0, norm_type=1)", ["# gradient_clip_val: 1.0  # as in train.py:5"]),
        ("clip_grad_norm_(p, 0)", ["# gradient_clip_val: 0  # as in train.py:5"]),
        (
            "nn.utils.clip_grad_value_(p, 2)",
            ["gradient_clip_val: 2  # as in train.py:5", "gradient_clip_algorithm: value"],
        ),
        ("with torch.autocast('cuda'): ...", ["# precision: 16-mixed  # train.py:5 has autocast"]),
        ("with torch.cuda.amp.autocast(enabled=False): ...", []),
    ],
)
def test_what_a_script_does_with_gradients(uses, text, lines):
    assert trainer(uses(text), is_new=False, is_lightning=False) == ["max_epochs: 1  # a guess", *lines]
    assert trainer(uses(text), is_new=False, is_lightning=True) == ["max_epochs: 1  # a guess"]


def test_what_a_test_does_says_nothing_of_the_training(uses):
    found = uses("clip_grad_norm_(p, 1.0)\ntorch.manual_seed(3)\nwith torch.autocast('cuda'): ...", "tests/train.py")
    assert trainer(found, is_new=False, is_lightning=False) == ["max_epochs: 1  # a guess"]
    assert seed(found).startswith("# seed: 0")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("torch.manual_seed(3)", "seed: 3  # as in train.py:5"),
        ("p.add_argument('--seed', default=4)\ntorch.manual_seed(args.seed)", "seed: 4  # as in train.py:6"),
        ("import pytorch_lightning as pl\npl.seed_everything(seed=5)", "seed: 5  # as in train.py:6"),
        ("torch.manual_seed(-1)", "# seed: 0  # for the same numbers in every run"),
        ("torch.Generator().manual_seed(3)", "# seed: 0  # for the same numbers in every run"),
    ],
)
def test_the_seed(uses, text, line):
    assert seed(uses(text)) == line
