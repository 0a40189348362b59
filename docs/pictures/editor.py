"""A config in an editor, with the mistakes that `lighter check --json` tells, each at its line and column."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from itertools import groupby
from pathlib import Path
from string import Template
from typing import Any

from pygments import lex
from pygments.lexers import YamlLexer
from pygments.token import Comment, Literal, Name

STYLES = {Name.Tag: "key", Literal: "value", Comment: "comment"}
LINE, TOP = 21, 8  # pixels of a line of code, and above the first
Mistake = Mapping[str, Any]


def page(name: str, text: str, mistakes: Sequence[Mistake]) -> str:
    """The editor as HTML; the mouse rests on the first mistake."""
    found = sorted(mistakes, key=lambda mistake: mistake["line"])
    first = found[0]
    return Template((Path(__file__).parent / "editor.html").read_text(encoding="utf-8")).substitute(
        name=escape(name),
        count=len(found),
        line=LINE,
        top=TOP,
        code="".join(f'<div class="line">{line}</div>' for line in _lines(text, found)),
        hover_top=TOP + LINE * first["line"] + 2,
        hover_left=first["column"] - 1,
        hover=_told(first),
        problems="".join(
            f"<li>{_told(one)} <small>[Ln {one['line']}, Col {one['column']}]</small></li>" for one in found
        ),
    )


def _told(mistake: Mistake) -> str:
    return escape(mistake["text"])


def _lines(text: str, mistakes: Sequence[Mistake]) -> Iterator[str]:
    """Each line with its colours, what is wrong underlined."""
    signs = [(sign, _style(kind)) for kind, part in lex(text, YamlLexer()) for sign in part]
    for number, line in enumerate(text.splitlines(), 1):
        wrong = [range(one["column"] - 1, one["end_column"] - 1) for one in mistakes if one["line"] == number]
        classes = [
            " ".join(filter(None, (style, "wrong" if any(at in one for one in wrong) else "")))
            for at, (_, style) in enumerate(signs[: len(line)])
        ]
        del signs[: len(line) + 1]
        yield "".join(
            f'<span class="{style}">{escape("".join(sign for _, sign in part))}</span>'
            for style, part in groupby(zip(classes, line, strict=True), key=lambda one: one[0])
        )


def _style(kind: Any) -> str:
    return next((style for parent, style in STYLES.items() if kind in parent), "")
