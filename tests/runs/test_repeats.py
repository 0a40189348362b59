from pathlib import Path

import pytest

from lighter.config import Config
from lighter.config.dumping import plain
from lighter.config.loading import load_file
from lighter.errors import Problem
from lighter.runs.repeats import Repetition, fold_problems, mean_and_deviation, read_repetitions


def read(tmp_path: Path, text: str) -> tuple[tuple[Repetition, ...], list[Problem]]:
    (tmp_path / "sweep.yaml").write_text(text)
    problems: list[Problem] = []
    return read_repetitions(load_file(tmp_path / "sweep.yaml"), problems), problems


def test_seeds_and_folds_are_gone_through_together(tmp_path: Path) -> None:
    found, problems = read(tmp_path, "{repeat: 2, folds: 2}")
    assert [(one.name, plain(one.over)) for one in found] == [
        ("seed_0_fold_0", {"seed": 0, "vars::fold": 0}),
        ("seed_0_fold_1", {"seed": 0, "vars::fold": 1}),
        ("seed_1_fold_0", {"seed": 1, "vars::fold": 0}),
        ("seed_1_fold_1", {"seed": 1, "vars::fold": 1}),
    ]
    assert problems == []
    assert read(tmp_path, "{a: 1}")[0] == ()


@pytest.mark.parametrize(
    "text", ["repeat: 0", "repeat: 1000000000", "folds: 1", "folds: true", "repeat: many", "{repeat: 40, folds: 40}"]
)
def test_a_wrong_number_is_told_and_fills_no_memory(tmp_path: Path, text: str) -> None:
    found, (problem,) = read(tmp_path, text)
    assert found == ()
    assert "takes a whole number from" in problem.what or "together come to 1,600 runs, and 1,000" in problem.what
    assert problem.position is not None


def test_folds_need_a_config_that_goes_by_them(tmp_path: Path) -> None:
    repetitions, _ = read(tmp_path, "folds: 5")
    (problem,) = fold_problems(repetitions, Config({"vars": {"folds": 1}}))
    assert problem.what == "the config has no 'vars::fold'"
    assert fold_problems(repetitions, Config({"vars": {"fold": 0}})) == []


def test_the_deviation_is_that_of_a_sample() -> None:
    assert mean_and_deviation([1.0, 2.0, 6.0]) == pytest.approx((3.0, 7**0.5))
    assert mean_and_deviation([1.0]) == (1.0, None)
