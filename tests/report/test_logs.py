from lighter.report.logs import logs

BEGUN = "2026-01-31 12:00:00,000 INFO lighter: begins with <b>\n"
FAILED = "2026-01-31 12:00:01,000 ERROR lighter: Traceback (most recent call last):\nKeyError: 1\n"


def test_a_log_is_folded_and_that_of_a_failure_open(make_record) -> None:
    made = logs([make_record("a", **{"log.txt": BEGUN}), make_record("b", **{"log.txt": BEGUN + FAILED})])
    assert "<details><summary>a: 1 line</summary>" in made
    assert "<details open><summary>b: 1 line and a traceback</summary>" in made
    assert "begins with &lt;b&gt;" in made
    assert '<span class="traceback">2026-01-31 12:00:01,000 ERROR' in made


def test_a_run_without_a_log_is_left_out(make_record) -> None:
    assert logs([make_record()]) == ""


def test_of_a_long_log_it_is_said_that_there_is_more(make_record) -> None:
    assert "<summary>The last 200 lines</summary>" in logs([make_record(**{"log.txt": BEGUN * 300})])
