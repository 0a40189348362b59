import pytest

from lighter.cli.converting.conversion import Request, conversion
from lighter.cli.converting.writing import written as text_of
from lighter.config.dumping import plain
from lighter.config.loading import load_text
from lighter.errors import Source

CODE = {
    "models/__init__.py": "",
    "models/mlp.py": "from torch import nn\n\n\nclass MLP(nn.Module):\n    def __init__(self, width): ...\n",
    "blobs.py": "from torch.utils.data import Dataset\n\n\nclass Blobs(Dataset):\n    def __init__(self, n): ...\n",
    "lit.py": "import pytorch_lightning as pl\n\n\nclass Lit(pl.LightningModule):\n"
    "    def __init__(self, net, optimizer, lr=1):\n        self.optimizer = instantiate(optimizer)\n\n\n"
    "class Points(pl.LightningDataModule): ...\n",
}
STUDY = {
    "conf/config.yaml": "defaults:\n  - model: mlp\n  - dataset: blobs\n  - optimizer: adam\n  - _self_\nseed: 0\n"
    "training: {epochs: 3, batch_size: 16}\nloss: {_target_: torch.nn.MSELoss}\n",
    "conf/model/mlp.yaml": "_target_: models.mlp.MLP\nwidth: ${dataset.width}\n",
    "conf/dataset/blobs.yaml": "width: 4\ntrain: {_target_: blobs.Blobs, n: 64}\n"
    "valid: {_target_: blobs.Blobs, n: 8}\n",
    "conf/optimizer/adam.yaml": "_target_: torch.optim.Adam\n_partial_: true\nlr: 1e-3\n",
}


@pytest.fixture
def converted(tmp_path, written):
    def of(files, *words):
        written(tmp_path, CODE | files)
        _, found = conversion(Request((tmp_path / "conf/config.yaml",), words, tmp_path / "config.yaml"), "hydra")
        return plain(load_text(Source("config.yaml", text_of(found.root)))), found.left

    return of


def test_models_datasets_and_optimizers_of_a_script_become_a_system(converted):
    config, left = converted(STUDY)
    assert config == {
        "project": ".",
        "seed": 0,
        "vars": {"dataset": {"width": 4}, "training": {"epochs": 3, "batch_size": 16}},
        "system": {
            "model": {"_target_": "project.models.mlp.MLP", "width": "%vars::dataset::width"},
            "criterion": {"_target_": "torch.nn.MSELoss"},
            "optimizer": {"_target_": "torch.optim.Adam", "lr": 0.001},
            "dataloaders": {
                "train": {
                    "_target_": "torch.utils.data.DataLoader",
                    "dataset": {"_target_": "project.blobs.Blobs", "n": 64},
                    "batch_size": "%vars::training::batch_size",
                    "shuffle": True,
                },
                "val": {
                    "_target_": "torch.utils.data.DataLoader",
                    "dataset": {"_target_": "project.blobs.Blobs", "n": 8},
                    "batch_size": "%vars::training::batch_size",
                },
            },
        },
        "trainer": {"max_epochs": "%vars::training::epochs"},
    }
    assert left == []


def test_loaders_datasets_and_metrics_at_the_top(converted):
    config, left = converted(
        {
            "conf/config.yaml": "network: {_target_: models.mlp.MLP, width: 1}\n"
            "train_dataset: {_target_: blobs.Blobs, n: 1}\n"
            "loader: {_target_: torch.utils.data.DataLoader, _partial_: true, batch_size: 2, shuffle: true}\n"
            "test_loader: {_target_: torch.utils.data.DataLoader, dataset: {_target_: blobs.Blobs, n: 2}}\n"
            "optim: {_target_: torch.optim.SGD, _partial_: true, lr: 1, params: '???'}\n"
            "lr_scheduler: {_target_: torch.optim.lr_scheduler.StepLR, _partial_: true, step_size: 1, "
            "optimizer: '???'}\n"
            "metrics: {mae: {_target_: torchmetrics.MeanAbsoluteError}}\n"
            "trainer: {max_epochs: 2, patience: 5, gpus: 1}\n"
        }
    )
    system = config["system"]
    assert system["dataloaders"]["train"] == {
        "_target_": "torch.utils.data.DataLoader",
        "dataset": {"_target_": "project.blobs.Blobs", "n": 1},
        "batch_size": "%vars::loader::batch_size",
        "shuffle": True,
    }
    assert system["dataloaders"]["test"]["dataset"] == {"_target_": "project.blobs.Blobs", "n": 2}
    assert system["optimizer"] == {"_target_": "torch.optim.SGD", "lr": 1}
    assert system["scheduler"] == {"_target_": "torch.optim.lr_scheduler.StepLR", "step_size": 1}
    assert system["metrics"] == {
        "val": {"mae": {"_target_": "torchmetrics.MeanAbsoluteError"}},
        "test": "%system::metrics::val",
    }
    assert (config["trainer"], config["vars"]["trainer"]) == ({"max_epochs": 2}, {"patience": 5})
    assert left == [
        "write system::criterion, as your script makes them",
        "nothing refers to vars::trainer: your script may have read it",
    ]


def test_what_a_script_hands_to_a_module_that_builds_it_itself(converted):
    config, left = converted(
        {
            "conf/config.yaml": "module: {_target_: lit.Lit, net: {_target_: models.mlp.MLP, width: 1}}\n"
            "optimizer: {_target_: torch.optim.SGD, lr: 0.1}\ndm: {_target_: lit.Points}\nlr: 0.1\n"
            "callbacks:\n  - _target_: pytorch_lightning.callbacks.LearningRateMonitor\n"
        }
    )
    assert config["system"]["optimizer"] == "$OmegaConf.create({'_target_': 'torch.optim.SGD', 'lr': 0.1})"
    assert config["vars"] == {"lr": 0.1, "imports": ["$from omegaconf import OmegaConf"]}
    assert config["data"] == {"_target_": "project.lit.Points"}
    assert config["trainer"] == {"callbacks": [{"_target_": "pytorch_lightning.callbacks.LearningRateMonitor"}]}
    assert [line.partition(":")[0] for line in left] == [
        "Lit builds itself what is given as 'optimizer'",
        "nothing refers to vars",
    ]


def test_a_config_without_a_model_says_what_is_missing(converted):
    config, left = converted({"conf/config.yaml": "defaults: [schema]\nlr: 0.1\n"})
    assert config == {"vars": {"lr": 0.1}}
    assert left[0].endswith("schema.yaml': what Python registers for Hydra is not read; add it")
    assert left[1:] == [
        "no model was found: write 'system:', a LightningModule or the parts of a lighter.System",
        "nothing refers to vars::lr: your script may have read it",
    ]
