"""HTML that cannot be written unescaped: a plain text becomes text, only `Html` is markup."""

import html
import json
from collections.abc import Iterable, Sequence
from datetime import datetime

_VOID = frozenset({"img", "meta", "br", "link"})


class Html(str):
    """A text that is markup already."""

    __slots__ = ()


def element(name: str, *children: str, **attributes: str | bool | None) -> Html:
    """An element; an attribute of None or False is left out, and `class_`, `aria_label` lose or turn their `_`."""
    written = "".join(map(_attribute, attributes.items()))
    if name in _VOID:
        return Html(f"<{name}{written}>")
    return Html(f"<{name}{written}>{joined(children)}</{name}>")


def joined(parts: Iterable[str]) -> Html:
    """Parts one after the other, each escaped if it is no markup yet."""
    return Html("".join(part if isinstance(part, Html) else html.escape(part) for part in parts))


def table(label: str, head: Sequence[str], rows: Iterable[Sequence[str]], class_: str | None = None) -> Html:
    """A table in a box that scrolls if it is too wide; the first cell of a row is its heading."""
    columns = element("tr", *(element("th", cell, scope="col") for cell in head))
    body = (
        element("tr", element("th", first, scope="row"), *(element("td", cell) for cell in rest))
        for first, *rest in rows
    )
    made = element("table", element("thead", columns), element("tbody", *body), class_=class_)
    return element("div", made, class_="scroll", tabindex="0", role="region", aria_label=label)


def folded(summary: str, *content: str, is_open: bool = False) -> Html:
    """What is shown only when its summary is chosen."""
    return element("details", element("summary", summary), *content, open=is_open)


def code(label: str, *lines: str) -> Html:
    """Lines of code in a box that scrolls."""
    return element("pre", element("code", *lines), class_="code", tabindex="0", role="region", aria_label=label)


def as_json(value: object) -> Html:
    """JSON for a script element, which no text in it can end."""
    written = json.dumps(value, separators=(",", ":"), allow_nan=False)
    return Html(written.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))


def _attribute(item: tuple[str, str | bool | None]) -> str:
    name, value = item[0].rstrip("_").replace("_", "-"), item[1]
    if value is None or value is False:
        return ""
    return f" {name}" if value is True else f' {name}="{html.escape(value)}"'


def number(value: object) -> str:
    """A metric's value in a table: four digits behind the point, or as many as a small or large one needs."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "" if value is None else str(value)
    if isinstance(value, int):
        return str(value)
    return f"{value:.4f}" if value == 0 or 1e-2 <= abs(value) < 1e5 else f"{value:.4g}"


def counted(count: float, noun: str) -> str:
    """`1 epoch`, `2,000 steps`."""
    return f"{count:,.0f} {noun}" if count == 1 else f"{count:,.0f} {noun}s"


def moment(time: datetime) -> str:
    """A time as it was where the run was."""
    return f"{time:%Y-%m-%d %H:%M}"
