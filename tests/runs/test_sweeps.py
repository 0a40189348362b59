"""The small files of a sweep's folder."""

from pathlib import Path

import pytest

from lighter.errors import Position, Source, UsageError
from lighter.runs.sweeps.begun import holds_sweep, read_begun
from lighter.runs.sweeps.objectives import Objective
from lighter.runs.sweeps.space import Label
from lighter.runs.sweeps.summary import Row, State, best, progress, record, table
from lighter.runs.sweeps.trial_files import (
    append_report,
    ask_to_stop,
    monitored,
    read_reports,
    why_stopped,
    write_trial,
)

HERE = Position(Source("here"))
LOSS, ACCURACY = Objective("val/loss/epoch", "min", HERE), Objective("val/metrics/accuracy/epoch", "max", HERE)


def row(number: int, *values: float, state: State = State.COMPLETE, reason: str = "") -> Row:
    chosen: dict[str, Label] = {"system::optimizer::lr": 0.1 * (number + 1)}
    return Row(number, Path(f"swept/trials/{number:04}"), state, chosen, values, 60.0, {}, reason)


def test_the_best_is_the_least_or_the_greatest_the_first_of_equals() -> None:
    rows = [row(0, 0.5), row(1, 0.2), row(2, 0.2), row(3, 0.9), row(4, state=State.FAILED)]
    assert [one.number for one in best(rows, [LOSS])] == [1]
    assert [one.number for one in best(rows, [ACCURACY])] == [3]
    assert best(rows[4:], [LOSS]) == []


def test_of_several_objectives_none_is_better_in_all_than_those_of_the_front() -> None:
    rows = [row(0, 0.5, 0.9), row(1, 0.2, 0.5), row(2, 0.6, 0.8), row(3, 0.2, 0.4)]
    assert [one.number for one in best(rows, [LOSS, ACCURACY])] == [0, 1]


def test_progress_says_how_far_it_is() -> None:
    rows = [row(0, 0.03124), row(1, 0.2), row(2, state=State.OPEN), row(3, state=State.PRUNED)]
    said = progress([*rows, row(4, state=State.FAILED)], 12, 2, [LOSS])
    assert said == "4/12 done, 1 running, 1 pruned, 1 failed, best 0.0312 (trial 0), about 4 min left"


def test_the_table_has_the_best_first_and_why_others_failed() -> None:
    text = table([row(0, 0.5), row(1, 0.25), row(2, state=State.FAILED, reason="KeyError: 1")], [LOSS], width=100)
    lines = [line for line in text.splitlines() if line.startswith("│")]
    assert [line.split("│")[1].strip() for line in lines] == ["1", "0", "2"]
    assert "0.2500" in lines[0]
    assert "trial 2 failed: KeyError: 1 (swept/trials/0002/log.txt)" in text


def test_of_many_trials_the_best_are_shown(tmp_path: Path) -> None:
    text = table([row(at, float(at)) for at in range(50)], [LOSS], width=100)
    assert "the best 20 of 50 trials; summary.csv has them all" in text
    record([row(at, float(at)) for at in range(50)], [LOSS], tmp_path)
    assert (tmp_path / "summary.csv").read_text().count("\n") == 51


def test_a_trial_reports_each_validation_once(tmp_path: Path) -> None:
    write_trial(tmp_path, 3, {"a": 1}, ["val/loss/epoch"])
    assert monitored(tmp_path) == ["val/loss/epoch"]
    for step, value in ((3, 0.5), (6, 0.4), (6, 0.4), (9, float("nan"))):
        append_report(tmp_path, step, [value])
    with (tmp_path / "reports.csv").open("a") as file:
        file.write("12,0.")
    assert [(number, str(value)) for number, (value,) in read_reports(tmp_path)] == [(1, "0.5"), (2, "0.4"), (3, "nan")]
    assert why_stopped(tmp_path) is None
    ask_to_stop(tmp_path, "pruned")
    assert why_stopped(tmp_path) == "pruned"


def test_a_folder_that_is_no_trials_reports_nothing(tmp_path: Path) -> None:
    assert (monitored(tmp_path), list(read_reports(tmp_path))) == ([], [])


def test_what_is_no_sweep_is_not_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("runs/all").mkdir(parents=True)
    assert not holds_sweep(Path("runs/all"))
    with pytest.raises(UsageError, match="'runs/all' is not the folder of a sweep"):
        read_begun(Path("runs/all"))
    with pytest.raises(UsageError, match=r"there is no sweep 'runs/al': .* did you mean 'all'\?"):
        read_begun(Path("runs/al"))
