"""Expressions with references inside, and import statements."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lighter.config.expressions import LONGEST, Expression, Imports, read_code, with_absolute_places


def places(written):
    return [str(place) for _, place in read_code(written).slots]


def names(written):
    return sorted(read_code(written).names)


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("@a", ["a"]),
        ("@a::b::0 + @c#d", ["a::b::0", "c::d"]),
        ("@a + @a", ["a"]),
        ("@::x + @##y", ["::x", "::::y"]),
        ("@net.parameters()", ["net"]),
        ("[@a[i] for i in range(@n)]", ["a", "n"]),
        ("lambda x: x * @a", ["a"]),
        ("{@a: @b}[@a:@b]", ["a", "b"]),
        ("@a @ @b", ["a", "b"]),
        ("x@y", []),
        ("f(x)@y", []),
        ("'@a' + \"@b\" + '''@c'''", []),
        ("r'\\@a' + '\\'@b' + @c", ["c"]),
        ("f'{@a} @b {{@c}} {@d:>{@e}}'", ["a", "d", "e"]),
        ("f'{@a}}} {{{@b}'", ["a", "b"]),
        ("f\"{'@a'} {[@b]}\"", ["b"]),
        ("rf'{@a}'", ["a"]),
        ("rb'@a' and u'@b'", []),
    ],
)
def test_places_in_code(written, found):
    assert places(written) == found


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("len(@a) + b", ["b", "len"]),
        ("lambda x, *y: x + y + z", ["z"]),
        ("[i + j for i in range(3) if k]", ["j", "k", "range"]),
        ("[(lambda i: i + m)(i) for i in n]", ["m", "n"]),
        ("(y := @a) + y", []),
        ("{k: v for k, v in d.items()}", ["d"]),
        ("math.pi", ["math"]),
        ("f'{a}'", ["a"]),
    ],
)
def test_names_from_outside(written, found):
    assert names(written) == found


def test_what_is_known_is_not_unknown():
    code = read_code("torch.ones(len(np.zeros(my))) + numpy + math + monai + os")
    assert code.unknown(frozenset({"my"})) == ["os"]


@pytest.mark.parametrize(
    ("written", "loads", "binds", "value"),
    [
        ("import os", ("os",), (("os", "os"),), "os"),
        ("import a.b", ("a.b",), (("a", "a"),), "a.b"),
        ("import a.b as c", ("a.b",), (("c", "a.b"),), "a.b"),
        ("from a import b as c, d", ("a", "a"), (("c", "a.b"), ("d", "a.d")), "a.b"),
        (" import os; import re ", ("os", "re"), (("os", "os"), ("re", "re")), "os"),
    ],
)
def test_import_statements(written, loads, binds, value):
    code = read_code(written)
    assert isinstance(code, Imports)
    assert (code.loads, code.binds, code.value) == (loads, binds, value)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "1 +",
        "x = 1",
        "from a import *",
        "from . import a",
        "import os; x = 1",
        "f(a=1, a=2)",
        "lambda x, x: 1",
        "(yield)",
        "await x",
        "a @b",
        "'unclosed @a",
        "'''unclosed",
        "'\\",
        "f'{@a'",
        "1\0",
        "\ud800",
        "-" * 50_000 + "1",
        "x = " + "-" * 50_000 + "1",
        "+".join("x" * 50_000),
        "lambda: " * 5000 + "1",
        "9" * 10_000,
        "x" * (LONGEST + 1),
    ],
)
def test_what_is_neither_is_refused(written):
    with pytest.raises(SyntaxError):
        read_code(written)


@given(st.text(st.sampled_from("@'\"{}\\:#f.a1+ \n()[]"), max_size=60))
def test_any_text_is_code_or_refused(written):
    try:
        code = read_code(written)
    except SyntaxError:
        return
    assert isinstance(code, (Expression, Imports))


@given(
    st.lists(st.sampled_from(["'", '"', "\\", "f'", "'''", "{", "}", "@a", "\n"])).map(
        lambda pieces: "".join(pieces) * 500
    )
)
def test_no_text_is_searched_twice(written):
    with_absolute_places(written, ("p", "q"))


def test_code_runs_with_its_slots():
    code = pickle.loads(pickle.dumps(read_code("[@a * x for x in (1, 2)]")))
    ((slot, _),) = code.slots
    assert eval(code.compiled, {slot: 3}) == [3, 6]


def test_places_are_made_absolute():
    assert with_absolute_places("@::a + @b + '@::c' + f'{@::::d}'", ("x", "y")) == "@x::a + @b + '@::c' + f'{@d}'"
