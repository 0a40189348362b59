import pytest
import yaml

from lighter.cli.adopting.loaders import loaders


def train(choice):
    found = loaders(choice)
    return found.blocks["train"], found.chosen


def parts(choice):
    """What the config says of each part of the data, the notes, and what is left open."""
    found = loaders(choice)
    values = {split: yaml.safe_load("\n".join(block.lines)) for split, block in found.blocks.items()}
    return {split: (one["dataset"], one["batch_size"]) for split, one in values.items()}, found


DATA = """
import torch
from torch.utils.data import IterableDataset, Dataset
class Stream(IterableDataset):
    def __init__(self, path): ...
"""


def test_a_loader_over_the_dataset_with_its_collate_function(choice):
    block, chosen = train(choice("shapes"))
    assert block.lines == [
        "_target_: torch.utils.data.DataLoader",
        "dataset:",
        "  _target_: shapes.data.points.Points  # src/data/points.py:4",
        "  count: 12  # as in src/train.py:7",
        "  width: 3  # as in src/train.py:7",
        "  # split: train",
        "collate_fn:",
        "  _target_: shapes.data.points.collate  # src/data/points.py:10",
        "  _mode_: callable",
        "batch_size: 4  # a guess",
        "shuffle: true",
    ]
    assert [one.here.name for one in chosen] == ["Points", "collate"]
    assert block.open == []


def test_a_stream_is_not_shuffled_and_a_collate_function_elsewhere_is_a_comment(choice):
    files = {
        "data.py": DATA,
        "batch.py": "import torch\ndef my_collate(batch): ...\nclass Collator:\n  def __call__(s): ...\n",
    }
    block, chosen = train(choice("a", files))
    assert block.open == ["dataset::path"]
    assert "shuffle: true" not in block.lines
    assert "# collate_fn: {_target_: a.batch.Collator}  # batch.py:3" in block.lines
    assert "# collate_fn: {_target_: a.batch.my_collate, _mode_: callable}  # batch.py:2" in block.lines
    assert [one.here.name for one in chosen] == ["Stream"]


def test_without_a_dataset_those_that_scripts_use_are_told(choice):
    block, chosen = train(choice("tiny-cifar"))
    called = "{_target_: torchvision.datasets.CIFAR10, root: ./data, train: true, download: true}"
    assert block.lines[1:3] == [
        f"# dataset: {called}  # as in main.py:10",
        "# dataset: ...  # required: no dataset was found in the repository",
    ]
    assert (block.open, chosen) == (["dataset"], [])


@pytest.mark.parametrize(
    ("call", "lines"),
    [
        ("kw = dict(batch_size=args.size)\nDataLoader(d, **kw)", ["batch_size: 16  # as in train.py:5"]),
        ("kw = {'batch_size': args.size}\nkw.update(x)\nDataLoader(d, **kw)", ["batch_size: 16  # as in train.py:6"]),
        (
            "DataLoader(d, **{'batch_size': 8}, drop_last=True)",
            ["batch_size: 8  # as in train.py:4", "drop_last: true"],
        ),
        ("kw = dict(batch_size=1)\nkw = dict(batch_size=2)\nDataLoader(d, **kw)", ["batch_size: 4  # a guess"]),
        (
            "DataLoader(d, 8, num_workers=2, pin_memory=False, sampler=s)",
            ["batch_size: 8  # as in train.py:4", "# num_workers: 2", "# sampler: ...  # in train.py:4"],
        ),
    ],
)
def test_what_a_script_gives_its_loader(choice, call, lines):
    settings = "p.add_argument('--size', default=16)\n"
    text = f"from torch.utils.data import DataLoader\nfrom data import Stream\n{settings}{call}\n"
    block, _ = train(choice("a", {"data.py": DATA, "train.py": text}))
    assert block.lines[-len(lines) :] == lines


POINTS = """
import torch
from torch.utils.data import Dataset
class Points(Dataset):
    def __init__(self, path, {0}): ...
"""


def script(text):
    return f"from torch.utils.data import DataLoader, random_split\nfrom data import *\n{text}"


@pytest.mark.parametrize(
    ("arguments", "text", "expected"),
    [
        # What a script makes, by the arguments it gives.
        ("train=True", "a = Points('a')\nb = Points('b', train=False)\n", {"val": {"path": "b", "train": False}}),
        ("split='x'", "a = Points('a', 'train')\nb = Points('b', 'valid')\n", {"val": {"path": "b", "split": "valid"}}),
        (
            "train=True, test=False",
            "a = Points('a')\nb = Points('b', test=True)\n",
            {"val": {"path": "a", "train": False}, "test": {"path": "b", "test": True}},
        ),
        # By the names it gives them.
        ("n=1", "train_set = Points('a')\nvalset = Points('b')\n", {"val": {"path": "b"}}),
        ("n=1", "self.trainData, self.testData = Points('a'), Points('b')\n", {"test": {"path": "b"}}),
        ("n=1", "sets = {'train': Points('a'), 'val': Points('b')}\n", {"val": {"path": "b"}}),
        ("n=1", "fit(train_set=Points('a'), eval_set=Points('b'))\n", {"val": {"path": "b"}}),
        (
            "n=1",
            "train_loader = DataLoader(Points('a'))\ndef val_loader(): return DataLoader(Points('b'))\n",
            {"val": {"path": "b"}},
        ),
        (
            "train=True",
            "t = Points('a')\ntest_loader = DataLoader(Points('b', train=False))\n",
            {"test": {"path": "b", "train": False}},
        ),
        # By what the dataset says of itself.
        ("train=True", "a = Points('a')\n", {"val": {"path": "a", "train": False}}),
        (
            "split='train', kinds=('training', 'validation', 'test')",
            "a = Points('a')\n",
            {"val": {"path": "a", "split": "validation"}, "test": {"path": "a", "split": "test"}},
        ),
        (
            "split='train', kinds=('train', 'val')",
            "v = Points('b', split=cfg['val'])\n",
            {"val": {"path": "b", "split": "val"}},
        ),
        # The same data again is none to validate on, and nobody knows what a variable holds.
        ("n=1", "train_set = Points('a', n=2)\nval_set = Points('a', n=2)\n", {}),
        ("split='x'", "train_set = Points('a', split=s)\nval_set = Points('a', split=t)\n", {}),
        ("n=1", "train_set = Points('a')\n", {}),
    ],
)
def test_data_to_validate_and_to_test_with(choice, arguments, text, expected):
    found, _ = parts(choice("a", {"data.py": POINTS.format(arguments), "train.py": script(text)}))
    assert found.pop("train")[0]["path"] == ("b" if "v = " in text else "a")
    assert {split: data for split, (data, _) in found.items()} == {
        split: {"_target_": "a.data.Points", **values} for split, values in expected.items()
    }


def test_the_training_data_is_not_taken_from_a_call_for_other_data(choice):
    files = {"data.py": POINTS.format("mode"), "train.py": script("test_set = Points('b', mode='test')\n")}
    found, made = parts(choice("a", files))
    assert found["train"][0] == {"_target_": "a.data.Points"}
    assert made.blocks["train"].open == ["dataset::path", "dataset::mode"]
    assert found["test"][0] == {"_target_": "a.data.Points", "path": "b", "mode": "test"}


def test_datasets_that_are_named_so(choice):
    text = POINTS.replace("{0}", "n=1")
    text += "".join(text[text.index("class") :].replace("Points", f"{split}Points") for split in ("Val", "Test"))
    files = {"data.py": text, "tests/test_data.py": text.replace("TestPoints", "EvalTestPoints")}
    found, made = parts(choice("a", files))
    assert {split: data for split, (data, _) in found.items()} == {
        "train": {"_target_": "a.data.Points"},
        "val": {"_target_": "a.data.ValPoints"},
        "test": {"_target_": "a.data.TestPoints"},
    }
    assert {split: block.open for split, block in made.blocks.items()} == {split: ["dataset::path"] for split in found}
    assert made.notes == []


def test_batches_of_another_size(choice):
    text = "train_loader = DataLoader(Points('a'), 32)\nval_loader = DataLoader(Points('b'), batch_size=8)\n"
    files = {"data.py": POINTS.format("test=False"), "train.py": script(text)}
    found, made = parts(choice("a", files))
    assert {split: size for split, (_, size) in found.items()} == {"train": 32, "val": 8, "test": 32}
    assert ["shuffle: true" in block.lines for block in made.blocks.values()] == [True, False, False]


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ("", ["# val: {...}  # the same for validation data; test and predict likewise"]),
        (
            "a, b = random_split(d, [8, 2])\n",
            ["# val: {...}  # train.py:3 takes it from the training data, by random_split"],
        ),
        ("val_set = Points('b')\n", ["# test: {...}  # the same for the data of 'lighter test'"]),
        ("test_set = Points('b')\n", ["# val: {...}  # the same for validation data"]),
    ],
)
def test_a_word_on_what_is_not_known(choice, text, notes):
    files = {"data.py": POINTS.format("n=1"), "train.py": script(text)}
    assert loaders(choice("a", files)).notes == notes


def test_data_from_outside_is_told_for_each_part(choice, repositories):
    more = (
        "test_loader = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10(root='d', train=False), batch_size=9)\n"
    )
    files = {**repositories["tiny-cifar"], "main.py": f"import torch\n{repositories['tiny-cifar']['main.py']}{more}"}
    dataset = "{_target_: torchvision.datasets.CIFAR10, root: d, train: false}"
    assert loaders(choice("a", files)).notes == [
        "# val: {...}  # the same for validation data",
        f"# test: {{_target_: torch.utils.data.DataLoader, dataset: {dataset}, batch_size: 9}}  # as in main.py:15",
    ]


def test_only_what_is_wanted(choice):
    files = {"data.py": POINTS.format("train=True, test=False"), "train.py": ""}
    assert loaders(choice("a", files)).blocks.keys() == {"train", "val", "test"}
    assert loaders(choice("a", files), ["test"]).blocks.keys() == {"train", "test"}
