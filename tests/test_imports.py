"""What is loaded when: nothing heavy before a run needs it."""

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"fire", "lightning_fabric", "monai", "numpy", "pytorch_lightning", "rich", "torch", "torchmetrics", "yaml"}
TRAINING = HEAVY - {"yaml"}


@pytest.mark.parametrize(
    "statement", ["import lighter", "import lighter.training.stages", "from lighter import ConfigError"]
)
def test_importing_lighter_loads_nothing_heavy(statement: str) -> None:
    assert loaded(statement) & HEAVY == set()


@pytest.mark.parametrize("words", [["--help"], ["fit", "--help"], ["--version"], ["ft", "config.yaml"]])
def test_help_and_mistyped_commands_load_nothing_heavy(words: list[str]) -> None:
    run = f"import runpy; sys.argv = ['lighter', *{words!r}]; runpy.run_module('lighter', run_name='__main__')"
    assert loaded(f"import sys\ntry:\n    {run}\nexcept SystemExit:\n    pass") & HEAVY == set()


# What `lighter --help` does without: each takes milliseconds.
SLOW = {"argparse", "ast", "dataclasses", "importlib.metadata", "inspect", "json", "logging", "pathlib", "tempfile"}


def test_help_is_a_table_that_needs_nothing_more() -> None:
    found = loaded(HELP) - loaded("pass")  # an editable installation loads some of it
    assert found & SLOW == set()
    assert len([name for name in found if name.startswith("lighter.")]) <= 6


def test_reading_a_config_loads_no_library_that_only_mistakes_need() -> None:
    found = loaded(f"from lighter import Config\nConfig.load({CONFIG!r})")
    assert found & {"dataclasses", "importlib.metadata", "tempfile"} == set()


@pytest.mark.parametrize("statement", ["import lighter.config", "from lighter import Config", "import lighter.plugins"])
def test_configs_load_nothing_of_training(statement: str) -> None:
    assert loaded(statement) & TRAINING == set()


@pytest.mark.parametrize(
    "module", ["lighter.training.system", "lighter.training.adapters", "lighter.training.metrics.mode_metrics"]
)
def test_the_system_loads_no_config_and_no_monai(module: str) -> None:
    assert loaded(f"import {module}") & {"lighter.config", "monai"} == set()


def test_the_system_is_loaded_when_it_is_named() -> None:
    assert loaded("from lighter import System") >= {"lighter.training.system", "torch", "pytorch_lightning"}


# A config's checks need a hundred modules and more; what they do not need is loaded when it is.
LATER = ("cli", "results", "runs.jobs", "runs.series", "runs.sweeps")
CONFIG = str(Path(__file__).parents[1] / "projects" / "digits" / "config.yaml")
CHECK = f"from lighter import Runner\nRunner({CONFIG!r}).check('fit')"
HELP = "from lighter.cli import main\nmain(['--help'])"


def test_a_check_loads_few_of_our_modules() -> None:
    """Each takes a quarter of a millisecond: a limit that is reached asks what of them could be imported later."""
    ours = {name for name in loaded(CHECK) if name.startswith("lighter.")}
    assert len(ours) <= 145
    assert not [name for name in ours if name.removeprefix("lighter.").startswith(LATER)]


def loaded(statements: str) -> set[str]:
    """The modules in a new process that has run the statements."""
    code = f"{statements}\nimport sys\nprint('\\n', *sys.modules, sep='\\n')"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(run.stdout.split())
