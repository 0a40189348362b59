from collections.abc import Callable
from pathlib import Path

import pytest

from lighter.results.reading.sweep import read_sweep
from lighter.results.report.sweep_figures import importances, sweep_figures

TWO = {"val/loss/epoch": "min", "val/metrics/accuracy/epoch": "max"}


def test_each_chart_that_there_is_something_to_show_in_is_drawn(make_sweep: Callable[..., Path]) -> None:
    titles = [figure.title for figure in sweep_figures(read_sweep(make_sweep()))]
    assert titles == [
        "History: val/loss",
        "Importances: val/loss",
        "Parallel coordinates: val/loss",
        "val/loss by lr",
        "val/loss by model",
    ]
    assert sweep_figures(read_sweep(make_sweep(1))) == []


def test_the_history_has_the_best_so_far(make_sweep: Callable[..., Path]) -> None:
    history = sweep_figures(read_sweep(make_sweep(3)))[0]
    assert history.data[0]["y"] == pytest.approx([0.1, 0.2, 0.3])
    assert history.data[1]["y"] == pytest.approx([0.1, 0.1, 0.1])


def test_the_front_has_the_trials_that_none_is_better_than_in_both(make_sweep: Callable[..., Path]) -> None:
    sweep = read_sweep(make_sweep(6, **TWO))
    front = sweep_figures(sweep)[0]
    assert (front.title, front.data[1]["x"]) == ("Pareto front", pytest.approx([0.1, 0.2, 0.3]))
    assert [trial.name for trial in sweep.best] == ["0000", "0001", "0002"]


def test_the_axes_of_parallel_coordinates_go_from_lowest_to_highest(make_sweep: Callable[..., Path]) -> None:
    lines = sweep_figures(read_sweep(make_sweep(3)))[2].data
    assert [line["y"] for line in lines] == [pytest.approx(one) for one in ([1, 0, 1], [0.5, 1, 0.5], [0, 0, 0])]
    assert lines[1]["customdata"][1] == "trial 1: &lt;b>big&lt;/b>"


def test_what_alone_makes_the_difference_is_the_most_important(make_sweep: Callable[..., Path]) -> None:
    found = importances(read_sweep(make_sweep(30)), "val/loss/epoch")
    assert found["system::optimizer::lr"] > 0.9
    assert sum(found.values()) == pytest.approx(1)
    assert importances(read_sweep(make_sweep(1)), "val/loss/epoch") == {}


def test_numbers_of_any_size_stop_no_report(make_sweep: Callable[..., Path]) -> None:
    sweep = read_sweep(make_sweep(30))
    sweep.space["count"] = {"low": -(10**30), "high": 10**30, "log": False}
    for number, trial in enumerate(sweep.trials):
        trial.parameters["count"] = number % 5
    assert importances(sweep, "val/loss/epoch") == {}
