"""Configs of Lighter 0.0: converted they train to the same weights, keep their comments, and are told nothing of."""

from pathlib import Path

import pytest
import torch

from lighter import Config, Runner
from lighter.cli.converting.conversion import Request, conversion
from lighter.cli.converting.writing import written
from tests.conftest import CODE

# As the former's example has it, with made-up data.
OLD = """\
project: ./projects/line  # from the working folder

trainer:
    _target_: pytorch_lightning.Trainer
    max_epochs: 100
    accelerator: cpu
    # devices: 1  # 2
    logger: False
    callbacks:
        - _target_: lighter.callbacks.FileWriter
          path: '$f"{@project}/predictions"'
          writer: tensor
        - {_target_: pytorch_lightning.callbacks.ModelCheckpoint, dirpath: saved}

system:
    _target_: lighter.System
    model:
        _target_: "project.parts.Line"
    criterion:
        _target_: torch.nn.MSELoss
    optimizer:
        _target_: torch.optim.SGD
        params: "$@system#model.parameters()"
        lr: 0.010
    metrics:
        val:
            - _target_: torchmetrics.MeanAbsoluteError
    dataloaders:
        train:
            _target_: torch.utils.data.DataLoader
            batch_size: 4
            drop_last: True  # each epoch
            dataset: {_target_: parts.Points, count: 12}
        val: "%#train"
    adapters:
        train:
            # What is what.
            batch:
                _target_: lighter.adapters.BatchAdapter
                input_accessor: 0
                target_accessor: 1
            criterion:
                _target_: lighter.adapters.CriterionAdapter
                pred_argument: 1  # the second
                target_argument: 0  # the first
                pred_transforms:
                    - $torch.tanh  # small
        val: "%#train"
"""
OVER = "trainer#max_epochs: 2\ntrainer: {callbacks: [{_target_: pytorch_lightning.callbacks.Timer}]}\n"
NEW = """\
project: ..  # from the working folder
trainer:
  max_epochs: 2
  accelerator: cpu
  # devices: 1  # 2
  logger: false
  callbacks:
    - _target_: lighter.callbacks.FileWriter
      path: predictions
      format: pt
    - {_target_: pytorch_lightning.callbacks.ModelCheckpoint, dirpath: ../../../saved}
    - {_target_: pytorch_lightning.callbacks.Timer}
system:
  model:
    _target_: project.parts.Line
  criterion:
    _target_: torch.nn.MSELoss
  optimizer:
    _target_: torch.optim.SGD
    lr: 0.010
  metrics:
    val:
      - _target_: torchmetrics.MeanAbsoluteError
  dataloaders:
    train:
      _target_: torch.utils.data.DataLoader
      batch_size: 4
      drop_last: true  # each epoch
      dataset: {_target_: project.parts.Points, count: 12}
    val: '%::train'
  adapters:
    train:
      # What is what.
      batch:
        _target_: lighter.adapters.BatchAdapter
        input: 0
        target: 1
      criterion:
        _target_: lighter.adapters.CriterionAdapter
        arguments: [target, pred]  # the second
        # the first
        transforms:
          pred:
            - $torch.tanh  # small
    val: '%::train'
"""


@pytest.fixture(autouse=True)
def configs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the configs of a project, which is named from the working folder."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "projects/line/experiments"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").touch()
    (folder.parent / "parts.py").write_text(CODE, encoding="utf-8")
    return folder


def converted(*texts: str, words: tuple[str, ...] = (), to: str = "config.yaml") -> tuple[str, list[str]]:
    """What files of these texts become, and what is left to do."""
    files = tuple(Path(f"{number}.yaml") for number in range(len(texts)))
    for file, text in zip(files, texts, strict=True):
        file.write_text(text, encoding="utf-8")
    name, made = conversion(Request(files, words, Path(to)))
    assert name == "a config of Lighter 0.0 or 0.1"
    return written(made.root), made.left


def test_all_of_it_in_the_spelling_of_today(configs: Path) -> None:
    text, left = converted(OLD, OVER, to=str(configs / "new.yaml"))
    assert text == NEW
    assert left == ["trainer::callbacks::0 writes 'predictions' in the folder of each run: look for it there"]
    (configs / "new.yaml").write_text(text, encoding="utf-8")
    config = Config.load(configs / "new.yaml")
    assert (config.check("fit"), config.spellings) == ([], ())


def test_it_trains_to_the_same_weights(configs: Path) -> None:
    text, _ = converted(OLD.replace("{_target_: parts", "{_target_: project.parts"), to=str(configs / "new.yaml"))
    (configs / "new.yaml").write_text(text, encoding="utf-8")
    (configs / "old.yaml").write_text(OLD.replace("{_target_: parts", "{_target_: project.parts"), encoding="utf-8")
    found = []
    for name in ("old", "new"):
        runner = Runner(configs / f"{name}.yaml", "seed=3", "trainer::max_epochs=1")
        runner.fit()
        found.append(runner.system.model.state_dict())
    old, new = found
    assert old.keys() == new.keys()
    assert all(torch.equal(old[key], new[key]) for key in old)
    assert Path("saved").is_dir()


def test_places_and_marks_of_later_files_and_words() -> None:
    base = "system: {_target_: lighter.System}\nvars: {a: {b: 1, c: 2}, list: [1, 2, 3], d: 1, e: {f: 1}}\n"
    over = "vars:\n  ~list: [0, 2]\n  ~d: null\n  =e: {g: 1}\n  a: {b: 5}\n"
    text, _ = converted(base, over, words=("vars::a::c=[7]", "vars::list::0=8", "~vars::a::b", "vars::new::x=1"))
    assert text == "system: {}\nvars: {a: {c: [7]}, list: [8], e: {g: 1}, new: {x: 1}}\n"


def test_what_writes_in_a_way_of_its_own_is_left_out() -> None:
    writer = "{_target_: lighter.callbacks.FileWriter, path: /out, writer: project.write}"
    text, left = converted(f"trainer:\n  callbacks:\n    - {writer}\nsystem: {{_target_: lighter.System}}\n")
    assert "# left out: write 'format: $lambda value, path: ...' and the 'suffix:' of its files\n" in text
    assert "writer: project.write" in text
    assert left == ["lighter.callbacks.FileWriter is to say how it writes, which was 'project.write'"]


@pytest.mark.parametrize("parts", ["datasets: {train: {_target_: a.B}}", "model: {_target_: a.B}"])
def test_older_ones_are_told(parts: str) -> None:
    _, left = converted(f"system: {{_target_: lighter.LighterSystem, {parts}}}\n")
    assert left == ["its 'system' is of Lighter 0.0.3 or older: see docs/how-to/coming-from-lighter.md"]


def test_its_requirements_are_those_of_the_system() -> None:
    text, _ = converted('_requires_:\n  - "$import math"  # for pi\nsystem:\n  _target_: lighter.System\n')
    assert text == "system:\n  _requires_:\n    - $import math  # for pi\n"
