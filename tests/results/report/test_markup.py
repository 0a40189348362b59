import json
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lighter.results.report.markup import Html, as_json, counted, element, joined, moment, number, table

HOSTILE = "<script>alert(1)</script> & \"quoted\" 'text'"


def test_text_is_escaped_and_markup_is_not() -> None:
    made = element("p", HOSTILE, element("b", "x"), title=HOSTILE)
    assert "<script>" not in made
    assert made.endswith("&#x27;text&#x27;<b>x</b></p>")
    assert 'title="&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;quoted&quot;' in made


def test_attributes_are_named_as_html_has_them() -> None:
    assert element("img", class_="a", aria_label="b", open=True, hidden=False, id=None) == (
        '<img class="a" aria-label="b" open>'
    )


def test_joined_parts_are_markup() -> None:
    assert isinstance(joined(["<", Html("<br>")]), Html)
    assert joined(["<", Html("<br>")]) == "&lt;<br>"


def test_a_table_has_headings_of_columns_and_rows() -> None:
    made = table("Runs", ["a", "b"], [["1", "<2>"]])
    assert '<th scope="col">a</th>' in made
    assert '<th scope="row">1</th><td>&lt;2&gt;</td>' in made
    assert 'aria-label="Runs"' in made


@given(st.text())
def test_no_text_ends_the_script_that_json_stands_in(text: str) -> None:
    written = as_json([f"</script><!--{text}"])
    assert not {"<", ">", "&"} & set(written)
    assert json.loads(written) == [f"</script><!--{text}"]


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (0.123456, "0.1235"),
        (0.0, "0.0000"),
        (1.5e-5, "1.5e-05"),
        (123456.7, "1.235e+05"),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
        (3, "3"),
        (None, ""),
        (True, "True"),
        ("text", "text"),
    ],
)
def test_numbers(value: object, told: str) -> None:
    assert number(value) == told


def test_a_moment_is_told_to_the_minute() -> None:
    assert moment(datetime(2026, 1, 31, 12, 5, 59)) == "2026-01-31 12:05"  # noqa: DTZ001  # told as it is


def test_counts() -> None:
    assert [counted(1, "step"), counted(2000.0, "step"), counted(0, "line")] == ["1 step", "2,000 steps", "0 lines"]
