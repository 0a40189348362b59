import math

import pytest

from lighter.cli.converting.hydra_words import Call, read_value
from lighter.errors import UsageError


# As Hydra 1.3 reads them.
@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1e-3", 0.001),
        ("1_000", 1000),
        ("-1.5", -1.5),
        ("007", "007"),
        ("0x10", "0x10"),
        ("yes", "yes"),
        ("TRUE", True),
        ("nUll", None),
        ("", ""),
        ("a b", "a b"),
        ("'a b'", "a b"),
        ('"a,b"', "a,b"),
        ("'it\\'s'", "it's"),
        ("a\\,b", "a,b"),
        ("a:b", "a:b"),
        ("/a/b.txt", "/a/b.txt"),
        ("${a.b}", "${a.b}"),
        ("${a:1,2}", "${a:1,2}"),
        ("[1, 2, a b]", [1, 2, "a b"]),
        ("[]", []),
        ("[a,'b']", ["a", "b"]),
        ("{a: 1, b: [x, 'y z']}", {"a": 1, "b": ["x", "y z"]}),
        ("int('3')", 3),
        ("str(1)", "1"),
        ("inf", math.inf),
    ],
)
def test_one_value(written, value):
    assert read_value(written).plain == value


@pytest.mark.parametrize(
    ("written", "name", "arguments"),
    [
        ("1,2,a b", "choice", [1, 2, "a b"]),
        ("choice(a, 'b c')", "choice", ["a", "b c"]),
        ("interval(0.1, 1)", "interval", [0.1, 1]),
        ("range(1,10)", "range", [1, 10]),
    ],
)
def test_several_values(written, name, arguments):
    value = read_value(written)
    assert (value.name, [one.plain for one in value.arguments]) == (name, arguments)


def test_a_function_within_another_and_arguments_by_name():
    value = read_value("tag(log, interval(start=1, end=2))")
    assert isinstance(value.arguments[1], Call)
    assert {name: part.plain for name, part in value.arguments[1].named.items()} == {"start": 1, "end": 2}


@pytest.mark.parametrize("written", ["[1, 2", "{a: 1", "choice(1", "chioce(1, 2)", "[choice(1, 2)]", "[1] 2"])
def test_what_cannot_be_read(written):
    with pytest.raises(UsageError):
        read_value(written)
