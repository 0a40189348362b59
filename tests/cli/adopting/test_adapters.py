import pytest
import yaml

from lighter import Runner
from lighter.cli.adopting.adapters import adapters
from lighter.cli.adopting.first_config import first_config
from lighter.cli.adopting.recognising import Kind

NET = """
import torch
from torch.utils.data import Dataset
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(4, 3)
    def forward(self, {}):
        return self.layer({})
class Points(Dataset):
    def __len__(self): return 8
    def __getitem__(self, index):
        return {}
"""


def found(choice, forward, sample):
    chosen = choice("a", {"net.py": NET.format(forward, "x", sample)})
    return adapters([chosen.first(Kind.MODEL), chosen.first(Kind.DATASET)], chosen)


@pytest.mark.parametrize(
    ("forward", "sample", "adapter"),
    [
        ("x", "dict(signal=1, label=2, id=3)", "{input: signal, target: label, identifier: id}"),
        ("x, y=0", "dict(x=1, y=2)", "{input: x, target: y}"),
        ("wave", "dict(wave=1, kind=2)", "{input: wave, target: kind}"),
        ("x", "dict(Image=1, Mask=2)", "{input: Image, target: Mask}"),
        ("signal, meta", "dict(signal=1, meta=2, label=3)", "{input: {signal: signal, meta: meta}, target: label}"),
        ("x, meta", "1, 2, 3", "{input: {x: 0, meta: 1}, target: 2}"),
        ("x", "1, 2, 3", "{input: 0, target: 1}"),
    ],
)
def test_what_names_say_is_filled_in_as_a_guess(choice, forward, sample, adapter):
    lines, is_whole = found(choice, forward, sample)
    assert is_whole
    assert lines[1] == "adapters:"
    written, guess, place = lines[2].partition("  # a guess: of the ")
    assert (written.strip(), bool(guess), place.endswith(" in net.py:13")) == (f"batch: {adapter}", True, True)
    yaml.safe_load("\n".join(lines))


@pytest.mark.parametrize(
    ("forward", "sample", "adapter"),
    [
        ("x", "dict(left=1, right=2, label=3)", "{input: ..., target: label}  # a guess: of the keys left"),
        ("x, meta", "dict(x=1, label=2)", "{input: {x: x, meta: ...}, target: label}  # a guess: of"),
        ("x, meta", "1, 2", "{input: {x: 0, meta: 1}, target: 2}  # a guess: of the 2 parts in net.py:13"),
        ("x, meta", "self.x", "{input: {x: 0, meta: 1}, target: 2}  # the model takes 2 inputs"),
    ],
)
def test_what_is_not_known_is_a_comment(choice, forward, sample, adapter):
    lines, is_whole = found(choice, forward, sample)
    assert not is_whole
    assert lines[1] == "# adapters:  # which part of a batch, or of the model's output, goes where"
    assert lines[2].startswith(f"#   batch: {adapter}")


@pytest.mark.parametrize("sample", ["1, 2", "self.x", "dict(input=1, target=2)", "1"])
def test_none_where_none_is_needed(choice, sample):
    assert found(choice, "x", sample) == ([], True)


def test_a_loss_of_more_than_a_prediction_and_a_target_is_told_of(choice):
    loss = "def my_loss(pred, target, weight): ...\n"
    chosen = choice("a", {"net.py": NET.format("x", "x", "dict(a=1, label=2)") + loss})
    parts = [chosen.first(kind) for kind in (Kind.MODEL, Kind.LOSS, Kind.DATASET)]
    lines, is_whole = adapters(parts, chosen)
    assert lines[2].startswith("  batch: {input: a, target: label}  # a guess")
    assert lines[3].startswith("  # criterion: {arguments: {pred: ..., target: ..., weight: ...}}  # each of pred")
    assert not is_whole


def test_a_batch_that_is_a_mapping_is_fitted(choice, tmp_path, monkeypatch):
    sample = "{'signal': torch.ones(4), 'label': index % 3, 'name': str(index)}"
    made = first_config(choice("waves", {"net.py": NET.format("signal", "signal", sample)}), "waves", "config.yaml")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.yaml").write_text(made.text)
    assert (made.open, made.is_whole) == ((), True)
    Runner("config.yaml", "trainer::fast_dev_run=true", "trainer::accelerator=cpu").fit()
