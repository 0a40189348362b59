import json

from hypothesis import given
from hypothesis import strategies as st

from lighter.report.markup import Html, as_json, element, joined, table

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
