from functools import partial

import pytest
import pytorch_lightning as pl
import torch

from lighter import Config, Runner
from lighter.cli.converting.conversion import Request, conversion
from lighter.cli.converting.writing import written as text_of
from lighter.config.dumping import plain
from lighter.config.loading import load_text
from lighter.errors import Source, UsageError


@pytest.fixture
def converted(template):
    """The config of a command line, as plain values and as text, what is written beside it, and what is left to do."""

    def of(file, *words, to="config.yaml"):
        _, found = conversion(Request((template / file,), words, template / to))
        texts = {to: text_of(found.root)} | {name: text_of(part) for name, part in found.others.items()}
        values = {name: plain(load_text(Source(name, text))) for name, text in texts.items()}
        return values, texts, found.left

    return of


def test_the_layout_of_the_template(converted):
    values, texts, left = converted("configs/train.yaml", "callbacks.stopping.monitor=val/loss")
    assert values["config.yaml"] == {
        "project": ".",
        "vars": {
            "task_name": "train",
            "paths": {
                "root_dir": "$env('PROJECT_ROOT', '.')",
                "data_dir": "$f'{@vars::paths::root_dir}/data/'",
                "work_dir": ".",
            },
        },
        "system": {
            "_target_": "project.src.lit.Lit",
            "optimizer": {"_target_": "torch.optim.Adam", "_mode_": "callable", "lr": 0.001},
            "net": {"_target_": "project.src.lit.Net", "width": 8, "outputs": 1},
        },
        "data": {
            "_target_": "project.src.lit.Points",
            "folder": "%vars::paths::data_dir",
            "batch_size": 4,
            "outputs": "%system::net::outputs",
        },
        "trainer": {
            "_target_": "pytorch_lightning.Trainer",
            "max_epochs": 3,
            "accelerator": "cpu",
            "log_every_n_steps": 1,
            "enable_progress_bar": False,
            "callbacks": {
                "checkpoint": {
                    "_target_": "pytorch_lightning.callbacks.ModelCheckpoint",
                    "monitor": "val/loss",
                    "save_last": True,
                },
                "stopping": {
                    "_target_": "pytorch_lightning.callbacks.EarlyStopping",
                    "monitor": "val/loss",
                    "patience": 3,
                },
            },
        },
    }
    text = texts["config.yaml"]
    for line in ("lr: 1e-3  # the rate", "  # names the folder", "# keeps the best", "# where they lie"):
        assert line in text
    for reason, line in (
        ("without it, it is in the folder of the run", "default_root_dir: ${paths.output_dir}"),
        ("without it, it is in the folder of the run", "dirpath: ${paths.output_dir}/checkpoints"),
        ("each run has a folder of its own, which a config does not name", "output_dir: ${hydra:runtime.output_dir}"),
        ("'lighter fit' trains", "train: true  # or not"),
        ("it is of Hydra's own running", "hydra:"),
    ):
        assert f"# left out: {reason}\n" in text
        assert f"#   {line}" in text
    assert left == ["nothing refers to vars::task_name: your script may have read it"]


def test_an_experiment_by_a_word_or_by_its_file(converted):
    values, texts, _ = converted("configs/train.yaml", "experiment=wide", "model.net.outputs=2")
    config = values["config.yaml"]
    assert config["seed"] == 12345
    assert config["system"]["net"] == {"_target_": "project.src.lit.Net", "width": 32, "outputs": 2}
    assert config["trainer"]["max_epochs"] == 1
    assert "logger" not in config["trainer"]
    assert "# left out: it has no '_target_', so that it makes no logger\n#   wandb:" in texts["config.yaml"]
    assert converted("configs/experiment/wide.yaml", "model.net.outputs=2") == (values, texts, _)


def test_a_search_becomes_a_sweep(converted):
    values, texts, _ = converted("configs/hparams_search/optuna.yaml", "experiment=wide", to="wide.yaml")
    assert values["wide_sweep.yaml"] == {
        "config": "wide.yaml",
        "parameters": {
            "system::optimizer::lr": {"low": 0.0001, "high": 0.1, "log": True},
            "data::batch_size": [2, 4],
            "system::net::width": [4, 6, 8],
        },
        "monitor": "val/loss",
        "jobs": 1,
        "mode": "min",
        "trials": 3,
        "search": {"_target_": "optuna.samplers.TPESampler", "seed": 1234},
    }
    text = texts["wide_sweep.yaml"]
    assert "# how many\ntrials: 3" in text
    assert "# left out: there is no 'model.net.depth'\n  #   model.net.depth: choice(1, 2)" in text
    assert "# left out: a sweep has a folder\n#   study_name: lit" in text


def test_values_that_the_command_line_lists_are_a_sweep(converted):
    values, _, _ = converted("configs/train.yaml", "model.optimizer.lr=0.1,0.01", "data.batch_size=choice(2,4)")
    assert values["sweep.yaml"] == {
        "config": "config.yaml",
        "parameters": {"system::optimizer::lr": [0.1, 0.01], "data::batch_size": [2, 4]},
    }


def test_the_folder_of_a_run_is_named_as_there(converted, template):
    (template / "configs/hydra/default.yaml").write_text(
        "# where\nrun:\n  dir: ${paths.root_dir}/logs/${task_name}/${now:%Y-%m-%d}_${now:%H-%M}/${oc.env:X,y}{1}\n"
    )
    assert "run" not in converted("configs/train.yaml")[0]["config.yaml"]  # a variable is known at run time
    (template / "configs/hydra/default.yaml").write_text(
        "run:\n  dir: ${paths.root_dir}/logs/${task_name}/${now:%Y-%m-%d}_${now:%H-%M}/${hydra.job.override_dirname}\n"
    )
    values, texts, _ = converted("configs/train.yaml", to="deeper/config.yaml")
    assert values["deeper/config.yaml"]["run"] == {
        "dir": "../logs/{vars::task_name}/{now:%Y-%m-%d}_{now:%H-%M}/{overrides}"
    }
    assert values["deeper/config.yaml"]["project"] == ".."
    assert "hydra:" not in texts["deeper/config.yaml"].replace("${hydra:", "")


def test_a_run_where_the_script_is_run_has_a_folder_of_its_own(converted, template):
    (template / "configs/hydra/default.yaml").write_text("run: {dir: .}\n")
    values, texts, _ = converted("configs/train.yaml")
    assert "run" not in values["config.yaml"]
    assert "#   hydra:\n#     run: {dir: .}\n" in texts["config.yaml"]


def test_known_paths_start_where_the_script_is_run(converted):
    words = ("ckpt_path=a/b.ckpt", "callbacks.checkpoint.dirpath=kept", "paths.data_dir=data")
    beside, deeper = (converted("configs/train.yaml", *words, to=to)[0] for to in ("c.yaml", "x/c.yaml"))
    assert beside["c.yaml"]["args"]["fit"]["ckpt_path"] == "a/b.ckpt"
    assert deeper["x/c.yaml"]["args"]["fit"]["ckpt_path"] == "../a/b.ckpt"
    assert deeper["x/c.yaml"]["trainer"]["callbacks"]["checkpoint"]["dirpath"] == "../kept"
    assert deeper["x/c.yaml"]["vars"]["paths"]["data_dir"] == "data"  # what your code makes of it


def test_a_file_of_a_group_is_known_by_its_header(converted, template):
    (template / "configs/experiment/seeded.yaml").write_text("# @package _global_\nseed: 3\n")
    assert converted("configs/experiment/seeded.yaml")[0]["config.yaml"]["seed"] == 3


def test_arguments_of_older_trainers_are_left_out(converted):
    values, texts, _ = converted("configs/train.yaml", "+trainer.gpus=1")
    assert "gpus" not in values["config.yaml"]["trainer"]
    assert "  # left out: write 'accelerator: gpu' and 'devices'\n  #   gpus: 1\n" in texts["config.yaml"]


def test_a_checkpoint_is_of_the_stage_that_the_script_runs(converted, template):
    assert converted("configs/train.yaml", "ckpt_path=a.ckpt")[0]["config.yaml"]["args"] == {
        "fit": {"ckpt_path": "a.ckpt"}
    }
    (template / "configs/eval.yaml").write_text(
        "defaults: [data: points, model: lit, paths: default]\nckpt_path: ???\n"
    )
    assert converted("configs/eval.yaml")[0]["config.yaml"]["args"] == {"test": {"ckpt_path": "???"}}


def test_one_primary_config_at_a_time(template):
    files = (template / "configs/train.yaml", template / "configs/train.yaml")
    with pytest.raises(UsageError, match="takes one primary config of Hydra"):
        conversion(Request(files, (), template / "config.yaml"))


def test_the_command_trains_to_the_weights_of_the_script(template, lighter):
    """What the template's train.py does with these files, by hand; Hydra is not needed here."""
    done = lighter("convert", "configs/train.yaml", "experiment=wide", "data.batch_size=2")
    assert done.returncode == 0, done.stderr
    assert "config.yaml is written, from a config of Hydra\n" in done.stdout
    assert "is valid for fit" in done.stdout
    trained = Runner("config.yaml", "run::dir=run").fit()

    config = Config.load("config.yaml")
    pl.seed_everything(12345, workers=True)
    data = config.resolve("data")
    module = type(config.resolve("system"))
    net = type(config.resolve("system::net"))
    pl.seed_everything(12345, workers=True)
    model = module(net=net(width=32, outputs=1), optimizer=partial(torch.optim.Adam, lr=1e-3))
    trainer = pl.Trainer(max_epochs=1, accelerator="cpu", logger=False, enable_checkpointing=False)
    trainer.fit(model, datamodule=data)

    weights = torch.load(trained.run.path / "checkpoints" / "last.ckpt", weights_only=False)["state_dict"]
    assert weights.keys() == model.state_dict().keys()
    assert all(torch.equal(weights[name], value) for name, value in model.state_dict().items())
