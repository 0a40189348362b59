"""Bundles as people write them for MONAI: short names, `#`, later files with places for keys, statements to run."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from lighter import Config
from lighter.training.stages import Stage

Resolve = Callable[[str], Any]

TRAIN = {
    "imports": ["$import glob", "$import os", "$from pathlib import Path"],
    "bundle_root": ".",
    "ckpt_dir": "$@bundle_root + '/models'",
    "dataset_dir": "$os.path.join(@bundle_root, 'data')",
    "images": "$list(sorted(glob.glob(@dataset_dir + '/image_*.npy')))",
    "labels": "$[name.replace('image_', 'label_') for name in @images]",
    "val_interval": 5,
    "device": "$torch.device('cpu' if True else 'cuda:0')",
    "network_def": {
        "_target_": "UNet",
        "spatial_dims": 2,
        "in_channels": 1,
        "out_channels": 2,
        "channels": [4, 8],
        "strides": [2],
        "num_res_units": 1,
        "norm": "batch",
    },
    "network": "$@network_def.to(@device)",
    "loss": {"_target_": "DiceCELoss", "to_onehot_y": True, "softmax": True, "squared_pred": True, "batch": True},
    "optimizer": {"_target_": "torch.optim.Adam", "params": "$@network.parameters()", "lr": 0.0001},
    "train": {
        "deterministic_transforms": [
            {"_target_": "LoadImaged", "keys": ["image", "label"], "image_only": True},
            {"_target_": "EnsureChannelFirstd", "keys": ["image", "label"], "channel_dim": "no_channel"},
            {"_target_": "ScaleIntensityRanged", "keys": "image", "a_min": 0, "a_max": 64, "b_min": 0.0, "b_max": 1.0},
            {"_target_": "ToTensord", "keys": ["image", "label"], "_disabled_": "$not @train#augment"},
        ],
        "augment": True,
        "random_transforms": [
            {"_target_": "RandFlipd", "keys": ["image", "label"], "prob": 1.0, "spatial_axis": 0},
            {"_target_": "RandFlipd", "keys": ["image", "label"], "prob": 1.0, "spatial_axis": 1, "_disabled_": True},
        ],
        "preprocessing": {
            "_target_": "Compose",
            "transforms": "$@train#deterministic_transforms + @train#random_transforms",
        },
        "dataset": {
            "_target_": "CacheDataset",
            "data": "$[{'image': i, 'label': l} for i, l in zip(@images[:-1], @labels[:-1])]",
            "transform": "@train#preprocessing",
            "cache_rate": 1.0,
            "num_workers": 0,
            "progress": False,
        },
        "dataloader": {
            "_target_": "DataLoader",
            "dataset": "@train#dataset",
            "batch_size": 2,
            "shuffle": True,
            "num_workers": 0,
        },
        "inferer": {"_target_": "SimpleInferer"},
        "postprocessing": {
            "_target_": "Compose",
            "transforms": [
                {"_target_": "Activationsd", "keys": "pred", "softmax": True},
                {"_target_": "AsDiscreted", "keys": ["pred", "label"], "argmax": [True, False], "to_onehot": 2},
            ],
        },
        "handlers": [
            {"_target_": "scripts.Handler", "name": "lr", "print_lr": True},
            {"_target_": "scripts.Handler", "name": "validate", "interval": "@val_interval"},
            {
                "_target_": "scripts.Handler",
                "name": "stats",
                "output_transform": "$lambda output: output['loss'] * @val_interval",
            },
        ],
        "trainer": {
            "_target_": "scripts.Trainer",
            "max_epochs": 2,
            "device": "@device",
            "train_data_loader": "@train#dataloader",
            "network": "@network",
            "loss_function": "@loss",
            "optimizer": "@optimizer",
            "inferer": "@train#inferer",
            "postprocessing": "@train#postprocessing",
            "train_handlers": "@train#handlers",
            "amp": "$False and @device.type == 'cuda'",
        },
    },
    "initialize": ["$monai.utils.set_determinism(seed=123)", "$setattr(torch.backends.cudnn, 'benchmark', False)"],
    "run": ["$@train#trainer.run()"],
}

# The keys are places; what they put in the place of another thing is a text, a number, or a call with the same keys.
SEVERAL_GPUS = {
    "device": "$torch.device(f'cpu:{dist.get_rank()}' if dist.is_initialized() else 'cpu')",
    "network": {"_target_": "scripts.Parallel", "module": "$@network_def.to(@device)", "device_ids": ["@device"]},
    "train#sampler": {
        "_target_": "torch.utils.data.RandomSampler",
        "data_source": "@train#dataset",
        "generator": "$torch.Generator().manual_seed(0)",
    },
    "train#dataloader#sampler": "@train#sampler",
    "train#dataloader#shuffle": False,
    "train#handlers#1#interval": 7,
    "train#trainer#train_handlers": "$@train#handlers[: -2 if len(@train#handlers) > 0 else None]",
    "+train#postprocessing#transforms": [{"_target_": "ToTensord", "keys": "pred"}],
    "+imports": ["$import torch.distributed as dist"],
    "initialize": [
        "$dist.is_initialized() or print('one process')",
        "$monai.utils.set_determinism(seed=123)",
        "$@train#trainer.add('started')",
    ],
    "finalize": ["$dist.is_initialized() and dist.destroy_process_group()"],
}

EVALUATE = {
    "evaluator": {
        "_target_": "scripts.Trainer",
        "network": "@network",
        "postprocessing": "@train#postprocessing",
        "val_handlers": [
            {
                "_target_": "scripts.Handler",
                "name": "load",
                "load_path": "$@ckpt_dir + '/model.pt'",
                "load_dict": {"model": "@network"},
            }
        ],
    },
    "initialize": ["$monai.utils.set_determinism(seed=123)"],
    "run": ["$@evaluator.add('evaluated')", "$@evaluator.log"],
}

INFERENCE = """
imports:
  - $import os
  - $import json as reader
bundle_root: .
input: {shape: [1, 1, 48, 48], mean: 0.5}
sample: $torch.full(@input::shape, @input::mean)
checkpoint: $os.path.join(@bundle_root, 'models', 'model.pt')
patch: [32, 32]
network_def:
  _target_: BasicUNet
  _desc_: "a small one: $5 of compute"
  spatial_dims: "$len(@patch)"
  in_channels: 1
  out_channels: "@::::classes"
  features: $[4 for _ in range(6)]
classes: 3
network: $@network_def.to(torch.device('cpu')).eval()
weights:
  _target_: torch.load
  f: "@checkpoint"
  _disabled_: $not os.path.exists(@checkpoint)
preprocessing:
  _target_: Compose
  transforms:
    - _target_: ScaleIntensity
      minv: 0.0
      maxv: "@::::::::scale::max"
    - _target_: EnsureType
      dtype: $torch.float32
    - "@weights"
  _disabled_: $False
scale: {max: 1.0}
inferer:
  _target_: SlidingWindowInferer
  roi_size: "@patch"
  sw_batch_size: 4
  overlap: $1 / 2
postprocessing:
  _target_: Compose
  transforms:
    - _target_: Activations
      softmax: true
      dim: 1
    - _target_: AsDiscrete
      argmax: true
      dim: 1
      _mode_: default
loader: {_target_: DataLoader, dataset: {_target_: Dataset, data: $list(@sample)}, batch_size: 1}
run:
  - $@network_def.load_state_dict(@weights) if @weights is not None else None
  - '$@postprocessing(@inferer(inputs=@sample, network=@network).detach())'
"""

GENERATION = """
imports: ["$from functools import partial", "$import math"]
epochs: 100
spatial_dims: 2
channels: [4, 8]
defaults:
  conv: {_target_: torch.nn.Conv2d, in_channels: 1, out_channels: "@::width", kernel_size: 3, width_of: "@channels::0"}
  width: "@channels::0"
autoencoder_def:
  _target_: AutoEncoder
  spatial_dims: "@spatial_dims"
  in_channels: 1
  out_channels: 1
  channels: "@channels"
  strides: $[2] * len(@channels)
discriminator: {_target_: torch.nn.Sequential, _mode_: callable}
layers: "$[torch.nn.Linear(n, n) for n in @channels if n > min(@channels)]"
head: "$@discriminator(*@layers, torch.nn.ReLU())"
optimizer_g: {_target_: torch.optim.Adam, params: "$@autoencoder_def.parameters()", lr: 1.0e-4}
optimizer_d: {_target_: torch.optim.Adam, params: "$@head.parameters()", lr: "$@optimizer_g.param_groups[0]['lr'] * 5"}
decay: "$lambda epoch: (1 - epoch / @epochs) ** 0.9"
schedulers:
  - {_target_: torch.optim.lr_scheduler.LambdaLR, optimizer: "@optimizer_g", lr_lambda: "@decay"}
  - _target_: torch.optim.lr_scheduler.LambdaLR
    optimizer: "@optimizer_d"
    lr_lambda: "$lambda epoch: sum(0.1 for n in @channels if epoch < @epochs) + @decay(epoch)"
    _requires_: ["@schedulers::0", "$@log.append('second')"]
log: {_target_: list}
loss_fn: {_target_: "@criteria::l1", reduction: sum}
criteria:
  l1: $torch.nn.L1Loss
  ssim: {_target_: SSIMLoss, spatial_dims: "@spatial_dims", _mode_: callable}
recon: "$lambda a, b: @loss_fn(a, b) + @criteria::ssim(data_range=1.0)(a, b)"
copy: "%autoencoder_def"
widths: ["%channels::0", "%defaults::width", "%#0"]
step:
  - "$@log.append('first')"
  - "$[(scheduler.optimizer.step(), scheduler.step()) for scheduler in @schedulers]"
"""

SCRIPTS = """
class Handler:
    def __init__(self, name, **given):
        self.name, self.given = name, given


class Parallel:
    def __init__(self, module, device_ids):
        self.module, self.device_ids = module, device_ids
        self.parameters, self.train = module.parameters, module.train

    def __call__(self, batch):
        return self.module(batch)


class Trainer:
    def __init__(self, network, postprocessing=None, **given):
        self.network, self.postprocessing, self.given, self.log = network, postprocessing, given, []

    def add(self, text):
        self.log.append(text)

    def run(self):
        losses = []
        for _ in range(self.given["max_epochs"]):
            for batch in self.given["train_data_loader"]:
                pred = self.given["inferer"](batch["image"], self.network)
                loss = self.given["loss_function"](pred, batch["label"])
                loss.backward()
                self.given["optimizer"].step()
                losses.append(loss.item())
        return losses
"""


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bundle's folder to work in, with its script and four images."""
    import numpy as np

    (tmp_path / "scripts.py").write_text(SCRIPTS, encoding="utf-8")
    (tmp_path / "data").mkdir()
    for number in range(4):
        image = np.arange(64, dtype=np.float32).reshape(8, 8) + number
        np.save(tmp_path / "data" / f"image_{number}.npy", image)
        np.save(tmp_path / "data" / f"label_{number}.npy", (image > 32).astype(np.float32))
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def by_both(*files: str) -> tuple[Resolve, Resolve]:
    """What resolves a place of some files, Lighter's way and MONAI's."""
    from monai.bundle import ConfigParser

    return Config.load(*files).resolve, ConfigParser(ConfigParser.load_config_files(list(files))).get_parsed_content


def trained(resolve: Resolve) -> list[Any]:
    torch.manual_seed(0)
    resolve("imports"), resolve("initialize")
    trainer = resolve("train#trainer")
    return [
        resolve("images"),
        resolve("labels"),
        [type(step).__name__ for step in resolve("train#preprocessing").transforms],
        [type(step).__name__ for step in resolve("train::postprocessing").transforms],
        len(resolve("train#dataset")),
        [(handler.name, sorted(handler.given)) for handler in trainer.given["train_handlers"]],
        resolve("train#handlers#1").given,
        resolve("train#handlers#2").given["output_transform"]({"loss": 3}),
        type(trainer.given["train_data_loader"].sampler).__name__,
        trainer.network is resolve("network"),
        type(trainer.network).__name__,
        trainer.given["device"],
        resolve("run"),
        trainer.log,
    ]


@pytest.mark.parametrize("later", [[], [SEVERAL_GPUS], [EVALUATE], [SEVERAL_GPUS, EVALUATE]])
def test_a_bundle_that_trains(bundle: Path, later: list[dict[str, Any]]) -> None:
    names = [f"train{number}.json" for number in range(1 + len(later))]
    for name, content in zip(names, [TRAIN, *later], strict=True):
        (bundle / name).write_text(json.dumps(content, indent=4), encoding="utf-8")
    assert Config.load(*names).check() == []
    ours, theirs = by_both(*names)
    results = trained(ours)
    assert results == trained(theirs)
    ran = results[-2][-1]
    assert ran == ["evaluated"] if EVALUATE in later else len(ran) == 4


def test_a_bundle_that_predicts(bundle: Path) -> None:
    (bundle / "inference.yaml").write_text(INFERENCE, encoding="utf-8")
    assert Config.load("inference.yaml").check() == []
    for checkpoint in (False, True):
        if checkpoint:
            (bundle / "models").mkdir()
            torch.save(
                Config.load("inference.yaml").resolve("network_def").state_dict(), bundle / "models" / "model.pt"
            )
        results = []
        for resolve in by_both("inference.yaml"):
            torch.manual_seed(0)
            (loaded, mask), loader = resolve("run"), resolve("loader")
            steps = resolve("preprocessing").transforms
            results.append((str(loaded), mask.tolist(), [type(step).__name__ for step in steps], len(loader)))
        assert results[0] == results[1]
        assert ("matched" in results[0][0]) == checkpoint


def test_a_bundle_that_generates(bundle: Path) -> None:
    (bundle / "generate.yaml").write_text(GENERATION, encoding="utf-8")
    results = []
    for resolve in by_both("generate.yaml"):
        torch.manual_seed(0)
        resolve("step")
        one, two = torch.ones(1, 1, 16, 16), torch.full((1, 1, 16, 16), 0.5)
        results.append(
            [
                [scheduler.get_last_lr() for scheduler in resolve("schedulers")],
                repr(resolve("head")),
                repr(resolve("copy")),
                resolve("copy") is resolve("autoencoder_def"),
                resolve("recon")(one, two).item(),
                resolve("widths"),
                list(resolve("log")),
                resolve("schedulers#1").optimizer is resolve("optimizer_d"),
            ]
        )
    assert results[0] == results[1]
    assert results[0][6] == ["first", "second"]


OWN_FILES = {
    "scripts/__init__.py": "",
    "scripts/losses.py": "from .parts import K\ndef loss(a, b):\n    return K * (a - b)\n",
    "scripts/parts.py": "K = 3\n",
    "src/deep.py": "from scripts.parts import K\n",
}
WITH_SCRIPTS = """
project: {project}
imports: ["$import scripts", "$from scripts import losses"]
vars:
  whole: $import scripts.losses as whole
  deep: $import deep
  values: ["$losses.loss(5, 4)", "$whole.loss(3, 1)", "$scripts.losses.K", "$deep.K", "$scripts.parts.K"]
  bound: {{_target_: scripts.losses.loss, a: 1, b: 1}}
"""


@pytest.fixture
def with_scripts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delitem(sys.modules, "scripts", raising=False)  # another bundle's
    for name, text in OWN_FILES.items():
        path = tmp_path / "bundle" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "bundle" / "configs").mkdir()
    return tmp_path / "bundle"


@pytest.mark.parametrize(("place", "project"), [("../train.yaml", "bundle"), ("configs/train.yaml", "..")])
def test_a_bundles_own_scripts_are_imported_as_from_its_root(with_scripts: Path, place: str, project: str) -> None:
    (with_scripts / place).write_text(WITH_SCRIPTS.format(project=project).rpartition("  bound:")[0])
    for allow in (None, "bundle"):
        config = Config.load(str(with_scripts / place))
        assert config.check(allow=allow) == []
        assert config.resolve("vars::values", allow=allow) == [3, 6, 3, 3, 3]
    assert len(Config.load(str(with_scripts / place)).check(allow="torch")) > 0
    loss = Config.load(str(with_scripts / place)).resolve("vars::whole")
    assert loss.__name__ == "bundle.scripts.losses"


def test_a_target_still_says_that_it_means_the_project(with_scripts: Path) -> None:
    (with_scripts / "train.yaml").write_text(WITH_SCRIPTS.format(project="."))
    (problem,) = Config.load(str(with_scripts / "train.yaml")).check()
    assert problem.help == "the project has it: write 'project.scripts.losses.loss'"


@pytest.mark.parametrize(
    "written", ["$import no_such_thing", "$from os import no_such_thing", "$import scripts.nothing"]
)
def test_an_import_statement_that_names_nothing_is_told_wherever_it_stands(with_scripts: Path, written: str) -> None:
    config = Config({"project": str(with_scripts), "vars": {"a": [written]}, "system": {"_target_": "lighter.System"}})
    for stage in ("fit", "test", None):
        assert [one.place for one in config.check_calls(Stage(stage) if stage else None)][:1] == ["vars::a::0"]
