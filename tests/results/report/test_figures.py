import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lighter.results.report.figures import POINTS, Figure, curves, figures, figures_data, thinned

NAN_ROWS = [{"epoch": 0, "step": at, "a": value} for at, value in enumerate([1.0, "nan", "inf", 4.0])]


def drawn(*records: Any) -> dict[str, Figure]:
    return {figure.title: figure for figure in figures([(record.label, record.curves) for record in records])}


def test_train_and_val_of_a_metric_are_in_one_chart_step_curves_behind(make_record) -> None:
    found = drawn(make_record())
    assert list(found) == ["loss", "accuracy", "lr"]
    traces: Any = found["loss"].data
    assert [trace["name"] for trace in traces] == ["train step", "train", "val"]
    assert [trace["x"] for trace in traces] == [[9, 19, 39], [19, 39], [19, 39]]
    assert [trace["y"] for trace in traces] == [[0.9, 0.7, 0.5], [0.85, 0.55], [0.8, 0.6]]
    assert traces[0]["opacity"] < traces[1]["opacity"]
    assert "epoch 2" in traces[2]["customdata"][1]
    assert len({trace["meta"]["colour"] for trace in traces}) == 2


def test_runs_are_laid_over_each_other(make_record) -> None:
    traces: Any = drawn(make_record("a"), make_record("b"))["accuracy"].data
    assert [(trace["name"], trace["meta"]["run"], trace["meta"]["colour"]) for trace in traces] == [
        ("a val", 0, 0),
        ("b val", 1, 1),
    ]


def test_a_step_curve_without_another_is_no_shadow(make_record) -> None:
    traces: Any = drawn(make_record(rows=[{"epoch": 0, "step": 1, "train/loss/step": 1}]))["loss"].data
    assert traces[0]["opacity"] == 1


def test_a_long_curve_is_thinned_and_that_is_said(make_record) -> None:
    rows = [{"epoch": 0, "step": at, "train/loss/step": 100 if at == 777 else at % 7} for at in range(20_000)]
    figure = drawn(make_record(rows=rows))["loss"]
    (trace,) = figure.data
    values: Any = trace["y"]
    assert len(values) <= POINTS
    assert max(values) == 100
    assert figure.notes == (f"train/loss/step: {len(values):,} of 20,000 values are drawn, with every peak",)


def test_what_is_not_finite_is_a_gap_that_json_can_hold(make_record) -> None:
    figure = drawn(make_record(rows=NAN_ROWS))["a"]
    assert figure.data[0]["y"] == [1, None, None, 4]
    assert figure.notes == ("a: 2 values are NaN or infinite, first at step 1",)
    json.dumps(figure.data, allow_nan=False)


@pytest.mark.parametrize("count", [9, 17])
def test_beyond_the_colours_runs_differ_by_their_marks(make_record, count: int) -> None:
    traces: Any = drawn(*(make_record(f"run-{at:02}") for at in range(count)))["accuracy"].data
    assert len({(trace["meta"]["colour"], trace["marker"]["symbol"]) for trace in traces}) == count


@given(st.lists(st.floats(), min_size=20, max_size=200), st.integers(4, 30))
def test_few_are_kept_with_the_ends_and_the_extremes(values: list[float], most: int) -> None:
    kept = thinned(values, most)
    assert kept == sorted(set(kept))
    assert len(kept) <= most + 2
    assert {0, len(values) - 1} <= set(kept)
    finite = [value for value in values if math.isfinite(value)]
    if finite:
        shown = [values[at] for at in kept if math.isfinite(values[at])]
        assert (min(shown), max(shown)) == (min(finite), max(finite))


def test_no_peak_is_lost() -> None:
    values = [float(at % 3) for at in range(10_000)]
    values[1234], values[7777] = -50.0, 50.0
    kept = thinned(values, 200)
    assert len(kept) <= 200
    assert {0, 1234, 7777, 9999} <= set(kept)


def test_a_short_curve_stays_whole() -> None:
    assert thinned([1.0, math.nan, 3.0], 10) == [0, 1, 2]


def test_a_stretch_without_a_number_stays_a_gap() -> None:
    values = [1.0] * 500 + [math.nan] * 500 + [2.0] * 500
    assert any(math.isnan(values[at]) for at in thinned(values, 100))


def test_a_card_for_each_chart_and_a_legend_of_what_there_is(make_record) -> None:
    record = make_record()
    made = curves(["run"], figures([("run", record.curves)]))
    assert made.count('class="chart"') == 3
    assert [f'data-value="{kind}"' in made for kind in ("train", "val", "step", "test")] == [True, True, True, False]
    assert 'aria-label="loss: train step from 0.9 to 0.5; train from 0.85 to 0.55; val from 0.8 to 0.6"' in made
    assert 'data-shows="run"' not in made


def test_several_runs_are_in_the_legend(make_record) -> None:
    records = [make_record("<a>"), make_record("b")]
    made = curves([record.label for record in records], figures([(record.label, record.curves) for record in records]))
    assert made.count('data-shows="run"') == 2
    assert "&lt;a&gt;" in made


def test_no_curves_are_told() -> None:
    assert "No curves: there is no metrics.csv" in curves(["run"], [])


def test_notes_stand_below_their_chart(make_record) -> None:
    record = make_record(rows=[{"epoch": 0, "step": 1, "a": "nan"}])
    made = curves(["run"], figures([("run", record.curves)]))
    assert "a: 1 value is NaN or infinite, first at step 1" in made
    assert "a: no finite value" in made


def test_the_data_is_json_of_all_charts(make_record) -> None:
    made = figures([("run", make_record().curves)])
    assert [one["title"] for one in json.loads(figures_data(made))] == ["loss", "accuracy", "lr"]
