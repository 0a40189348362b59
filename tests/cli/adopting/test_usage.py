import ast

from lighter.cli.adopting.reading import Here
from lighter.cli.adopting.usage import examples, find_uses, is_aside


def test_calls_of_scripts_and_the_values_they_give(known):
    found = known("shapes")
    uses = find_uses(found)
    points = Here("src/data/points.py", "Points")
    (use,) = uses.of[points]
    assert use.place == "src/train.py:7"
    assert use.values(found.by_here[points]) == {"count": 12, "width": 3}
    assert [target for target, _ in uses.optimizers] == ["torch.optim.Adam"]


def test_losses_optimizers_and_datasets_of_torch(known):
    uses = find_uses(known("tiny-cifar"))
    assert [(target, use.place) for target, use in uses.losses] == [("torch.nn.CrossEntropyLoss", "main.py:12")]
    assert [(target, dict(use.named)) for target, use in uses.optimizers] == [
        ("torch.optim.SGD", {"momentum": 0.9, "weight_decay": 5e-4})
    ]
    assert [target for target, _ in uses.datasets] == ["torchvision.datasets.CIFAR10"]


def test_calls_within_models_are_no_uses(known):
    found = known("vit-tiny")
    uses = find_uses(found)
    assert Here("vit_tiny/vit.py", "Attention") not in uses.of
    assert [use.place for use in uses.of[Here("vit_tiny/vit.py", "ViT")]] == ["tests/test_vit.py:2"]


def test_scripts_come_before_tests(recognised):
    call = "from net import Net\nNet(%d)\n"
    net = "import torch\nclass Net(torch.nn.Module):\n  def __init__(self, n): ...\n"
    found = recognised(
        "a", {"net.py": net, "tests/train.py": call % 1, "deep/train_net.py": call % 2, "z.py": call % 3}
    )
    (uses,) = find_uses(found).of.values()
    assert [use.file for use in uses] == ["deep/train_net.py", "z.py", "tests/train.py"]


def test_the_readme_shows_how_it_is_used(recognised, repositories):
    shown = "from vit_tiny import ViT\nv = ViT(\n  image_size=7, patch_size=size)\n"
    text = f"# Vit\n\n```python\n{shown}```\n```bash\nViT(1)\n```\n"
    found = recognised("vit", {**repositories["vit-tiny"], "README.md": text})
    uses = find_uses(found).of[Here("vit_tiny/vit.py", "ViT")]
    assert [(use.place, dict(use.named)) for use in uses if use.file == "README.md"] == [
        ("README.md:5", {"image_size": 7})
    ]


def test_what_stands_beside_the_work():
    aside = ["tests/a.py", "a/test_b.py", "examples/x.py", "third_party/net.py", "a/legacy/b.py"]
    assert [path for path in [*aside, "contest/a.py", "models/latest.py", "net.py"] if is_aside(path)] == aside


def test_blocks_of_python_with_the_lines_before_them(read):
    text = "a\n```python\nx = 1\n```\n  ```py\n  y = 2\n  ```\n```\nno = 3\n```\n```python\n$ no\n```\n"
    found = examples(read("a", {"README.md": text}))
    assert [(before, ast.unparse(tree)) for before, tree in found] == [(2, "x = 1"), (5, "y = 2")]


def test_none_without_a_readme_of_the_repository_itself(read, tmp_path):
    assert examples(read("a", {"a.py": ""})) == []
    (tmp_path / "out.md").write_text("```python\nx = 1\n```\n")
    (tmp_path / "a" / "README.md").symlink_to(tmp_path / "out.md")
    assert examples(read("a", {})) == []


def test_a_name_that_the_readme_gives_itself(recognised):
    net = "import torch\nclass Net(torch.nn.Module): ...\n"
    text = "```python\nfrom net import Net\nModel = Net\nnet = Model(width=3)\na = b\nb = a\na(1)\n```\n"
    found = recognised("a", {"net.py": net, "README.md": text})
    assert [use.place for use in find_uses(found).of[Here("net.py", "Net")]] == ["README.md:4"]


def test_how_many_epochs_a_script_trains(recognised):
    net = "import torch\nclass Net(torch.nn.Module): ...\n"
    loops = {
        "train.py": "N = 5\nfor epoch in range(N): ...\n",
        "train_a.py": "for epoch in range(1, 4): ...\n",
        "train_b.py": "p.add_argument('--epochs', default=9)\nfor epoch in range(1, args.epochs + 1): ...\n",
        "train_c.py": "for epoch in range(unknown): ...\nfor i in range(3): ...\nfor epoch in range(0): ...\n",
        "train_d.py": "p.add_argument('--epochs', default=None)\n",
    }
    calls = {name: f"from net import Net\nNet()\n{text}" for name, text in loops.items()}
    uses = find_uses(recognised("a", {"net.py": net, **calls}))
    assert uses.epochs == [(5, "train.py:4"), (3, "train_a.py:3"), (9, "train_b.py")]
