"""What a limited config may do: honest ones pass the check and are built."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from lighter import Config, Runner
from lighter.config.checks.all_stages import survey
from lighter.project.importable import unload

ALLOW = ("torch", "monai", "numpy", "sklearn", "my_project")
ROOT = Path(__file__).parents[3]

CODE = """
import torch


class Net(torch.nn.Linear):
    size = 3


def double(x):
    return 2 * x


def make(scale):
    def scaled(x):
        return scale * x
    return scaled


WIDTHS = [1, 2, 3]
"""


def call(target: str, /, *args: object, **kwargs: object) -> dict[str, object]:
    return {"_target_": target, **({"_args_": list(args)} if args else {}), **kwargs}


def handed(target: str, **kwargs: object) -> dict[str, object]:
    return call(target, _mode_="callable", **kwargs)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "my_project").mkdir()
    (tmp_path / "my_project" / "parts.py").write_text(CODE, encoding="utf-8")
    torch.save(torch.zeros(1), tmp_path / "weights.pt")
    torch.save({"weight": torch.ones(1, 2), "bias": torch.zeros(1)}, tmp_path / "linear.pt")
    np.save(tmp_path / "array.npy", np.zeros(1))
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    unload()


PARAMETERS = "$[torch.nn.Parameter(torch.zeros(1))]"
OPTIMIZER = call("torch.optim.AdamW", PARAMETERS, lr=1e-3)
THINGS: list[object] = [
    *[call("torch.nn.Linear", 2, 3), call("torch.nn.modules.linear.Linear", 2, 3), call("torch.nn.CrossEntropyLoss")],
    *[
        call("torch.tensor", [1.0, 2.0]),
        call("torch.zeros", 2, 3),
        call("torch.arange", 1000),
        call("torch.device", "cpu"),
    ],
    *[call("torch.nn.Sequential", call("torch.nn.Flatten"), call("torch.nn.ReLU")), call("torch.full", [3], -100.0)],
    *[call("torch.nn.TransformerEncoderLayer", 8, 2, activation=handed("torch.nn.functional.gelu"))],
    *[OPTIMIZER, call("torch.optim.SGD", PARAMETERS, lr=0.1, momentum=0.9)],
    *[call("torch.optim.lr_scheduler.CosineAnnealingLR", OPTIMIZER, T_max=3)],
    *[call("torch.optim.lr_scheduler.LambdaLR", OPTIMIZER, lr_lambda=handed("my_project.parts.double"))],
    call(
        "torch.optim.lr_scheduler.SequentialLR",
        "@optimizer",
        [
            call("torch.optim.lr_scheduler.LinearLR", "@optimizer"),
            call("torch.optim.lr_scheduler.StepLR", "@optimizer", 3),
        ],
        [2],
    ),
    handed("torch.optim.lr_scheduler.CosineAnnealingLR", T_max=3),
    call("torch.utils.data.DataLoader", "$list(range(8))", batch_size=4, collate_fn=handed("torch.tensor")),
    call(
        "torch.utils.data.DataLoader", "@data", sampler=call("torch.utils.data.RandomSampler", "@data"), num_workers=0
    ),
    call("torch.utils.data.random_split", "@data", [3, 1], call("torch.Generator")),
    call("torch.utils.data.Subset", "@data", "$range(2)"),
    call("torch.utils.data.WeightedRandomSampler", [0.5, 0.5], 4),
    call("torch.utils.data.distributed.DistributedSampler", "@data", num_replicas=2, rank=0),
    handed("torch.utils.data.default_collate"),
    call("torch.nn.functional.relu", "$torch.zeros(2)"),
    handed("torch.nn.functional.max_pool2d", kernel_size=2),
    handed("torch.argmax", dim=1),
    call("torch.nn.init.xavier_uniform_", "$torch.zeros(2, 2)"),
    call("torch.load", "weights.pt", weights_only=True),
    call("torch.load", "weights.pt", weights_only="$1 == 1"),
    call("numpy.load", "array.npy"),
    call("numpy.linspace", 0, 1, num=5),
    call("numpy.array", [1, 2], dtype="$np.float32"),
    call("torchmetrics.Accuracy", task="multiclass", num_classes=3),
    call("torchmetrics.classification.MulticlassF1Score", 3),
    call("torchmetrics.MetricCollection", [call("torchmetrics.MeanMetric"), call("torchmetrics.SumMetric")]),
    call("torchmetrics.text.Perplexity", ignore_index=-100),
    call("torchmetrics.text.SacreBLEUScore", tokenize="char"),
    call("pytorch_lightning.callbacks.EarlyStopping", monitor="val/loss/epoch"),
    call(
        "pytorch_lightning.callbacks.ModelCheckpoint", monitor="val/loss/epoch", filename="{epoch}-{val/loss/epoch:.2f}"
    ),
    call("pytorch_lightning.callbacks.LambdaCallback", on_fit_start=handed("my_project.parts.double")),
    call("pytorch_lightning.Trainer", accelerator="cpu", logger=False, enable_checkpointing=False),
    call("lightning.pytorch.Trainer", accelerator="cpu", logger=False, enable_checkpointing=False),
    call("lighter.DataLoader", "$list(range(8))", batch_size=4),
    call("lighter.BatchAdapter", input="image", target="label"),
    call("lighter.adapters.BatchAdapter", input="image", target="label"),
    call("lighter.callbacks.TableWriter", path="tables/test.csv", columns=["pred"]),
    call("lighter.callbacks.FileWriter", format="npy"),
    call("lighter.load_weights", call("torch.nn.Linear", 2, 1), "linear.pt"),
    call("lighter.replace_layers", call("torch.nn.Sequential", call("torch.nn.ReLU")), {"0": call("torch.nn.GELU")}),
    call("DiceLoss", sigmoid=True),
    call("monai.losses.dice.DiceLoss", to_onehot_y=True, softmax=True),
    call("monai.losses.DeepSupervisionLoss", call("monai.losses.DiceCELoss")),
    call("monai.networks.nets.UNet", 2, 1, 1, channels=[4, 8], strides=[2]),
    call("monai.networks.nets.resnet18", spatial_dims=2, n_input_channels=1),
    call("monai.networks.nets.EfficientNetBN", "efficientnet-b0", pretrained=False, spatial_dims=2, in_channels=1),
    call("monai.inferers.SlidingWindowInferer", roi_size=[8, 8]),
    call("monai.metrics.DiceMetric", include_background=False),
    call("monai.transforms.LoadImaged", keys=["image"], allow_missing_keys=True, reader="NibabelReader"),
    call("monai.transforms.LoadImage", reader=call("monai.data.NumpyReader")),
    call("monai.transforms.LoadImageD", keys="image", reader=handed("monai.data.PILReader")),
    call("monai.transforms.Compose", [call("monai.transforms.ScaleIntensity"), call("monai.transforms.ToTensor")]),
    call("monai.transforms.Lambda", func=handed("my_project.parts.double")),
    call("monai.data.CacheDataset", [1, 2], handed("my_project.parts.double"), progress=False),
    call("monai.data.partition_dataset", [1, 2, 3, 4], num_partitions=2),
    call("sklearn.datasets.load_digits", return_X_y=True),
    call("builtins.dict", a=1),
    call("my_project.parts.Net", 2, 3),
    call("project.parts.double", 2),
    call("my_project.parts.double", "weights.pt"),
    call("builtins.dict", f=call("my_project.parts.make", 2)),
    call("$torch.nn.ReLU"),
    "$from my_project.parts import Net as N",
    "$Net(2, 3)",
    "$nn.Linear(2, int(m.sqrt(9)))",
    "$WIDTHS[-1] + len(WIDTHS)",
    call("builtins.dict", _desc_="of __init__ and /etc"),
    {"text": "val/loss/epoch", "other": "a__b", "more": ["x.y", "a: b", "50%", "./here", "weights.pt", ""]},
]


@pytest.mark.parametrize("number", range(4))  # a quarter each, for what runs tests beside one another
def test_honest_things_are_built(number: int) -> None:
    names = ["$import torch.nn as nn", "$import math as m", "$from my_project.parts import Net, WIDTHS"]
    for thing in THINGS[number::4]:
        honest = Config(
            {
                "project": "my_project",
                "names": names,
                "data": call("torch.utils.data.TensorDataset", "$torch.zeros(4, 1)"),
                "optimizer": OPTIMIZER,
                "a": thing,
            },
            allow=ALLOW,
        )
        assert honest.check() == [], thing
        assert honest.resolve("a") is not None


# Where a project's config holds a lambda, a limited one names a function.
LAMBDAS = {
    "digits": ["trainer::callbacks::0::columns::digit::transforms={_target_: torch.argmax, _mode_: callable, dim: 1}"],
    "language_model": [
        "system::adapters::criterion::transforms::pred={_target_: torch.transpose, _mode_: callable, dim0: 1, dim1: 2}",
        *[f"system::dataloaders::{mode}::collate_fn=null" for mode in ("train", "val", "test")],  # its main.py adds it
    ],
    "segmentation": [],
}


@pytest.mark.parametrize("project", LAMBDAS)
def test_configs_of_projects_pass(project: str) -> None:
    config = Config(ROOT / "projects" / project / "config.yaml", *LAMBDAS[project], allow=f"torch,monai,{project}")
    assert survey(config).problems == ()


def test_a_system_is_trained(folder: Path) -> None:
    loader = call(
        "torch.utils.data.DataLoader", call("torch.utils.data.TensorDataset", "$torch.zeros(4, 2)", "$torch.ones(4, 1)")
    )
    system = {
        "model": call("torch.nn.Linear", 2, 1),
        "criterion": call("torch.nn.MSELoss"),
        "optimizer": call("torch.optim.SGD", lr=0.1),
        "scheduler": call("torch.optim.lr_scheduler.StepLR", step_size="$1 + 1"),
        "metrics": {"val": {"error": call("torchmetrics.MeanSquaredError")}, "test": "%system::metrics::val"},
        "dataloaders": {"train": loader, "val": loader, "test": loader, "predict": loader},
    }
    trainer = {"max_epochs": 1, "accelerator": "cpu", "enable_progress_bar": False, "log_every_n_steps": 1}
    runner = Runner({"trainer": trainer, "system": system}, allow="torch", run_dir="run")
    assert runner.fit().checkpoints
    assert runner.test().metrics
