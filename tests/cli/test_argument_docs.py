"""What docstrings say of arguments, in the styles that there are."""

import pytest

from lighter.cli.argument_docs import argument_docs

GOOGLE = """Makes it.

    Args:
        width (int, optional): the number of channels
            of each layer. More of it is told later.
        depth: How deep, e.g. 3 blocks, it is.
        betas (Tuple[float, float]): coefficients (default: (0.9, 0.999))

        *rest: all others
        **kwargs (Any): handed on: to the base
        ratio: one of ``a``. - no list

            - of several
        empty:
        next_line:
            on the next line

    Returns:
        out (int): no argument

    Keyword args:
        named_only: by name!
"""
NUMPY = """Makes it.

    Parameters
    ----------
    width : int, optional
        The number of channels. And more.
    depth, height
        Both of them
    *args, **kwargs :
        all others
    x : {'a', 'b'}, default: 'a'

    Returns
    -------
    out : int
        no argument

    Other Parameters
    ----------------
    late : bool
        told late
"""
REST = """Makes it.

    :param width: the number of channels
        of each layer. More.
    :param int depth: how deep
    :keyword Optional[str] name: what it is called
    :type width: int
    :returns: nothing
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            GOOGLE,
            {
                "width": "the number of channels of each layer",
                "depth": "How deep, e.g. 3 blocks, it is",
                "betas": "coefficients (default: (0.9, 0.999))",
                "rest": "all others",
                "kwargs": "handed on: to the base",
                "ratio": "one of ``a``",
                "next_line": "on the next line",
                "named_only": "by name!",
            },
        ),
        (
            NUMPY,
            {
                "width": "The number of channels",
                "depth": "Both of them",
                "height": "Both of them",
                "args": "all others",
                "kwargs": "all others",
                "late": "told late",
            },
        ),
        (REST, {"width": "the number of channels of each layer", "depth": "how deep", "name": "what it is called"}),
        ("Args:\n    x: one\ny: two\n", {"x": "one"}),
        ("Parameters:\n  x: one\n", {"x": "one"}),
        (":param x: one", {"x": "one"}),
        ("Args:\n", {}),
        ("Parameters\n----", {}),
        ("An example:\n    x: one\n", {}),
        ("", {}),
        ("Args:\n    x: " + "word " * 100, {"x": ("word " * 100)[:157].rstrip() + "..."}),
    ],
)
def test_the_first_sentence_of_each(text: str, said: dict[str, str]) -> None:
    assert argument_docs(text) == said
