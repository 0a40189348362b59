from collections.abc import Callable
from pathlib import Path

import pytest

from lighter.errors import ConfigError, UsageError
from lighter.runs.sweeps.reading import Sweep, is_sweep, read_sweep, with_flags
from lighter.training.stages import Stage

CONFIG = "config: config.yaml\nparameters: {seed: [1, 2]}\n"


def test_a_sweep_is_read_with_all_that_it_says(sweep: Callable[..., Sweep]) -> None:
    more = "stages: [fit, test]\nmonitor: [a, b]\nmode: [min, max]\ntrials: 5\njobs: 2\nstorage: sqlite:///x.db\n"
    found = sweep(CONFIG + more)
    assert (found.name, found.stages, found.trials, found.jobs) == ("sweep", (Stage.FIT, Stage.TEST), 5, 2)
    assert ([name for name, _ in found.monitors], found.modes) == (["a", "b"], ("min", "max"))
    assert found.storage == "sqlite:///x.db"


def test_words_list_choices_over_a_sweep_and_override_it(sweep: Callable[..., Sweep]) -> None:
    found = sweep(CONFIG, "trainer::max_epochs=3", "vars::x=1,2")
    assert [one.name for one in found.space.parameters] == ["seed", "vars::x"]
    assert found.sources[1:] == ("trainer::max_epochs=3",)


def test_a_config_with_choices_on_the_command_line_is_a_sweep(line: Path) -> None:
    found = read_sweep(["config.yaml", "seed=1,2", "trainer::max_epochs=3"])
    assert found.name == f"{line.name}_sweep"
    assert (found.sources, found.space.size) == (("config.yaml", "trainer::max_epochs=3"), 2)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (CONFIG + "trails: 3\n", "did you mean 'trials'?"),
        ("parameters: {seed: [1]}\n", "the sweep has no 'config'"),
        ("config: config.yaml\n", "'sweep.yaml' has nothing to choose"),
        ("config: config.yaml\nparameters: 3\n", "'parameters' takes places with their values"),
        ("config: confg.yaml\nparameters: {seed: [1]}\n", "there is no file 'confg.yaml'"),
        (CONFIG + "stages: [test]\n", "write 'stages: [fit, test]'"),
        (CONFIG + "trials: 0\n", "'trials' takes a whole number from 1 to 1,000,000"),
        (CONFIG + "trials: 1000000000\n", "'trials' takes a whole number from 1 to 1,000,000"),
        (CONFIG + "jobs: true\n", "'jobs' takes a whole number"),
        (CONFIG + "mode: mni\n", "did you mean 'min'?"),
        (CONFIG + "monitor: [a, b, c]\nmode: [min, max]\n", "there are 2 modes for 3 monitored values"),
        (CONFIG + "monitor: 3\n", "'monitor' takes a text"),
    ],
)
def test_a_mistake_of_form_is_told(sweep: Callable[..., Sweep], text: str, told: str) -> None:
    with pytest.raises(ConfigError) as error:
        sweep(text)
    assert told in str(error.value)
    assert "sweep.yaml:" in str(error.value)


def test_a_misspelt_key_has_an_edit(sweep: Callable[..., Sweep]) -> None:
    with pytest.raises(ConfigError) as error:
        sweep("config: config.yaml\ntrails: 3\nparameters: {seed: {low: 1, high: 2, stpe: 1}}\n")
    edits = [(one.code, one.edit.new) for one in error.value.problems if one.edit is not None]
    assert edits == [("key", "trials"), ("key", "step")]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["a::b=1,2"], "takes a sweep or a config first"),
        (["config.yaml", "seed=1"], "nothing is listed to choose from"),
    ],
)
def test_words_that_are_no_sweep_are_told(line: Path, words: list[str], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        read_sweep(words)


@pytest.mark.parametrize(
    ("text", "told"),
    [(None, "there is no file 'swep.yaml'"), ("config: config.yaml\nparameters: {a: [1, 2}\n", "is missing in a list")],
)
def test_a_file_that_cannot_be_read_is_told_as_that(line: Path, text: str | None, told: str) -> None:
    if text is not None:
        Path("swep.yaml").write_text(text)
    with pytest.raises(ConfigError) as error:
        read_sweep(["swep.yaml"])
    assert told in error.value.problems[0].what


def test_flags_say_it_instead_of_the_file(sweep: Callable[..., Sweep]) -> None:
    found = with_flags(sweep(CONFIG + "trials: 5\n"), {"trials": "8", "jobs": "3", "launcher": "a.B"})
    assert (found.trials, found.jobs) == (8, 3)
    assert "launcher" in found.tree.entries
    with pytest.raises(UsageError, match="--jobs=x: write a whole number"):
        with_flags(found, {"jobs": "x"})


def test_a_config_is_no_sweep(line: Path) -> None:
    assert not is_sweep(Path("config.yaml"))
    assert not is_sweep(Path("nowhere.yaml"))
