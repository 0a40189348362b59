import re

import pytest

from lighter.results.report.overview import ending, leading, overview, telling_bests, title

FAILURE = "2026-01-31 12:00:00,000 ERROR lighter: Traceback (most recent call last):\nKeyError: 'no <such> point'\n"


def text(markup: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", markup).split())


def test_one_run_with_its_times_and_best_values(make_record, status) -> None:
    stages = {**status(stage="test"), "earlier": [status()]}
    record = make_record(**{"status.json": stages, "environment.json": {"seed": 3}})
    told = text(overview([record]))
    assert told.startswith(f"Lighter report run {record.path} Status finished Started 2026-01-31 12:00")
    assert "Time of fit 3 min 20 s Time of test 3 min 20 s Trained 2 epochs, 40 steps Seed 3" in told
    assert "val loss 0.6000 lowest, epoch 2 val accuracy 0.7500 highest, epoch 2" in told


def test_several_runs_are_a_table_that_marks_the_best(make_record) -> None:
    worse = [{"epoch": 0, "step": 1, "val/loss/epoch": 0.9}]
    records = [make_record("a"), make_record("b", worse, **{"status.json": None})]
    assert title(records) == "2 runs compared"
    made = overview(records)
    assert "<strong>0.6000</strong>" in made
    assert "<strong>0.9000</strong>" not in made
    assert "not recorded" in made


@pytest.mark.parametrize("state", ["finished", "failed", "interrupted"])
def test_the_state_is_told_in_a_word(make_record, status, state: str) -> None:
    assert text(ending(make_record(**{"status.json": status(state)}))) == state


def test_a_failure_is_told_at_once(make_record, status) -> None:
    files = {"status.json": status("failed", error="KeyError: 'no <such> point'"), "log.txt": FAILURE}
    made = overview([make_record(**files)])
    assert "KeyError: &#x27;no &lt;such&gt; point&#x27;" in made
    assert 'href="#log"' in made


def test_a_run_without_a_status_failed_if_its_log_says_so(make_record) -> None:
    record = make_record(**{"status.json": None, "log.txt": FAILURE})
    assert text(ending(record)) == "failed"
    assert "no &lt;such&gt; point" in overview([record])


def test_a_run_of_nothing_has_a_head(make_record) -> None:
    record = make_record(rows=[], **{"status.json": None, "results.json": "{"})
    told = text(overview([record]))
    assert told.startswith("Lighter report run")
    assert "results.json cannot be read" in told


def test_val_says_more_than_train_and_train_more_than_nothing(make_record) -> None:
    rows = [{"epoch": 0, "step": 1, "train/loss/epoch": 3, "val/loss/epoch": 2, "train/f1/epoch": 1, "train/lr": 1}]
    assert list(telling_bests(make_record(rows=rows))) == ["val loss", "train f1"]


def test_what_is_best_of_all_is_marked_unless_all_are_equal(make_record) -> None:
    curve = next(curve for curve in make_record().curves if curve.logged == "val/loss/epoch")
    one = make_record().best(curve)
    assert leading([one, None]) == set()
    assert leading([one, one]) == set()
