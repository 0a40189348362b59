"""Plain scalars as people mean them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lighter.config.scalars import LONGEST, read_scalar, reads_as_text


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1e-3", 1e-3),
        ("1E5", 1e5),
        ("-.5", -0.5),
        ("1.", 1.0),
        ("+1.5e+3", 1500.0),
        ("1_000", 1000),
        ("1_000.5", 1000.5),
        ("-0", 0),
        ("017", 17),
        ("0x1F", 31),
        ("0o17", 15),
        ("0b101", 5),
        ("-0x10", -16),
        (".inf", math.inf),
        ("-.INF", -math.inf),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
    ],
)
def test_a_value_is_what_it_looks_like(written, value):
    found = read_scalar(written)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize("written", [".nan", ".NaN", ".NAN"])
def test_not_a_number(written):
    assert math.isnan(read_scalar(written))


@pytest.mark.parametrize(
    "written",
    [
        "yes",
        "no",
        "on",
        "off",
        "y",
        "n",
        "Yes",
        "NO",
        "tRue",
        "1__0",
        "_1",
        "1_",
        "1e",
        "1e1_0",
        "e5",
        "0x",
        "0xg",
        "0o8",
        "0b2",
        "1:30",
        "2020-01-01",
        "1.2.3",
        ".",
        "+",
        "-",
        "--",
        "inf",
        "nan",
        "\u0661",
    ],
)
def test_all_else_is_text(written):
    assert read_scalar(written) == written
    assert reads_as_text(written)


@pytest.mark.parametrize("written", ["9" * (LONGEST + 1), "0x" + "f" * LONGEST])
def test_endless_digits_are_refused(written):
    with pytest.raises(ValueError, match="characters"):
        read_scalar(written)
    assert not reads_as_text(written)


@pytest.mark.parametrize("written", ["9" * LONGEST, "0x" + "f" * (LONGEST - 2), "0." + "1" * 10 * LONGEST])
def test_long_numbers_can_be_written_out(written):
    assert str(read_scalar(written))


@given(st.text())
def test_any_text_has_a_value(written):
    assert isinstance(read_scalar(written), (str, int, float, type(None)))


@given(st.one_of(st.integers(), st.floats(allow_nan=False)))
def test_what_python_writes_is_read_back(value):
    assert read_scalar(repr(value).replace("inf", ".inf")) == value
