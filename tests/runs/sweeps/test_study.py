import os
from collections.abc import Callable
from pathlib import Path

import pytest
from optuna.trial import TrialState

from lighter.errors import RunError
from lighter.runs.sweeps.checking import check_sweep
from lighter.runs.sweeps.outlook import outlook
from lighter.runs.sweeps.reading import Sweep
from lighter.runs.sweeps.space import Label
from lighter.runs.sweeps.study import JOURNAL, Study, values_of

TEXT = """
config: config.yaml
parameters:
  system::optimizer::lr: {{low: 0.001, high: 0.1, log: true}}
  trainer::max_epochs: {{low: 1, high: 4}}
  seed: [1, 2]
trials: 9
search: {search}
"""
SAMPLERS = [
    "tpe",
    "random",
    "qmc",
    "{_target_: optuna.samplers.TPESampler, seed: 3}",
    "{_target_: optuna.samplers.NSGAIISampler, seed: 3}",
]


def points(sweep: Sweep, folder: Path | None, counts: list[int]) -> list[dict[str, Label]]:
    """What is chosen by studies that are opened one after the other, each for so many trials."""
    found = []
    for count in counts:
        study = Study(sweep, folder, ["min"])
        for _ in range(count):
            trial = study.ask()
            found.append(dict(values_of(trial, sweep.space.parameters)))
            study.complete(trial.number, [trial.params["system::optimizer::lr"]])
    return found


@pytest.mark.parametrize("search", SAMPLERS)
def test_a_study_that_is_opened_again_goes_on_as_it_would_have(
    sweep: Callable[..., Sweep], tmp_path: Path, search: str
) -> None:
    read = sweep(TEXT.format(search=search))
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    whole, parts = points(read, tmp_path / "a", [8]), points(read, tmp_path / "b", [3, 1, 4])
    assert whole == parts
    assert len({tuple(one.values()) for one in whole}) == 8
    assert all(
        isinstance(one["trainer::max_epochs"], int) and one["trainer::max_epochs"] in range(1, 5) for one in whole
    )


def test_a_trial_goes_on_under_its_number_with_its_values(sweep: Callable[..., Sweep], tmp_path: Path) -> None:
    read = sweep(TEXT.format(search="tpe"))
    before = Study(read, tmp_path, ["min"]).ask()
    study = Study(read, tmp_path, ["min"])
    again = study.trial(0)
    assert (again.number, again.params) == (0, before.params)
    study.fail(0, "KeyError: 1")
    (trial,) = Study(read, tmp_path, ["min"]).trials
    assert (trial.state, trial.user_attrs) == (TrialState.FAIL, {"reason": "KeyError: 1"})


def test_a_search_without_more_points_has_its_last_result(sweep: Callable[..., Sweep], tmp_path: Path) -> None:
    text = "config: config.yaml\nparameters: {seed: [1, 2]}\ntrials: 2\n"
    read = sweep(text + "search: {_target_: optuna.samplers.BruteForceSampler}\n")
    study = Study(read, tmp_path, ["min"])
    for value in (0.1, 0.2):
        study.complete(study.ask().number, [value])
    assert [trial.value for trial in study.trials] == [0.1, 0.2]
    assert {trial.params["seed"] for trial in study.trials} == {1, 2}


def test_a_grid_that_was_killed_as_it_asked_leaves_no_point_out(sweep: Callable[..., Sweep], tmp_path: Path) -> None:
    read = sweep("config: config.yaml\nparameters: {seed: [5, 6, 7]}\n")
    study = Study(read, tmp_path, ["min"])
    study.ask()
    study.study.enqueue_trial(read.space.point(1))
    again = Study(read, tmp_path, ["min"])
    assert [again.ask().params["seed"] for _ in range(2)] == [6, 7]


def test_a_study_in_a_database_is_found_again(sweep: Callable[..., Sweep], tmp_path: Path) -> None:
    read = sweep(TEXT.format(search="random") + f"storage: sqlite:///{tmp_path}/studies.db\n")
    assert len(points(read, tmp_path, [1, 1])) == 2
    assert not (tmp_path / "journal.log").exists()


def test_the_outlook_is_what_comes(sweep: Callable[..., Sweep], tmp_path: Path) -> None:
    checked = check_sweep(sweep(TEXT.format(search="random")))
    first = points(checked.sweep, tmp_path, [2])
    said = outlook(checked)
    assert said.startswith("search: 9 trials of points that are not counted: a range has no step\nmonitor: ")
    assert f"trial 1: system::optimizer::lr={first[1]['system::optimizer::lr']:.6g}, " in said


def test_the_outlook_of_a_grid_says_its_size(sweep: Callable[..., Sweep]) -> None:
    text = "config: config.yaml\nparameters: {seed: {low: 0, high: 999999999}}\nsearch: grid\n"
    lines = outlook(check_sweep(sweep(text))).splitlines()
    assert lines[0] == "grid: 1,000,000,000 trials of 1,000,000,000 points"
    assert (lines[-2], lines[-1]) == ("trial 9: seed=9", "and 999,999,990 more")


@pytest.mark.parametrize("content", ["x\n", "[1]\n", "null\n", "{}\n", "[" * 200_000 + "\n", '{"op_code": "x"}\n'])
def test_a_journal_that_no_sweep_has_written_is_told(sweep: Callable[..., Sweep], tmp_path: Path, content: str) -> None:
    (tmp_path / JOURNAL).write_text(content)
    told = f"the record of the trials, '{tmp_path / JOURNAL}', cannot be read: "
    with pytest.raises(RunError, match=told):
        Study(sweep(TEXT.format(search="tpe")), tmp_path, ["min"])


def test_a_journal_that_is_no_plain_file_is_not_opened(sweep: Callable[..., Sweep], tmp_path: Path) -> None:
    read = sweep(TEXT.format(search="tpe"))
    os.mkfifo(tmp_path / JOURNAL)
    with pytest.raises(RunError, match="it is no plain file"):
        Study(read, tmp_path, ["min"])
