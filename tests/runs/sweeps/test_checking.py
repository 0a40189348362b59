import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lighter.config import Config
from lighter.errors import ConfigError, UsageError
from lighter.runs.sweeps import checking
from lighter.runs.sweeps.checking import Checked, check_sweep
from lighter.runs.sweeps.reading import Sweep, read_sweep

# Each choice is right where the others are the first, and the last point of the grid is not.
NOT_TOGETHER = """
config: config.yaml
parameters:
  system::metrics::val:
    - {accuracy: {_target_: torchmetrics.Accuracy, task: binary, num_classes: 3}}
    - {accuracy: {_target_: torchmetrics.Accuracy, task: binary}}
  system::metrics::val::accuracy::task: [binary, multiclass]
"""


def mistakes(sweep: Sweep) -> list[str]:
    with pytest.raises(ConfigError) as told:
        check_sweep(sweep)
    return [str(problem) for problem in told.value.problems]


def of(parameters: str, more: str = "trials: 3") -> str:
    return f"config: config.yaml\nparameters:\n  {parameters}\n{more}\n"


def test_a_right_sweep_gives_the_config_of_each_trial(sweep: Callable[..., Sweep]) -> None:
    checked = check_sweep(sweep())
    assert (checked.trials, [(one.name, one.mode) for one in checked.objectives]) == (4, [("val/loss/epoch", "min")])
    values = {"system::optimizer::lr": 0.01, "system::dataloaders::train::batch_size": 6}
    config = checked.config_of(values)
    assert (config["system::optimizer::lr"], config["system::dataloaders::train::batch_size"]) == (0.01, 6)


@pytest.mark.parametrize(
    "written",
    [
        "{none: null, stop: STOP}",
        "[{_target_: pytorch_lightning.callbacks.LearningRateMonitor}, STOP]",
        "STOP",
    ],
)
def test_what_a_callback_watches_is_the_objective(sweep: Callable[..., Sweep], line: Path, written: str) -> None:
    stop = "{_target_: pytorch_lightning.callbacks.EarlyStopping, monitor: val/metrics/error/epoch, mode: max}"
    text = (line / "config.yaml").read_text().replace("trainer:\n  {", "trainer:\n  {callbacks: CALLBACKS, ")
    (line / "config.yaml").write_text(text.replace("CALLBACKS", written.replace("STOP", stop)))
    checked = check_sweep(sweep(of("system::optimizer::lr: [0.1, 0.2]")))
    assert [(one.name, one.mode) for one in checked.objectives] == [("val/metrics/error/epoch", "max")]


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        ("system::optimizer::lrr: [1, 2]", "takes no argument 'lrr'"),
        ("system::dataloaders::trian::batch_size: [1]", "did you mean 'system::dataloaders::train::batch_size'?"),
        ("vars::depth: [1, 2]", "there is no 'vars::depth'"),
        ("system::optimizer::lr: [0.1, fast]", "for 'lr', not 'fast'"),
        ("system::optimizer::momentum: {low: 0, high: 1}\n  system::optimizer::nesterov: [true, never]", "not 'never'"),
        ("trainer::max_epochs: [1, {a: 1}]", "takes int or null for 'max_epochs', not {'a': 1}"),
        ("trainer::max_epochs: {low: 1.0, high: 4.0}", "for 'max_epochs', not 2.11"),
        ("trainer::max_epochs: {low: 1.0, high: 4.0}", "write 'low: 1, high: 4'"),
        ("lr: [0.1, 0.2]", "write 'system::optimizer::lr'"),
        ("system::model: [{_target_: line.parts.Lien}]", "did you mean 'Line'?"),
        ("system::optimizer::lr: [0.1, '@vars::rate']", "there is no 'vars::rate'"),
        ("system::model: [{_target_: line.parts.Line}, {_target_: line.parts.Line, depth: 3}]", "no argument 'depth'"),
        ("run::on_nan: [warn, wran]", "'run::on_nan' takes warn, stop, skip"),
    ],
)
def test_a_wrong_place_or_choice_is_told_with_its_line(sweep: Callable[..., Sweep], parameters: str, told: str) -> None:
    said = "\n".join(mistakes(sweep(of(parameters))))
    assert told in said
    assert "sweep.yaml:" in said


@pytest.mark.parametrize(
    ("written", "package", "told"),
    [
        ("trials: 3", "optuna", "a sweep searches with Optuna, which is not installed; pip install 'lighter[sweep]'"),
        ("trials: 3\nsearch: cmaes", "cmaes", "'CmaEsSampler' needs 'cmaes', which is not installed"),
        ("trials: 3\nsearch: gp", "scipy", "help: pip install 'lighter[sweep]'"),
        ("launcher: slurm", "submitit", "help: pip install 'lighter[slurm]'"),
        ("launcher: ray", "ray", "this launcher needs 'ray', which is not installed"),
    ],
)
def test_a_package_that_is_not_there_is_told_before_the_first_trial(
    sweep: Callable[..., Sweep], monkeypatch: pytest.MonkeyPatch, written: str, package: str, told: str
) -> None:
    asked = sweep(of("system::optimizer::lr: [0.1, 0.2]", written))
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises((ConfigError, UsageError)) as error:
        check_sweep(asked)
    assert told in str(error.value)


@pytest.mark.parametrize("base", ["_base_: [config.yaml, {=system::model: small.yaml}]", "_base_: config.yaml"])
def test_files_are_chosen_for_a_place_under_the_experiments_values_and_overrides(line: Path, base: str) -> None:
    (line / "small.yaml").write_text("{_target_: line.parts.Line, extra: 1}")
    (line / "big.yaml").write_text("{_target_: torch.nn.LazyLinear, out_features: 1}")
    (line / "exp.yaml").write_text(f"{base}\ntrainer: {{max_epochs: 5}}\n")
    words = ["exp.yaml", "=system::model=small.yaml,big.yaml", "system::model::bias=false"]
    checked = Checked(read_sweep(words), 2, (), Config.load("exp.yaml"))
    made = checked.config_of({"system::model": "big"})
    assert made["system::model"] == {"_target_": "torch.nn.LazyLinear", "out_features": 1, "bias": False}
    with pytest.raises(ConfigError, match="takes no argument 'extra'"):
        checked.config_of({"system::model": "small"})


def test_a_word_without_its_place_is_told_the_place(line: Path) -> None:
    (told,) = mistakes(read_sweep(["config.yaml", "lr=0.1,0.2"]))
    assert "'lr' is no top-level key" in told
    assert told.endswith("help: write 'system::optimizer::lr=0.1,0.2'")


def test_the_mistakes_of_all_choices_are_told_at_once_each_once(sweep: Callable[..., Sweep]) -> None:
    text = of("system::optimizer::lr: [0.1, fast, slow]\n  trainer::max_epochs: [1, many]", "monitor: val/los/epoch")
    told = mistakes(sweep(text + "mode: min\ntrials: 2\n"))
    assert ["fast" in told[0], "slow" in told[1], "many" in told[2], "val/los/epoch" in told[3]] == [True] * 4
    assert len(told) == 4


def test_a_value_that_is_referred_to_is_checked_where_it_is_used(sweep: Callable[..., Sweep], line: Path) -> None:
    text = Path("config.yaml").read_text().replace("lr: 0.1", "lr: '@vars::rate'") + "vars: {rate: 0.1}\n"
    Path("config.yaml").write_text(text)
    (told,) = mistakes(sweep(of("vars::rate: [0.1, fast]")))
    assert "torch.optim.SGD takes float or Tensor for 'lr', not 'fast'" in told
    assert "sweep.yaml:3:" in told


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("", "nothing says how many trials there are"),
        ("trials: 3\nsearch: tpf", "did you mean 'tpe'?"),
        ("trials: 3\nsearch: bayes", "did you mean 'tpe'?"),
        ("trials: 3\nsearch: {_target_: optuna.samplers.TPESamplr}", "did you mean 'TPESampler'?"),
        ("trials: 3\nsearch: {_target_: optuna.samplers.TPESampler, sed: 1}", "unexpected keyword argument 'sed'"),
        ("trials: 3\nsearch: [tpe]", "'search' names nothing to build"),
        ("trials: 3\nprune: {_target_: optuna.pruners.MedianPruner, n_startup_trials: -1}", "'prune' cannot be built"),
        ("trials: 3\nlauncher: {_target_: lighter.launchers.Lokal}", "'lighter.launchers' has no 'Lokal'"),
        ("trials: 3\nprune: {_target_: optuna.samplers.TPESampler}", "a sampler stands under 'search'"),
        ("trials: 3\nsearch: {_target_: optuna.pruners.NopPruner}", "'search' takes a sampler of Optuna's"),
        ("trials: 3\nprune: {_target_: fractions.Fraction}", "'prune' takes a pruner of Optuna's, and this is a 'Fr"),
        ("search: grid", "the range of 'system::optimizer::lr' has no end of points"),
    ],
)
def test_what_searches_is_checked_too(sweep: Callable[..., Sweep], more: str, told: str) -> None:
    said = "\n".join(mistakes(sweep(of("system::optimizer::lr: {low: 0.1, high: 0.2}", more))))
    assert told in said
    assert "sweep.yaml:" in said


def test_choices_that_do_not_go_together_are_told_of_their_trial(sweep: Callable[..., Sweep]) -> None:
    checked = check_sweep(sweep(NOT_TOGETHER))
    with pytest.raises(ConfigError, match="with the task 'multiclass' needs 'num_classes'"):
        checked.config_of(checked.sweep.space.point(3))


def test_choices_of_one_form_are_checked_by_their_values(sweep: Callable[..., Sweep]) -> None:
    right = ", ".join(f"{{_target_: torch.optim.SGD, lr: {rate / 1e4}}}" for rate in range(1, 3000))
    (told,) = mistakes(sweep(of(f"system::optimizer: [{right}, {{_target_: torch.optim.SGD, lr: fast}}]")))
    assert "torch.optim.SGD takes " in told
    assert "for 'lr', not 'fast'" in told
    assert "sweep.yaml:3:" in told


def test_of_what_walks_together_each_is_checked(sweep: Callable[..., Sweep]) -> None:
    zipped = "system::optimizer::lr: [0.1, 0.2, fast]\n  trainer::max_epochs: [1, many, 3]"
    told = mistakes(sweep(of(zipped, "zip: [system::optimizer::lr, trainer::max_epochs]")))
    assert len(told) == 2
    assert all(any(f"not '{value}'" in one for one in told) for value in ("fast", "many"))


def test_too_many_choices_that_each_take_the_whole_config_are_told(
    sweep: Callable[..., Sweep], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "WHOLE", 3)
    forms = ", ".join(f"{{_target_: torch.nn.Flatten, _desc_: {at}}}" for at in range(5))
    (told,) = mistakes(sweep(of(f"system::model: [{forms}]")))
    assert told.startswith("error: more than 3 choices of 'system::model' are more than plain values that a call takes")
    assert check_sweep(sweep(of("vars::depth: [1, 2, 3, 4, 5]", "trials: 2"), "+vars={depth: 0}")).trials == 2
