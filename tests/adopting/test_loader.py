from lighter.adopting.loader import loader

DATA = """
import torch
from torch.utils.data import IterableDataset, Dataset
class Stream(IterableDataset):
    def __init__(self, path): ...
"""


def test_a_loader_over_the_dataset_with_its_collate_function(choice):
    block, chosen = loader(choice("shapes"))
    assert block.lines == [
        "_target_: torch.utils.data.DataLoader",
        "dataset:",
        "  _target_: shapes.src.data.points.Points  # src/data/points.py:4",
        "  count: 12  # as in src/train.py:7",
        "  width: 3  # as in src/train.py:7",
        "  # split: train",
        "collate_fn:",
        "  _target_: shapes.src.data.points.collate  # src/data/points.py:10",
        "  _mode_: callable",
        "batch_size: 4",
        "shuffle: true",
    ]
    assert [one.here.name for one in chosen] == ["Points", "collate"]
    assert block.open == []


def test_a_stream_is_not_shuffled_and_a_collate_function_elsewhere_is_a_comment(choice):
    files = {
        "data.py": DATA,
        "batch.py": "import torch\ndef my_collate(batch): ...\nclass Collator:\n  def __call__(s): ...\n",
    }
    block, chosen = loader(choice("a", files))
    assert block.open == ["dataset::path"]
    assert "shuffle: true" not in block.lines
    assert "# collate_fn: {_target_: a.batch.Collator}  # batch.py:3" in block.lines
    assert "# collate_fn: {_target_: a.batch.my_collate, _mode_: callable}  # batch.py:2" in block.lines
    assert [one.here.name for one in chosen] == ["Stream"]


def test_without_a_dataset_those_that_scripts_use_are_told(choice):
    block, chosen = loader(choice("tiny-cifar"))
    called = "{_target_: torchvision.datasets.CIFAR10, root: ./data, train: true, download: true}"
    assert block.lines[1:3] == [
        f"# dataset: {called}  # as in main.py:10",
        "# dataset: ...  # required: no dataset was found in the repository",
    ]
    assert (block.open, chosen) == (["dataset"], [])
