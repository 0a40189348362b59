import json

from lighter.results.report.curves import curves, figures_data
from lighter.results.report.figures import figures


def test_a_card_for_each_chart_and_a_legend_of_what_there_is(make_record) -> None:
    record = make_record()
    made = curves([record], figures([("run", record.curves)]))
    assert made.count('class="chart"') == 3
    assert [f'data-value="{kind}"' in made for kind in ("train", "val", "step", "test")] == [True, True, True, False]
    assert 'aria-label="loss: train step from 0.9 to 0.5; train from 0.85 to 0.55; val from 0.8 to 0.6"' in made
    assert 'data-shows="run"' not in made


def test_several_runs_are_in_the_legend(make_record) -> None:
    records = [make_record("<a>"), make_record("b")]
    made = curves(records, figures([(record.label, record.curves) for record in records]))
    assert made.count('data-shows="run"') == 2
    assert "&lt;a&gt;" in made


def test_no_curves_are_told(make_record) -> None:
    assert "No curves: there is no metrics.csv" in curves([make_record(rows=[])], [])


def test_notes_stand_below_their_chart(make_record) -> None:
    record = make_record(rows=[{"epoch": 0, "step": 1, "a": "nan"}])
    made = curves([record], figures([("run", record.curves)]))
    assert "a: 1 value is NaN or infinite, first at step 1" in made
    assert "a: no finite value" in made


def test_the_data_is_json_of_all_charts(make_record) -> None:
    made = figures([("run", make_record().curves)])
    assert [one["title"] for one in json.loads(figures_data(made))] == ["loss", "accuracy", "lr"]
