"""Files of LightningCLI as configs of ours."""

from typing import Any

import pytest
import pytorch_lightning as pl
import torch

from lighter import Config, Runner
from lighter.cli.converting.conversion import Request, conversion
from lighter.cli.converting.writing import written as text_of
from lighter.config.dumping import plain
from lighter.config.loading import load_text
from lighter.errors import Source, UsageError

CODE = {
    "shapes/__init__.py": "",
    "shapes/lines.py": """
import torch
from pytorch_lightning import LightningDataModule, LightningModule
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Line(LightningModule):
    def __init__(self, net: nn.Module, batch_size: int = 2, classes: int = 1):
        super().__init__()
        self.net = net

    def training_step(self, batch, index):
        loss = nn.functional.mse_loss(self.net(batch[0]), batch[1])
        self.log("loss", loss)
        return loss


class Points(LightningDataModule):
    def __init__(self, batch_size: int = 8, folder: str = "data"):
        super().__init__()
        self.batch_size, self.classes = batch_size, 1
        points = torch.rand(16, 2, generator=torch.Generator().manual_seed(0))
        self.points = TensorDataset(points, points.sum(1, keepdim=True))

    def train_dataloader(self):
        return DataLoader(self.points, batch_size=self.batch_size, shuffle=True)
""",
    "config.yaml": """\
# the base of all
seed_everything: 3
model:
  class_path: shapes.lines.Line  # ours
  init_args:
    # how deep
    net:
      class_path: torch.nn.Linear
      init_args: {in_features: 2, out_features: 1}
data:
  class_path: shapes.lines.Points
  init_args:
    batch_size: 4
    folder: $HOME/x
trainer:
  max_epochs: 2
  accelerator: cpu
  callbacks:
    # stops
    - class_path: EarlyStopping
      init_args: {monitor: loss}
    - LearningRateMonitor
  logger: {class_path: CSVLogger, init_args: {save_dir: .}}
optimizer:
  class_path: SGD
  init_args:
    lr: 1e-2  # the rate
lr_scheduler:
  class_path: ReduceLROnPlateau
  init_args: {monitor: loss, patience: 0}
ckpt_path: null
""",
}


_QUIET = ("trainer::enable_progress_bar=false", "trainer::log_every_n_steps=1", "data::folder=x")


@pytest.fixture
def converted(tmp_path, monkeypatch, written):
    """The config that files, given by their texts or names, and words become: values, text, and what is left to do."""
    monkeypatch.chdir(tmp_path)
    written(tmp_path, CODE)

    def of(files: dict[str, str], *words: str, **options: str) -> tuple[dict[str, Any], str, list[str]]:
        written(tmp_path, {name: text for name, text in files.items() if text})
        paths = tuple(tmp_path / name for name in files if not name.endswith(".py"))
        request = Request(paths, words, tmp_path / "out.yaml", options)
        _, found = conversion(request, "lightning-cli")
        text = text_of(found.root)
        (tmp_path / "out.yaml").write_text(text)
        tree = load_text(Source("out.yaml", text))
        assert tree is not None
        return plain(tree), text, found.left

    return of


def test_a_whole_file(converted):
    values, text, left = converted({"config.yaml": ""})
    assert values == {
        "project": ".",
        "seed": 3,
        "system": {
            "_target_": "lighter.with_optimizer",
            "module": {
                "_target_": "project.shapes.lines.Line",
                "net": {"_target_": "torch.nn.Linear", "in_features": 2, "out_features": 1},
            },
            "optimizer": {"_target_": "torch.optim.SGD", "_mode_": "callable", "lr": 0.01},
            "scheduler": {
                "scheduler": {
                    "_target_": "torch.optim.lr_scheduler.ReduceLROnPlateau",
                    "_mode_": "callable",
                    "patience": 0,
                },
                "monitor": "loss",
            },
        },
        "data": {"_target_": "project.shapes.lines.Points", "batch_size": 4, "folder": "$HOME/x"},
        "trainer": {
            "max_epochs": 2,
            "accelerator": "cpu",
            "callbacks": [
                {"_target_": "pytorch_lightning.callbacks.EarlyStopping", "monitor": "loss"},
                {"_target_": "pytorch_lightning.callbacks.LearningRateMonitor"},
            ],
            "logger": {"_target_": "pytorch_lightning.loggers.CSVLogger", "save_dir": "."},
        },
    }
    for line in ("# the base of all", "Line  # ours", "# how deep", "# stops", "lr: 1e-2  # the rate"):
        assert line in text
    assert left == []
    config = Config.load("out.yaml")
    assert not [problem for stage in ("fit", "predict") for problem in config.check(stage) if not problem.is_warning]


def test_it_trains_to_the_weights_that_lightning_cli_comes_to(converted, monkeypatch):
    converted({"config.yaml": ""})
    result = Runner("out.yaml", *_QUIET, run_dir="run").fit()
    found = torch.load(result.checkpoints["last"], weights_only=False)["state_dict"]
    monkeypatch.syspath_prepend(".")
    from shapes.lines import Line, Points  # type: ignore[import-not-found]  # written above

    pl.seed_everything(3, workers=True)
    module = Line(torch.nn.Linear(2, 1))

    def configured():
        optimizer = torch.optim.SGD(module.parameters(), lr=1e-2)
        scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=0)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "monitor": "loss"}}

    module.configure_optimizers = configured
    quiet = {"logger": False, "enable_checkpointing": False, "enable_progress_bar": False, "log_every_n_steps": 1}
    pl.Trainer(max_epochs=2, accelerator="cpu", **quiet).fit(module, datamodule=Points(batch_size=4))
    assert all(torch.equal(found[name], value) for name, value in module.state_dict().items())


@pytest.mark.parametrize(("given", "seed"), [("true", 0), ("7", 7), ("false", None), ("null", None), ("", 0)])
def test_seeds(converted, given, seed):
    text = CODE["config.yaml"].replace("seed_everything: 3\n", f"seed_everything: {given}\n" if given else "")
    values, _, _ = converted({"a.yaml": text})
    assert values.get("seed") == seed


def test_later_files_and_words_lie_over_earlier_ones(converted):
    later = """
optimizer: {class_path: torch.optim.RMSprop}
lr_scheduler: {class_path: torch.optim.lr_scheduler.StepLR, init_args: {step_size: 1}}
trainer: {callbacks+: [{class_path: ModelSummary}]}
"""
    values, _, _ = converted({"config.yaml": "", "b.yaml": later}, "trainer.max_epochs=5", "model.classes=3")
    assert values["trainer"]["max_epochs"] == 5
    assert values["system"]["module"]["classes"] == 3
    assert [one["_target_"].rpartition(".")[2] for one in values["trainer"]["callbacks"]] == [
        "EarlyStopping",
        "LearningRateMonitor",
        "ModelSummary",
    ]
    # Another class keeps the arguments that it takes, as in LightningCLI.
    assert values["system"]["optimizer"] == {"_target_": "torch.optim.RMSprop", "_mode_": "callable", "lr": 0.01}
    target = "torch.optim.lr_scheduler.StepLR"
    assert values["system"]["scheduler"] == {"_target_": target, "_mode_": "callable", "step_size": 1}


def test_a_section_in_a_file_of_its_own(converted):
    data = "class_path: shapes.lines.Points\ninit_args: {batch_size: 3}\n"
    model = {"class_path": "shapes.lines.Line"}
    values, _, _ = converted({"data.yaml": data, "a.yaml": f"model: {model}\ndata: data.yaml\n"})
    assert values["data"] == {"_target_": "project.shapes.lines.Points", "batch_size": 3}


def test_sections_of_commands(converted):
    section = "  model: {class_path: shapes.lines.Line}\n  trainer: {max_epochs: 1}\n"
    test = section.replace("1", "2") + "  ckpt_path: a.ckpt\n"
    values, text, _ = converted({"a.yaml": f"fit:\n{section}  ckpt_path: b.ckpt\ntest:\n{test}"})
    assert values["args"] == {"fit": {"ckpt_path": "b.ckpt"}, "test": {"ckpt_path": "a.ckpt"}}
    assert values["trainer"] == {"max_epochs": 1}
    assert "# left out: here one config serves all stages, and for 'fit' it is another\n#   test:" in text


def test_later_words_and_files_lie_over_the_section_of_the_command(converted):
    section = "fit:\n  model: {class_path: shapes.lines.Line}\n  trainer: {max_epochs: 1}\n"
    files = {"a.yaml": section, "b.yaml": "trainer: {precision: 32-true, max_epochs: 2}\n"}
    assert converted(files)[0]["trainer"] == {"max_epochs": 2, "precision": "32-true"}
    values, _, _ = converted(files, "trainer.max_epochs=5", "fit.trainer.devices=1", "model.width=3")
    assert values["trainer"] == {"max_epochs": 5, "precision": "32-true", "devices": 1}
    assert values["system"]["width"] == 3


def test_defaults_that_print_config_writes_are_left_out(converted):
    nulls = "".join(f"  {key}: null\n" for key in ("precision", "logger", "callbacks", "profiler", "max_time"))
    data = "data: {class_path: shapes.lines.Points, init_args: {batch_size: 8, folder: x}}\n"
    file = f"model: {{class_path: shapes.lines.Line}}\n{data}trainer:\n  max_epochs: 2\n  accelerator: auto\n{nulls}"
    values, text, _ = converted({"a.yaml": file + "optimizer: null\nlr_scheduler: null\nckpt_path: null\n"})
    assert values["trainer"] == {"max_epochs": 2}
    assert values["data"] == {"_target_": "project.shapes.lines.Points", "folder": "x"}
    assert values["system"] == {"_target_": "project.shapes.lines.Line"}
    assert text.startswith("# 7 arguments that had their default values do not stand here.")


@pytest.mark.parametrize(
    ("link", "place", "value"),
    [
        ("data.batch_size=model.batch_size", "batch_size", "%data::batch_size"),
        ("data.init_args.batch_size=model.init_args.batch_size", "batch_size", "%data::batch_size"),
        ("data.classes=model.classes", "classes", "$@data.classes"),
    ],
)
def test_linked_arguments(converted, link, place, value):
    file = "model: {class_path: shapes.lines.Line}\ndata: {class_path: shapes.lines.Points}\n"
    values, _, left = converted({"a.yaml": file}, link=link)
    assert values["system"][place] == value
    assert values["data"].get("batch_size", 8) == 8
    assert left == []


def test_a_link_to_an_argument_of_a_callback_leaves_its_list(converted):
    script = """
from pytorch_lightning.callbacks import EarlyStopping
from shapes.lines import Line, Points

class CLI(LightningCLI):
    def add_arguments_to_parser(self, parser):
        parser.add_lightning_class_args(EarlyStopping, "stop")
        parser.link_arguments("data.batch_size", "stop.patience")

CLI(Line, Points)
"""
    files = {"main.py": script, "a.yaml": "data: {batch_size: 2}\nstop: {monitor: x}\n"}
    values, _, _ = converted(files, "main.py")
    called = "pytorch_lightning.callbacks.EarlyStopping"
    assert values["trainer"]["callbacks"] == [{"_target_": called, "monitor": "x", "patience": "%data::batch_size"}]


def test_a_link_to_nothing_is_told(converted):
    _, _, left = converted({"config.yaml": ""}, link="mine.a=model.classes")
    assert left == ["'model.classes' is linked to 'mine.a', which is not carried over: there is no such section"]


def test_what_is_no_section_is_kept_and_told(converted):
    values, _, left = converted({"config.yaml": "", "b.yaml": "mine: {a: 1}\n"})
    assert values["vars"] == {"mine": {"a": 1}}
    assert left == ["'mine' is no section of LightningCLI's own: it stands at 'vars::mine', where nothing uses it"]


@pytest.mark.parametrize(
    ("files", "words", "options", "said"),
    [
        ("model: {classes: 1}", (), {}, "which class 'model' is does not stand in the file: write --model=my_module"),
        ("optimizer: {lr: 1}", (), {}, "which class 'optimizer' is does not stand in the file: give the script"),
        ("trainer: {}", ("big",), {}, "'big' is no file, no script and no value: write trainer.max_epochs=3"),
        ("trainer: {}", (), {"link": "a.b"}, "'--link=a.b' names no two places"),
    ],
)
def test_what_cannot_be_converted(converted, files, words, options, said):
    with pytest.raises(UsageError, match=said.replace("(", r"\(")):
        converted({"a.yaml": files}, *words, **options)


def test_flags_name_the_classes(lighter, tmp_path, written, monkeypatch):
    written(tmp_path, CODE | {"a.yaml": "model: {classes: 3}\ndata: {batch_size: 2}\nseed_everything: 1\n"})
    monkeypatch.chdir(tmp_path)
    classes = ("--model=shapes.lines.Line", "--data=shapes.lines.Points")
    done = lighter("convert", "a.yaml", *classes, "--link=data.batch_size=model.batch_size", "--to=out.yaml")
    assert "out.yaml is written, from a config of LightningCLI" in done.stdout
    system = Config.load("out.yaml").get("system")
    assert system == {"_target_": "project.shapes.lines.Line", "classes": 3, "batch_size": 2}


pytestmark = pytest.mark.filterwarnings(
    "ignore:The 'train_dataloader' does not have many workers", "ignore:You defined a `validation_step`"
)
