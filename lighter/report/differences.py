"""The section of what tells runs apart."""

from collections.abc import Sequence

from lighter.report.comparison import Row, config_rows, environment_rows, package_rows
from lighter.report.markup import Html, element, joined, table
from lighter.report.overview import dot
from lighter.report.record import Record

_ABSENT = Html('<span class="muted">not there</span>')

__all__ = ["differences"]


def differences(records: Sequence[Record]) -> Html:
    """Tables of the places, facts and packages in which runs are not the same."""
    environments = [record.environment for record in records]
    parts = [
        _table("Config", "Place", config_rows([record.config.tree for record in records]), records),
        _table("Environment", "Fact", environment_rows(environments), records),
        _table("Packages", "Package", package_rows(environments), records),
    ]
    return joined(parts)


def _table(title: str, head: str, rows: Sequence[Row], records: Sequence[Record]) -> Html:
    if not rows:
        return joined([element("h3", title), element("p", "No differences.", class_="note")])
    heads = [head, *(joined([dot(at), record.label]) for at, record in enumerate(records))]
    told = [
        [element("code", name), *(_ABSENT if v is None else element("code", v) for v in values)]
        for name, values in rows
    ]
    return joined([element("h3", title), table(f"Differences: {title}", heads, told, "differences")])
