import pytest
from hypothesis import given
from hypothesis import strategies as st

from lighter.adopting.values import written
from lighter.config import Config

KEYS = st.from_regex(r"[a-z]\w{0,5}", fullmatch=True)
SCALARS = st.none() | st.booleans() | st.integers(-(10**18), 10**18) | st.floats(allow_nan=False) | st.text()
PLAIN = st.recursive(SCALARS, lambda below: st.lists(below, max_size=3) | st.dictionaries(KEYS, below, max_size=3))


@pytest.mark.parametrize(
    ("value", "text"),
    [(1e-5, "1.0e-05"), ("$x", "$$x"), ("1e-3", "'1e-3'"), ((3, "a"), "[3, a]"), ({"a": None}, "{a: null}")],
)
def test_how_values_are_written(value, text):
    assert written(value) == text


@given(PLAIN)
def test_what_is_written_is_read_as_the_same(tmp_path_factory, value):
    path = tmp_path_factory.mktemp("values") / "a.yaml"
    path.write_text(f"a: {written(value)}  # a comment\n", encoding="utf-8")
    assert Config.load(path).resolve("a") == value
