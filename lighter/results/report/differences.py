"""The sections of the environments, machine, versions and what was not committed, and of what differs between runs."""

import shlex
from collections.abc import Mapping as AbstractMapping
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from lighter.config import differing
from lighter.config.dumping import in_line
from lighter.config.key_path import KeyPath, text
from lighter.config.tree import Mapping, find
from lighter.results.report.markup import Html, code, element, folded, joined, table
from lighter.results.report.overview import heads
from lighter.results.report.record import Record
from lighter.runs.record.environment import LATER

PACKAGES = "packages"
_OWN = ("command", "seed", "sources", "stage", "started")  # shown elsewhere, or of no two runs the same

Row = tuple[str, tuple[str | None, ...]]  # what differs, and its value in each run; None where it has none

_ABSENT = Html('<span class="muted">not there</span>')


def config_rows(trees: Sequence[Mapping | None]) -> list[Row]:
    """The places at which the configs of runs are not all the same, as each has them."""
    known = [tree for tree in trees if tree is not None]
    places: dict[KeyPath, None] = {}
    for tree in known[1:]:
        places |= {difference.place: None for difference in differing.differences(known[0], tree)}
    return [(text(place), tuple(_written(tree, place) for tree in trees)) for place in sorted(places)]


def environment_facts(environment: AbstractMapping[str, Any]) -> dict[str, str]:
    """What is known of a run's environment, but for its packages: by name, as text."""
    facts: dict[str, str] = {}
    for name, value in environment.items():
        if name not in (PACKAGES, LATER):
            facts |= _facts(_words(name), value)
    return facts


def environment_rows(environments: Sequence[AbstractMapping[str, Any]]) -> list[Row]:
    """The facts in which the environments of runs differ."""
    facts = map(environment_facts, environments)
    return _rows([{name: fact for name, fact in one.items() if name not in _OWN} for one in facts])


def package_rows(environments: Sequence[AbstractMapping[str, Any]]) -> list[Row]:
    """The packages of which runs had different versions."""
    known = [one.get(PACKAGES) for one in environments]
    return _rows([{name: str(of[name]) for name in sorted(of)} if isinstance(of, dict) else {} for of in known])


def _rows(facts: Sequence[AbstractMapping[str, str]]) -> list[Row]:
    """What is not the same in all that say anything."""
    names = dict.fromkeys(name for one in facts for name in one)
    rows = [(name, tuple(one.get(name) for one in facts)) for name in names]
    return [row for row in rows if len({value for value, one in zip(row[1], facts, strict=True) if one}) > 1]


def _facts(name: str, value: Any) -> dict[str, str]:
    if isinstance(value, dict):
        return {f"{name} {_words(key)}": fact for key, one in value.items() for fact in _facts("", one).values()}
    if isinstance(value, list):
        words = list(map(str, value))
        return {name: shlex.join(words) if name == "command" else ", ".join(words)} if words else {}
    if isinstance(value, bool):
        return {name: "yes" if value else "no"}
    return {} if value is None else {name: str(value)}


def _words(name: str) -> str:
    return name.replace("_", " ").replace(" gib", " GiB")


def _written(tree: Mapping | None, place: KeyPath) -> str | None:
    node = find(tree, place) if tree is not None else None
    return None if node is None else in_line(node)


def differences(records: Sequence[Record]) -> Html:
    """Tables of the places, facts and packages in which runs are not the same."""
    environments = [record.environment for record in records]
    tables = (
        ("Config", "Place", config_rows([record.config.tree for record in records])),
        ("Environment", "Fact", environment_rows(environments)),
        ("Packages", "Package", package_rows(environments)),
    )
    return joined(_table(*one, records) for one in tables)


def _table(title: str, head: str, rows: Sequence[Row], records: Sequence[Record]) -> Html:
    if not rows:
        return joined([element("h3", title), element("p", "No differences.", class_="note")])
    cells = [
        [element("code", name), *(_ABSENT if v is None else element("code", v) for v in values)]
        for name, values in rows
    ]
    return joined([element("h3", title), table(f"Differences: {title}", [head, *heads(records)], cells, "differences")])


def environments(records: Sequence[Record]) -> Html:
    """The environment of each run; folded where there are several. Nothing where none was recorded."""
    shown = [record for record in records if record.environment or record.diffs]
    if len(records) == 1:
        return joined(_shown(record) for record in shown)
    return joined(folded(record.label, _shown(record)) for record in shown)


def _shown(record: Record) -> Html:
    later = record.environment.get(LATER)  # what was different in stages after the first
    stages = [one for one in later if isinstance(one, dict)] if isinstance(later, list) else []
    return joined(
        [
            _environment(record.environment),
            *(folded(f"Later: {one.get('stage', 'another stage')}", _environment(one)) for one in stages),
            *(folded(f"Not committed: {name}", _diff(text)) for name, text in record.diffs.items()),
        ]
    )


def _environment(environment: AbstractMapping[str, Any]) -> Html:
    """The facts and the packages, as far as there are any."""
    facts, packages, parts = environment_facts(environment).items(), environment.get(PACKAGES), []
    if facts:
        rows = (element("div", element("dt", name), element("dd", element("code", fact))) for name, fact in facts)
        parts.append(element("dl", *rows, class_="environment"))
    if isinstance(packages, dict) and packages:
        versions = ((name, " ", element("span", str(packages[name]), class_="muted")) for name in sorted(packages))
        listed = element("ul", *(element("li", *version) for version in versions), class_="packages")
        parts.append(folded(f"{len(packages)} packages", listed))
    return joined(parts)


def _diff(text: str) -> Html:
    groups = groupby(text.splitlines(), _look)
    lines = (element("span", "\n".join(group), "\n", class_=look) for look, group in groups)
    return code("Diff", *lines)


def _look(line: str) -> str | None:
    if line.startswith(("+++", "---", "@@", "diff ")):
        return "muted"
    return {"+": "added", "-": "removed"}.get(line[:1])
