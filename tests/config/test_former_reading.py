"""A config of a former Lighter: it runs as it is, with the numbers that it had, and a note for each old spelling."""

from pathlib import Path

import pytest
import torch

from lighter import Config, Runner
from lighter.config.former_reading import apart, told
from lighter.errors import ConfigError
from tests.conftest import CODE

OLD = """
_requires_: ["$import math"]
project: ./projects/line
vars: {rate: 0.1, size: 4}
trainer:
  _target_: pytorch_lightning.Trainer
  max_epochs: 2
  accelerator: cpu
  logger: false
  enable_progress_bar: false
  enable_model_summary: false
  callbacks:
    - {_target_: lighter.callbacks.Freezer, name_starts_with: layer.b, until_epoch: 1}
args: {fit: {ckpt_path: null}}
system:
  _target_: lighter.System
  model: {_target_: project.parts.Line}
  criterion: {_target_: torch.nn.HuberLoss}
  optimizer: {_target_: torch.optim.SGD, params: "$@system#model.parameters()", lr: "$math.sqrt(%vars::rate ** 2)"}
  dataloaders:
    train:
      _target_: torch.utils.data.DataLoader
      dataset: {_target_: line.parts.Points, count: 12}
      batch_size: "%vars::size"
    val: "%::train"
  adapters:
    train:
      batch: {_target_: lighter.adapters.BatchAdapter, input_accessor: 0, target_accessor: 1}
      criterion:
        _target_: lighter.adapters.CriterionAdapter
        pred_argument: target
        target_argument: 0
        pred_transforms: [$torch.sigmoid]
    val: "%#train"
"""
NEW = """
project: ..
seed: 1
vars: {rate: 0.1, size: 4}
trainer:
  max_epochs: 2
  accelerator: cpu
  logger: false
  enable_progress_bar: false
  enable_model_summary: false
  callbacks:
    - {_target_: lighter.Freezer, names: model.layer.bias, until_epoch: 1}
system:
  _requires_: ["$import math"]
  model: {_target_: project.parts.Line}
  criterion: {_target_: torch.nn.HuberLoss}
  optimizer: {_target_: torch.optim.SGD, lr: "$math.sqrt(@vars::rate ** 2)"}
  dataloaders:
    train:
      _target_: torch.utils.data.DataLoader
      dataset: {_target_: line.parts.Points, count: 12}
      batch_size: "%vars::size"
    val: "%::train"
  adapters:
    batch: {input: 0, target: 1}
    criterion: {arguments: {0: target, target: pred}, transforms: {pred: [$torch.sigmoid]}}
"""


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the configs of a project, which is named from the working folder."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "projects/line/experiments"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").touch()
    (folder.parent / "parts.py").write_text(CODE, encoding="utf-8")
    (folder / "old.yaml").write_text(OLD, encoding="utf-8")
    (folder / "new.yaml").write_text(NEW, encoding="utf-8")
    return folder


def load(*texts: str) -> Config:
    """Files of these texts, as the former's command line joined them."""
    names = [f"{number}.yaml" for number in range(len(texts))]
    for name, text in zip(names, texts, strict=True):
        Path(name).write_text(text, encoding="utf-8")
    return Config.load(",".join(names))


def notes(config: Config) -> list[tuple[str, str]]:
    return [(note.what, note.help) for note in config.spellings]


def test_it_trains_as_it_did(project: Path) -> None:
    old, new = Runner(project / "old.yaml", "seed=1"), Runner(project / "new.yaml")
    old.fit()
    new.fit()
    assert old.system.model.layer.weight.tolist() == new.system.model.layer.weight.tolist()
    assert old.system.model.layer.bias.tolist() == new.system.model.layer.bias.tolist()
    assert new.config.spellings == ()

    # By hand: HuberLoss(target, target=sigmoid(pred)) is symmetric, and the bias rests in the first of two epochs.
    torch.manual_seed(1)
    weight, bias = (one.detach().clone() for one in torch.nn.Linear(2, 1).parameters())
    points = torch.randn(12, 2, generator=torch.Generator().manual_seed(0))
    for epoch in range(2):
        for batch in points.split(4):
            weight.requires_grad_(True)
            bias.requires_grad_(True)
            loss = torch.nn.functional.huber_loss(torch.sigmoid(batch @ weight.T + bias), batch.sum(1, keepdim=True))
            steps = torch.autograd.grad(loss, (weight, bias))
            weight = (weight - 0.1 * steps[0]).detach()
            bias = (bias - 0.1 * steps[1] * (epoch > 0)).detach()
    assert torch.allclose(old.system.model.layer.weight, weight)
    assert torch.allclose(old.system.model.layer.bias, bias)


def test_each_spelling_is_told_once(project: Path) -> None:
    config = Config.load(project / "old.yaml")
    assert config.check("fit") == []
    assert [(note.what.removesuffix(": a spelling of a former Lighter"), note.help) for note in config.warnings] == [
        ("'name_starts_with'", "write 'names: [\"model.layer.b*\"]'"),
        ("'%' within an expression", "write '@vars::rate'"),
        ("'input_accessor'", "write 'input:'"),
        ("'target_accessor'", "write 'target:'"),
        ("'pred_argument'", "write 'arguments: {0: target, target: pred}'"),
        ("'target_argument'", "write 'arguments: {0: target, target: pred}'"),
        ("'pred_transforms'", "write 'transforms: {pred: ...}'"),
        ("'_requires_' at the top", "write 'system::_requires_:'"),
        ("'project' from the working folder", "write 'project: ..'"),
        ("'#' in '@system#model'", "write '@system::model'"),
        ("'#' in '%#train'", "write '%::train'"),
    ]
    assert all(note.code == "former" and note.position is not None for note in config.warnings)


def test_what_stands_at_several_places_is_one_note() -> None:
    part = "{_target_: lighter.BatchAdapter, input_accessor: 0}"
    config = load(f"a: {part}\nb:\n  {part}\n")
    (note,) = told(config.spellings)
    assert (str(note.position), note.again) == ("0.yaml:1:37", ("0.yaml:3:36 b::input_accessor",))


def test_files_with_a_comma_between_are_several_and_their_lists_add_up() -> None:
    over = "a: {list: [2], other: {x: 2}}\n+b: [2]\n=c: [2]\nd::e: [2]\n"
    config = load("a: {list: [1], other: {x: 1}}\nb: [1]\nc: [1]\nd: {e: [1]}\n", over)
    assert config["a"] == {"list": [1, 2], "other": {"x": 2}}
    assert (config["b"], config["c"], config["d::e"]) == ([1, 2], [2], [1, 2])
    added = "a list that adds to that of an earlier file: a spelling of a former Lighter"
    assert notes(config) == [
        ("files joined by commas: a spelling of a former Lighter", "write '0.yaml 1.yaml'"),
        (added, "write '+list:'"),
        (added, "write '+d::e:'"),
    ]
    assert config.name == "0"
    assert Config.load("0.yaml", "1.yaml")["a::list"] == [2]


def test_a_file_with_a_comma_in_its_name_is_one() -> None:
    Path("a.yaml,b.yaml").write_text("x: 1", encoding="utf-8")
    assert apart("a.yaml,b.yaml") == ["a.yaml,b.yaml"]
    assert apart("a.yaml, b.json") == ["a.yaml", "b.json"]
    assert Config.load({"a": 1}, "a=c.yaml,d.yaml")["a"] == "c.yaml,d.yaml"
    with pytest.raises(ConfigError, match=r"there is no file 'gone\.yaml'"):
        Config.load("a.yaml,b.yaml,gone.yaml")


@pytest.mark.parametrize(
    ("code", "made"),
    [
        ("$%vars::x * 2", "$@vars::x * 2"),
        ("$[1, %vars::x][0] if %vars::x else %vars::x", "$[1, @vars::x][0] if @vars::x else @vars::x"),
        ("$f'{%vars::x}/%vars::x'", "$f'{@vars::x}/%vars::x'"),
        # Python's own sign, a text, and what is no plain value.
        ("$5 %vars::x", "$5 %vars::x"),
        ("$'%vars::x'", "$'%vars::x'"),
        ("$'%d' %vars", "$'%d' %vars"),
        ("$[%vars::call]", "$[%vars::call]"),
    ],
)
def test_raw_places_in_expressions(code: str, made: str) -> None:
    config = Config.load({"vars": {"x": 3, "call": {"_target_": "a.B"}}, "code": code})
    assert config["code"] == made
    assert bool(config.spellings) is (code != made)


def test_of_a_hash_alone_nothing_is_told() -> None:
    text = "a: {b: 1}\nc: '@a#b'\n"
    assert notes(load(text)) == []
    assert len(notes(load(f"{text}d: {{_target_: lighter.BatchAdapter, input_accessor: 0}}\ne#f: 1\n"))) == 3


SYSTEM = "system: {_target_: lighter.System, adapters: {batch: {input_accessor: 0}}}"


def test_a_project_starts_from_the_working_folder_only_in_a_config_of_a_former_lighter(project: Path) -> None:
    inner = project / "c.yaml"
    for text, folder in [
        (f"project: projects/line\n{SYSTEM}\n", project.parent),
        ("project: projects/line\nsystem: {_target_: lighter.System}\n", project.parent),
        (f"project: .\n{SYSTEM}\n", Path.cwd()),
        ("project: .\nsystem: {_target_: lighter.System}\n", project),
        (f"project: ..\n{SYSTEM}\n", Path.cwd().parent),
    ]:
        inner.write_text(text, encoding="utf-8")
        assert Config.load(inner).project.root == folder
    inner.write_text("project: projects/line\nsystem: {}\n", encoding="utf-8")
    assert len(Config.load(inner).check_structure()) >= 1


def test_requirements_stay_where_the_system_has_its_own() -> None:
    config = load("_requires_: [$import os]\nsystem: {_requires_: [$import re]}\n")
    assert notes(config) == []
    assert [one.what for one in config.check("fit")][:1] == ["'_requires_' is no top-level key"]


def test_known_paths_start_from_the_working_folder_too(project: Path) -> None:
    path = project / "c.yaml"
    logger = "{_target_: pytorch_lightning.loggers.CSVLogger, save_dir: logs}"
    text = f"{SYSTEM}\nargs: {{test: {{ckpt_path: a.ckpt}}, fit: {{ckpt_path: last}}}}\ntrainer: {{logger: {logger}}}\n"
    path.write_text(text, encoding="utf-8")
    config = Config.load(path)
    assert (config["args::test::ckpt_path"], config["args::fit::ckpt_path"]) == (str(Path("a.ckpt").absolute()), "last")
    assert config["trainer::logger::save_dir"] == str(Path("logs").absolute())
    assert notes(config)[1:] == [
        ("'ckpt_path' from the working folder: a spelling of a former Lighter", "write 'ckpt_path: ../../../a.ckpt'"),
        ("'save_dir' from the working folder: a spelling of a former Lighter", "write 'save_dir: ../../../logs'"),
    ]
    path.write_text(text.replace("input_accessor", "input"), encoding="utf-8")
    assert Config.load(path)["trainer::logger::save_dir"] == "logs"
