"""Functions by source."""

from typing import Any

import pytest

from lighter.adapters.transforms import functions, functions_by_source


def test_one_or_several() -> None:
    assert functions(abs, "A") == (abs,)
    assert functions([abs, len], "A") == (abs, len)
    assert functions((), "A") == ()
    assert functions_by_source({"pred": abs, "input": [len]}, "A") == {"pred": (abs,), "input": (len,)}
    assert functions_by_source(None, "A") == {}


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"pred": 3}, TypeError, "A(transforms pred): a transform is a function or a list of functions, not 3"),
        (
            {"pred": [abs, 3]},
            TypeError,
            ("A(transforms pred): a transform is a function or a list of functions, not [<built-in function abs>, 3]"),
        ),
        ({"preds": abs}, ValueError, "A(transforms): there is no 'preds'; did you mean 'pred'?"),
        ([abs], TypeError, "A: transforms are a mapping from input, target, pred, not [<built-in function abs>]"),
    ],
)
def test_what_is_wrong_is_told(given: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as told:
        functions_by_source(given, "A")
    assert str(told.value) == message
