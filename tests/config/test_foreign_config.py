"""Files for another tool or command, or an older Lighter: told as what they are, in three lines; ours never are."""

from pathlib import Path

import pytest
import yaml

from lighter import Config
from lighter.config.checks.all_stages import survey
from lighter.config.foreign_config import PAGE, foreign_config
from lighter.errors import ConfigError

ROOT = Path(__file__).parents[2]

CLI = "model: {class_path: net.Own, init_args: {lr: 0.1}}\n"
CLI_TRAINER = "seed_everything: 1\ntrainer: {max_epochs: 1}\nmodel: {lr: 1}\n"
CLI_OF_FIT = "fit: {trainer: {callbacks: [{class_path: a.B}]}, model: {lr: 1}}\n"
HYDRA = "defaults: [_self_, {model: tiny}]\nlr: 0.1\nmodel: {_target_: a.B, lr: '${lr}'}\n"
HYDRA_PATHS = "defaults: [model/tiny, data/big]\n"
HYDRA_RUN = "hydra: {run: {dir: x}}\nmodel: 3\n"
BUNDLE = "bundle_root: .\nnetwork_def: {_target_: UNet}\n"
BUNDLE_ENGINE = "train: {trainer: {_target_: monai.engines.SupervisedTrainer}}\n"
COMPONENTS = "collate_fn: {component_key: collate_fn, variant_key: gpt_2, config: {key: x}}\n"
FIRST = "system: {_target_: lighter.LighterSystem, model: {_target_: a.B}}\n"
FIRST_DATA = "system: {model: {_target_: a.B}, datasets: {train: {_target_: a.C}}}\n"
SECOND = "model: {_target_: lighter.LighterModule, network: {_target_: a.B}}\ntrainer: {max_epochs: 1}\n"
SECOND_DATA = "model: {_target_: a.B}\ndata: {_target_: lighter.LighterDataModule}\n"
SECOND_OWN = "model: {_target_: a.B}\ntrainer: {max_epochs: 1}\n"
COMPONENT = "_target_: torch.nn.Linear\nin_features: 1\n"
SERIES = "experiments: {a: c.yaml}\nstages: [fit]\n"
SWEEP = "config: c.yaml\nparameters: {a::b: [1, 2]}\n"

ALWAYS = [
    (CLI, "a config of LightningCLI"),
    (CLI_TRAINER, "a config of LightningCLI"),
    (CLI_OF_FIT, "a config of LightningCLI"),
    (HYDRA, "a primary config of Hydra"),
    (HYDRA_PATHS, "a primary config of Hydra"),
    (HYDRA_RUN, "a primary config of Hydra"),
    (COMPONENTS, "a config of Modalities"),
    (FIRST, "written for Lighter 0.0"),
    (FIRST_DATA, "written for Lighter 0.0"),
    (SECOND, "written for Lighter 0.1"),
    (SECOND_DATA, "written for Lighter 0.1"),
    (SERIES, "the file of a series"),
    (SWEEP, "the file of a sweep"),
]
# Without a stage these may be what they say: any mapping in this language.
OF_A_RUN = [
    (BUNDLE, "of a MONAI bundle"),
    (BUNDLE_ENGINE, "of a MONAI bundle"),
    (SECOND_OWN, "has its module at 'model', as Lighter 0.1 had it"),
    (COMPONENT, "a single component"),
]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def told(text: str, stage: str | None) -> list[str]:
    Path("c.yaml").write_text(text, encoding="utf-8")
    problems = survey(Config.load("c.yaml"), stage).problems
    return [str(problem) for problem in problems if problem.code == "foreign"]


@pytest.mark.parametrize(("text", "kind"), [*ALWAYS, *OF_A_RUN])
def test_what_is_told(text: str, kind: str) -> None:
    (message,) = told(text, "fit")
    what, where, help = message.splitlines()
    assert kind in what
    assert where.strip() == "--> c.yaml"
    assert help.strip().startswith("= help: ")
    assert told(text, "test") == [message]


@pytest.mark.parametrize(("text", "kind"), ALWAYS)
def test_it_is_all_that_is_told_and_by_check_too(text: str, kind: str) -> None:
    Path("c.yaml").write_text(text, encoding="utf-8")
    (problem,) = survey(Config.load("c.yaml")).problems
    assert kind in problem.what


@pytest.mark.parametrize(("text", "kind"), OF_A_RUN)
def test_without_a_stage_it_may_be_any_mapping(text: str, kind: str) -> None:
    assert told(text, None) == []


@pytest.mark.parametrize(
    ("text", "command"), [(SERIES, "write 'lighter run c.yaml'"), (SWEEP, "write 'lighter sweep c.yaml'")]
)
def test_the_command_that_takes_it(text: str, command: str) -> None:
    assert told(text, "fit")[0].endswith(command)


def test_the_page_is_there() -> None:
    assert (ROOT / PAGE).is_file()
    assert all(name in (ROOT / PAGE).read_text() for name in ("LightningCLI", "Hydra", "MONAI bundles", "0.0 and 0.1"))


def ours() -> list[Path]:
    return [path for path in (ROOT / "projects").rglob("*.yaml") if "runs" not in path.parts]


@pytest.mark.parametrize("path", ours(), ids=lambda path: str(path.relative_to(ROOT)))
def test_configs_of_the_examples_are_ours(path: Path) -> None:
    written = yaml.safe_load(path.read_text(encoding="utf-8"))
    try:
        tree = Config.load(path).tree
    except ConfigError:
        pytest.skip("a part that others lie over")
    is_run = "system" in written
    found = foreign_config(tree, is_run)
    assert found is None or "experiments" in written or not {"system", "_base_"} & written.keys()


@pytest.mark.parametrize(
    "text",
    [
        "system: {_target_: a.Module}\n",
        "system: {model: {_target_: a.B}, dataloaders: {train: {_target_: a.C}}}\nvars: {defaults: [{a: b}]}\n",
        "system: {_target_: a.System, datasets: {train: 1}}\n",
        "system: {model: {_target_: monai.engines.Mine, class_path: a.b}}\nvars: {experiments: 1, class_path: a.b}\n",
        # Mappings that are no runs.
        "model: {_target_: a.B}\ndata: {_target_: a.C}\n",
        "defaults: [1, 2]\n",
        "vars: {class_path: a.b}\n",
        "experiments: 3\n",
        "config: 1\n",
    ],
)
def test_what_is_ours(text: str) -> None:
    Path("c.yaml").write_text(text, encoding="utf-8")
    tree = Config.load("c.yaml").tree
    assert foreign_config(tree, is_run="system" in tree.entries) is None


def test_a_group_of_hydra_is_a_macro() -> None:
    Path("model").mkdir()
    Path("model/tiny.yaml").write_text("_target_: torch.nn.Linear\nin_features: 1\nout_features: 2\n")
    Path("c.yaml").write_text('system: {model: "%model/tiny.yaml"}\n')
    assert Config.load("c.yaml").resolve("system::model").out_features == 2


def test_parts_of_a_bundle() -> None:
    Path("configs").mkdir()
    Path("configs/train.json").write_text(
        '{"network_def": {"_target_": "torch.nn.Linear", "in_features": 1, "out_features": 1},'
        ' "network": "$@network_def.to(\'cpu\')", "loss": {"_target_": "torch.nn.MSELoss"},'
        ' "optimizer": {"_target_": "torch.optim.SGD", "params": "$@network.parameters()", "lr": 0.1},'
        ' "train": {"dataloader": {"_target_": "lighter.DataLoader", "dataset": [[1, 2]]},'
        ' "trainer": {"_target_": "SupervisedTrainer", "max_epochs": 1}}}'
    )
    Path("c.yaml").write_text(
        "system:\n"
        '  model: "%configs/train.json::network_def"\n'
        '  criterion: "%configs/train.json::loss"\n'
        "  optimizer: {_target_: torch.optim.SGD, lr: 0.1}\n"
        "  dataloaders:\n"
        '    train: "%configs/train.json::train::dataloader"\n'
    )
    assert Config.load("c.yaml").check("fit") == []
    assert "of a MONAI bundle" in Config.load("configs/train.json").check("fit")[0].what
