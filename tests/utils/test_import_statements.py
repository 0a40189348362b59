"""Import statements of a text, found and renamed."""

import sys
from types import ModuleType

import pytest

from lighter.utils.import_statements import imported_names, renamed, taken_names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("import a", {"a"}),
        ("import a, b.c as d ,e", {"a", "b.c", "e"}),
        ("from a.b import c, d", {"a.b"}),
        ("import a; from b import c; x = 1", {"a", "b"}),
        ("if x: import a\nelse: from b import *", {"a", "b"}),
        ("def f():\n\timport a\n    from b import (\n        c,\n    )", {"a", "b"}),
        ("import a, \\\n    b\nimport c  # import d", {"a", "b", "c"}),
        ("try:\r\n    import a\r\nexcept ImportError:\r\n    import b\r\n", {"a", "b"}),
        ("import größe\nfrom größe.x import y", {"größe", "größe.x"}),
        ("from . import a\nfrom .a import b\nfrom ..c import d\nimport2 = from_ = 1", set()),
        ("x = 'import'\nfrom_a = reimport\nyield_from b", set()),
        ("import", set()),
        ("from 3d import x\nimport a-b", set()),
        ("", set()),
    ],
)
def test_what_a_text_imports(text: str, names: set[str]) -> None:
    assert imported_names(text.encode()) == names


def test_bytes_of_another_encoding_do_no_harm() -> None:
    assert imported_names(b"# coding: latin-1\nimport a\nimport \xe4\nx = '\xff'") >= {"a"}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("from a.b import c", {"c"}),
        ("    from a.b import c as d, e  # f", {"c", "e"}),
        ("from a.b import (  # x\n    c,  # y\n    d as e,\n)\nfrom a.b import f", {"c", "d", "f"}),
        ("from a.b import c, \\\n    d; g = 1", {"c", "d"}),
        ("from a.b import *", set()),
        ("from a import c\nfrom a.bc import d\nfrom .a.b import e\nimport a.b", set()),
    ],
)
def test_what_a_text_takes_from_a_module(text: str, names: set[str]) -> None:
    assert taken_names(text.encode(), "a.b") == names


@pytest.fixture
def other() -> dict[str, str]:
    """Modules to be had by other names."""
    modules = {name: ModuleType(name) for name in ("x-y", "x-y.a", "x-y.a.b")}
    for name, module in modules.items():
        vars(module).update(value=name, __path__=[], a=modules["x-y.a"], b=modules["x-y.a.b"])
    sys.modules.update(modules)
    return {"a": "x-y.a", "a.b": "x-y.a.b"}


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("import a", {"a": "x-y.a"}),
        ("import a as c, sys", {"c": "x-y.a", "sys": "sys"}),
        ("import a.b", {"a": "x-y.a"}),
        ("import a.low as c", {}),
        ("import a.b as c", {"c": "x-y.a.b"}),
        ("from a import b", {"b": "x-y.a.b"}),
        ("from a.b import value as a", {"a": "'x-y.a.b'"}),
        ("if True:\n    try:\n        import a\n    finally:\n        import a as d", {"a": "x-y.a", "d": "x-y.a"}),
        ("def f():\n    global a\n    import a\nf()", {"a": "x-y.a"}),
        ("class C:\n    import a\na = C.a", {"a": "x-y.a"}),
        ("match 1:\n    case 1:\n        import a", {"a": "x-y.a"}),
        ("for _ in [1]: import a; import sys", {"a": "x-y.a", "sys": "sys"}),
    ],
)
def test_a_renamed_import_binds_the_same_names(other: dict[str, str], text: str, bound: dict[str, str]) -> None:
    found: dict[str, object] = {"__name__": "m"}
    if not bound:
        with pytest.raises(ModuleNotFoundError, match=r"No module named 'a'"):
            exec(renamed(text.encode(), "m.py", other), found)
        return
    exec(renamed(text.encode(), "m.py", other), found)
    for name, module in bound.items():
        assert getattr(found[name], "__name__", repr(found[name])) == module
    assert not {"__import__", "x-y"} & set(found) - {"__builtins__"}


def test_lines_and_the_rest_stay_as_they_are(other: dict[str, str]) -> None:
    text = b'"""Doc."""\nfrom __future__ import annotations\nimport a, nothing_at_all\nx: Unknown = 1\n'
    found: dict[str, object] = {}
    with pytest.raises(ModuleNotFoundError) as raised:
        exec(renamed(text, "m.py", other), found)
    assert raised.tb.tb_lineno if hasattr(raised, "tb") else raised.traceback[-1].lineno == 2
    assert (found["__doc__"], found["a"]) == ("Doc.", sys.modules["x-y.a"])


def test_relative_imports_keep_their_meaning() -> None:
    code = renamed(b"from .a import x\nfrom . import a", "m.py", {"a": "x-y.a"})
    assert "x-y.a" not in code.co_names
    with pytest.raises(ImportError, match="no known parent package"):
        exec(code, {"__name__": "m", "__package__": ""})


def test_what_is_no_python_is_told_by_python() -> None:
    with pytest.raises(SyntaxError):
        renamed(b"import a\nclass Net(:", "m.py", {"a": "x.a"})
