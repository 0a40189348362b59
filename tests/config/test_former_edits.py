"""A former Lighter's spellings, written anew in their lines: the config means what it meant, and nothing is told."""

from pathlib import Path

import pytest

from lighter import Config
from lighter.cli.fixing import apply, edits_of

OLD = """\
_requires_: ["$import math"]  # for the rate
vars: {x: 3}
a: {_target_: lighter.adapters.BatchAdapter, input_accessor: 0, identifier_accessor: "id"}
b:
  _target_: lighter.CriterionAdapter
  pred_argument: 1  # the second
  target_argument: 0
  input_argument: null  # not given
  pred_transforms: ["$torch.sigmoid", $torch.round]
  target_transforms: $torch.flip(1, 2)
c:
  - {_target_: lighter.callbacks.FileWriter, path: /out, writer: "tensor"}
  - _target_: lighter.callbacks.freezer.Freezer
    name_starts_with: ["layer.a", layer.b]
  - _target_: lighter.callbacks.TableWriter
    writer: tensor
    path: /out.csv
d: {_target_: "lighter.utils.model.remove_n_last_layers_sequentially", model: $m}
e: "$[%vars::x, %vars::x]"
f: "$%vars::x + 1"
g: '@vars#x'
system: {}
"""
NEW = """\
system::_requires_: ["$import math"]  # for the rate
vars: {x: 3}
a: {_target_: lighter.adapters.BatchAdapter, input: 0, identifier: "id"}
b:
  _target_: lighter.CriterionAdapter
  arguments: [target, pred]  # the second
    # not given
  transforms: {pred: ["$torch.sigmoid", $torch.round], target: '$torch.flip(1, 2)'}
c:
  - {_target_: lighter.callbacks.FileWriter, path: /out, format: pt}
  - _target_: lighter.callbacks.Freezer
    names: ["model.layer.a*", "model.layer.b*"]
  - _target_: lighter.callbacks.TableWriter
    path: /out.csv
d: {_target_: "$lambda model, num_layers=1: torch.nn.Sequential(*[*model.children()][:-num_layers])", model: $m}
e: "$[%vars::x, %vars::x]"
f: "$@vars::x + 1"
g: '@vars::x'
system: {}
"""
# What takes more than a line is told, and stays.
BY_HAND = """\
a: {_target_: lighter.CriterionAdapter, pred_argument: 0, target_argument: 1}
b:
  _target_: lighter.CriterionAdapter
  pred_transforms:
    - $torch.sigmoid
c:
  - writer: tensor
    _target_: lighter.callbacks.TableWriter
d: {_target_: lighter.utils.data.collate_replace_corrupted, _mode_: callable}
e:
  _target_: lighter.callbacks.Freezer
  name_starts_with: [layer.a,
    layer.b]
"""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def fixed(text: str) -> str:
    path = Path("c.yaml")
    path.write_text(text, encoding="utf-8")
    apply(edits_of(Config.load("c.yaml").spellings))
    return path.read_text(encoding="utf-8")


def test_lines_are_written_anew() -> None:
    assert fixed(OLD) == NEW
    meant, made = Config.load({"x": "%c.yaml"}), Config.load("c.yaml")
    assert [note.what for note in made.spellings] == ["'%' within an expression: a spelling of a former Lighter"]
    assert meant["x::b"] == made["b"]


def test_what_takes_more_than_a_line_stays() -> None:
    assert fixed(BY_HAND) == BY_HAND
    assert len(Config.load("c.yaml").spellings) == 6


def test_a_list_and_a_project_are_edited(tmp_path: Path) -> None:
    Path("code/configs").mkdir(parents=True)
    base, over = Path("code/configs/a.yaml"), Path("b.yaml")
    base.write_text("project: ./code\nsystem: {_target_: lighter.System}\nvars:\n  list: [1]\n", encoding="utf-8")
    over.write_text("vars:\n  list: [2]\n", encoding="utf-8")
    apply(edits_of(Config.load(f"{base},{over}").spellings))
    assert base.read_text(encoding="utf-8").startswith("project: ..\n")
    assert over.read_text(encoding="utf-8") == "vars:\n  +list: [2]\n"
    config = Config.load(base, over)
    assert (config["vars::list"], config.project.root, config.spellings) == ([1, 2], tmp_path / "code", ())
