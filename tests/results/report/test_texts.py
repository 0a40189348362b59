import html
import re

import pytest

from lighter.results.report.record import Record
from lighter.results.report.texts import configs, logs
from lighter.results.report.written_config import Line, WrittenConfig

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


def shown(*texts: str) -> str:
    config = WrittenConfig(tuple(Line(text) for text in texts))
    return configs([Record(path=None, label="<one>", config=config)])  # type: ignore[arg-type]  # no path is shown


@pytest.mark.parametrize(
    "text",
    [
        "seed: 1",
        "  lr: 0.1",
        "- _target_: a.B",
        "- - 1",
        "'odd: key': 1",
        "text: 'a: b'",
        "a: '@b::c'",
        'x: "<script>alert(1)</script>"',
        "- {a: 1}",
        "? a",
        ": b",
        "",
        "url: http://a.b",
    ],
)
def test_a_line_is_shown_as_it_is_written(text: str) -> None:
    found = re.search(r"<code>(.*)</code>", shown(text), re.DOTALL)
    assert found is not None
    assert html.unescape(re.sub(r"<[^>]*>", "", found[1])) == f"{text}\n"


def test_keys_signs_and_origins_are_told_from_the_rest() -> None:
    assert '<span class="key">lr</span>: 0.1' in shown("lr: 0.1")
    assert '<span class="key">a</span>:<span class="sign"> &#x27;@b&#x27;</span>' in shown("a: '@b'")
    config = WrittenConfig((Line("lr: 0.1", "base.yaml:6 -> command line"),))
    made = configs([Record(path=None, label="a", config=config)])  # type: ignore[arg-type]  # no path is shown
    assert '<span class="origin">  # base.yaml:6 -&gt; command line</span>' in made


def test_several_are_folded_and_trouble_is_told(make_record) -> None:
    records = [make_record("a"), make_record("b", **{"config.yaml": None})]
    made = configs(records)
    assert made.count("<details>") == 2
    assert "the folder holds no config.yaml" in made
