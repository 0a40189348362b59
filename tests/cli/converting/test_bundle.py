"""A bundle as a config of ours: where each part goes, what is left out, and that it trains to the same weights."""

import json
from pathlib import Path

import pytest
import torch

from lighter import Config
from lighter.cli import main
from lighter.cli.converting.bundle import convert
from lighter.cli.converting.conversion import Request
from lighter.cli.converting.parts import Part
from lighter.cli.converting.writing import written
from lighter.errors import ConfigError

BUNDLE = """
# A small bundle.
imports: [$import os, $import glob, $import scripts, $import ignite]
bundle_root: .
epochs: 2  # how long
device: $torch.device('cpu')
ckpt_dir: $os.path.join(@bundle_root, 'models')
network_def: {_target_: scripts.net, width: 4}
network: $@network_def.to(@device)
# what is minimized
loss: {_target_: torch.nn.MSELoss}
optimizer: {_target_: torch.optim.SGD, params: $@network.parameters(), lr: 0.1}
lr_scheduler: {_target_: torch.optim.lr_scheduler.StepLR, optimizer: "@optimizer", step_size: 1}
train:
  dataset: {_target_: Dataset, data: $scripts.samples(8)}
  dataloader: {_target_: DataLoader, dataset: "@train#dataset", batch_size: 4}
  handlers:
    - {_target_: LrScheduleHandler, lr_scheduler: "@lr_scheduler"}
    - {_target_: ValidationHandler, validator: "@validate#evaluator", interval: 2}
    - {_target_: StatsHandler, tag_name: loss}
    - {_target_: scripts.Own, network: "@network"}
  trainer:
    _target_: SupervisedTrainer
    max_epochs: "@epochs"
    device: "@device"
    train_data_loader: "@train#dataloader"
    network: "@network"
    loss_function: "@loss"
    optimizer: "@optimizer"
    inferer: {_target_: SimpleInferer}
    train_handlers: "@train#handlers"
    amp: false
    prepare_batch: $scripts.prepare
validate:
  dataset: {_target_: Dataset, data: $scripts.samples(4)}
  dataloader: {_target_: DataLoader, dataset: "@##dataset", batch_size: 2}
  postprocessing:
    _target_: Compose
    transforms:
      - {_target_: Activationsd, keys: pred, softmax: true}
      - {_target_: AsDiscreted, keys: [pred, label], argmax: [true, false], to_onehot: 2}
      - {_target_: SaveImaged, keys: pred}
  handlers:
    - {_target_: CheckpointSaver, save_dir: "@ckpt_dir", save_dict: {model: "@network"}, save_key_metric: true}
  evaluator:
    _target_: SupervisedEvaluator
    device: "@device"
    val_data_loader: "@validate#dataloader"
    network: "@network"
    inferer: {_target_: SlidingWindowInferer, roi_size: [8, 8], sw_batch_size: 1}
    postprocessing: "%validate#postprocessing"
    key_val_metric:
      dice:
        _target_: MeanDice
        include_background: false
        output_transform: "$monai.handlers.from_engine(['pred', 'label'])"
    additional_metrics: {accuracy: {_target_: ignite.metrics.Accuracy}}
    val_handlers: "@validate#handlers"
initialize: [$monai.utils.set_determinism(seed=123), $print('begins')]
run: [$@train#trainer.run()]
"""
SCRIPTS = """
import torch


def net(width):
    return torch.nn.Sequential(torch.nn.Linear(2, width), torch.nn.Linear(width, 1))


def samples(count):
    inputs = torch.arange(count * 2.0).reshape(count, 2) / count
    return [{"image": one, "label": one.sum(0, keepdim=True)} for one in inputs]
"""
SEVERAL = {
    "network": {"_target_": "torch.nn.parallel.DistributedDataParallel", "module": "$@network_def.to(@device)"},
    "train#sampler": {"_target_": "DistributedSampler", "dataset": "@train#dataset", "shuffle": True},
    "train#dataloader#sampler": "@train#sampler",
    "train#trainer#train_handlers": "$@train#handlers[: -2 if rank else None]",
    "initialize": ["$import torch.distributed as dist", "$monai.utils.set_determinism(seed=1)"],
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "train.yaml").write_text(BUNDLE, encoding="utf-8")
    (tmp_path / "configs" / "several.json").write_text(json.dumps(SEVERAL), encoding="utf-8")
    (tmp_path / "scripts.py").write_text(SCRIPTS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def converted(*files: str) -> tuple[Part, list[str]]:
    made = convert(Request(tuple(map(Path, files)), (), Path("config.yaml")))
    return made.root, made.left


def test_each_part_goes_to_its_place(folder: Path) -> None:
    root, left = converted("configs/train.yaml")
    whole = root.plain
    assert whole["imports"] == ["$import scripts", {"path": ".", "module_name": "scripts"}]
    assert whole["seed"] == 123
    assert whole["vars"] == {
        "epochs": 2,
        "train": {"dataset": {"_target_": "Dataset", "data": "$scripts.samples(8)"}},
        "validate": {"dataset": {"_target_": "Dataset", "data": "$scripts.samples(4)"}},
    }
    assert whole["trainer"] == {
        "accelerator": "auto",
        "devices": 1,
        "max_epochs": "@vars::epochs",
        "check_val_every_n_epoch": 2,
        "callbacks": {
            "best": {
                "_target_": "pytorch_lightning.callbacks.ModelCheckpoint",
                "monitor": "val/metrics/dice/epoch",
                "mode": "max",
                "filename": "best",
            }
        },
    }
    system = whole["system"]
    assert system["model"] == {"_target_": "scripts.net", "width": 4}
    assert system["criterion"] == {"_target_": "torch.nn.MSELoss"}
    assert system["optimizer"] == {"_target_": "torch.optim.SGD", "lr": 0.1}
    assert system["scheduler"] == {"_target_": "torch.optim.lr_scheduler.StepLR", "step_size": 1}
    assert system["inferer"]["roi_size"] == [8, 8]
    assert system["metrics"] == {"val": {"dice": {"_target_": "monai.metrics.DiceMetric", "include_background": False}}}
    assert system["dataloaders"]["val"]["dataset"] == "@vars::validate::dataset"
    assert system["adapters"]["batch"] == {"input": "image", "target": "label"}
    assert system["adapters"]["metrics"]["transforms"] == {
        "pred": [
            {"_target_": "monai.transforms.Activations", "softmax": True, "dim": 1},
            {"_target_": "monai.transforms.AsDiscrete", "argmax": True, "to_onehot": 2, "dim": 1},
        ],
        "target": {"_target_": "monai.transforms.AsDiscrete", "to_onehot": 2, "dim": 1},
    }
    assert [line.partition(",")[0] for line in left] == [
        "look at 'Own'",
        "write a metric for 'accuracy' below 'system::metrics::val'",
        "look at a transform that is left out: it changes single samples after the step",
        "look at 'prepare_batch'",
    ]


def test_comments_stay_and_each_line_that_is_left_out_has_its_reason(folder: Path) -> None:
    text = written(converted("configs/train.yaml")[0])
    assert text.startswith("# A small bundle.\n")
    assert "epochs: 2  # how long" in text
    assert "  # what is minimized\n  criterion:" in text
    for reason, line in {
        "nothing here uses it": "$import ignite",
        "the Trainer begins and ends a run": "initialize: $print('begins')",
        "'lighter fit' does it": "run: ['$@train::trainer.run()']",
        "nothing here refers to it": "device: $torch.device('cpu')",
        "an argument of SupervisedTrainer, no part of a System": "prepare_batch: $scripts.prepare",
    }.items():
        assert f"# left out: {reason}\n#   {line}\n" in f"{text}\n"


def test_an_overlay_for_several_processes_is_a_strategy(folder: Path) -> None:
    whole = converted("configs/train.yaml", "configs/several.json")[0].plain
    assert (whole["trainer"]["devices"], whole["trainer"]["strategy"], whole["seed"]) == ("auto", "ddp", 1)
    assert whole["system"]["model"] == {"_target_": "scripts.net", "width": 4}
    assert whole["system"]["dataloaders"]["train"] == {
        "_target_": "DataLoader",
        "dataset": "@vars::train::dataset",
        "batch_size": 4,
        "shuffle": True,
    }
    assert "sampler" not in whole["vars"]["train"]


def test_an_evaluator_alone_predicts_or_tests(folder: Path) -> None:
    text = BUNDLE.replace("@train#trainer.run()", "@validate#evaluator.run()")
    Path("configs/evaluate.yaml").write_text(text)
    system = converted("configs/evaluate.yaml")[0].plain["system"]
    assert [*system["dataloaders"]] == [*system["metrics"]] == ["test"]
    assert "optimizer" not in system
    Path("configs/inference.yaml").write_text(
        "network_def: {_target_: scripts.net, width: 1}\nloader: {_target_: DataLoader, dataset: []}\n"
        "post: {_target_: Compose, transforms: [{_target_: SaveImaged, keys: pred}]}\n"
        "evaluator: {_target_: SupervisedEvaluator, network: '@network_def', val_data_loader: '@loader',"
        " postprocessing: '@post', val_handlers: [{_target_: CheckpointLoader, load_path: model.pt}]}\n"
    )
    root, left = converted("configs/inference.yaml")
    assert [line.partition(":")[0] for line in left] == [
        "the bundle loads weights",
        "look at 'post', which is left out",
    ]
    whole = root.plain
    assert whole["system"]["adapters"] == {"batch": {"input": "image"}}
    assert whole["system"]["dataloaders"] == {"predict": {"_target_": "DataLoader", "dataset": []}}


def test_a_bundle_with_an_engine_of_its_own_is_told(folder: Path) -> None:
    Path("configs/own.yaml").write_text("network_def: {_target_: a.B}\ntrainer: {_target_: scripts.Trainer}\n")
    with pytest.raises(ConfigError, match="neither a SupervisedTrainer nor a SupervisedEvaluator"):
        converted("configs/own.yaml")


def by_hand() -> dict[str, torch.Tensor]:
    """What MONAI's engine does with the bundle, which needs a package that is not here."""
    from monai.bundle import ConfigParser
    from monai.utils import set_determinism

    parser = ConfigParser(ConfigParser.load_config_file("configs/train.yaml"))
    set_determinism(seed=123)
    network, optimizer = parser.get_parsed_content("network"), parser.get_parsed_content("optimizer")
    loss, scheduler = parser.get_parsed_content("loss"), parser.get_parsed_content("lr_scheduler")
    for _ in range(parser.get_parsed_content("epochs")):
        for batch in parser.get_parsed_content("train#dataloader"):
            optimizer.zero_grad()
            loss(network(batch["image"]), batch["label"]).backward()
            optimizer.step()
        scheduler.step()
    set_determinism(None)
    weights: dict[str, torch.Tensor] = network.state_dict()
    return weights


def test_what_is_written_is_valid_and_trains_to_the_same_weights(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(str(folder))
    main(["convert", "configs/train.yaml"])
    assert "is valid for fit, validate" in capfd.readouterr().out
    over = [
        "trainer::accelerator=cpu",
        "+trainer::log_every_n_steps=1",
        "~system::metrics",
        "~system::inferer",
        "~trainer::callbacks",
    ]
    main(["fit", "config.yaml", *over, "--run_dir=out"])
    ours = torch.load("out/checkpoints/last.ckpt", weights_only=False)["state_dict"]
    theirs = by_hand()
    assert len(theirs) == 4
    assert all(torch.equal(ours[f"model.{name}"], one) for name, one in theirs.items())
    assert Config.load("config.yaml").check() == []
