import pytest

from lighter.cli.adopting.reading import Here
from lighter.cli.adopting.recognising import Kind
from lighter.cli.adopting.samples import Sample, sample_of

DATA = """
import torch
from torch.utils.data import Dataset
class Base(Dataset):
    def __init__(self): ...
    def __getitem__(self, index):
        def helper(): return 1
        {}
class Points(Base): ...
"""


@pytest.mark.parametrize(
    ("text", "keys", "count"),
    [
        ("return {'signal': 1, 'label': 2}", ("signal", "label"), 0),
        ("return dict(signal=1, label=2)", ("signal", "label"), 0),
        ("s = {'signal': 1}; s['label'] = 2; s = self.t(s); return s", ("signal", "label"), 0),
        ("return self.transform({'signal': 1})", ("signal",), 0),
        ("x = 1; return x, 2, 3", (), 3),
        ("p = (1, 2); return p", (), 2),
    ],
)
def test_what_a_dataset_gives(recognised, text, keys, count):
    found = recognised("a", {"data.py": DATA.format(text)})
    points = found.by_here[Here("data.py", "Points")]
    assert sample_of(points, found.names) == Sample(keys, count, "data.py:8")


@pytest.mark.parametrize(
    "text",
    ["return x", "return (*a, 1)", "return f(1, 2)", "x = x; return x", "if x: return 1, 2\n        return 1", "..."],
)
def test_what_nobody_can_say(recognised, text):
    found = recognised("a", {"data.py": DATA.format(text)})
    assert sample_of(found.by_here[Here("data.py", "Points")], found.names) is None


def test_what_a_collate_function_gives(recognised):
    text = "import torch\ndef my_collate(batch):\n    return {'x': 1}\nclass Collator:\n"
    text += "    def __call__(self, batch):\n        return 1, 2\n"
    found = recognised("a", {"batch.py": text})
    given = [sample_of(one, found.names) for one in found.of(Kind.COLLATE)]
    assert {(one.keys, one.count) for one in given} == {(("x",), 0), ((), 2)}
