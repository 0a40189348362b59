"""The section of the environments: machine, versions, what was not committed."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from lighter.results.report.differences import PACKAGES, environment_facts
from lighter.results.report.markup import Html, element, joined
from lighter.results.report.record import Record
from lighter.runs.record.environment import LATER


def environments(records: Sequence[Record]) -> Html:
    """The environment of each run; folded where there are several. Nothing where none was recorded."""
    shown = [record for record in records if record.environment or record.diffs]
    if len(records) == 1:
        return joined(_shown(record) for record in shown)
    return joined(element("details", element("summary", record.label), _shown(record)) for record in shown)


def _shown(record: Record) -> Html:
    diffs = (_folded(f"Not committed: {name}", _diff(text)) for name, text in record.diffs.items())
    return joined([*_facts(record.environment), *_packages(record.environment), *_later(record), *diffs])


def _facts(environment: Mapping[str, Any]) -> list[Html]:
    facts = environment_facts(environment).items()
    rows = (element("div", element("dt", name), element("dd", element("code", told))) for name, told in facts)
    return [element("dl", *rows, class_="environment")] if facts else []


def _later(record: Record) -> list[Html]:
    """What was different in stages after the first."""
    later = record.environment.get(LATER)
    stages = [one for one in later if isinstance(one, dict)] if isinstance(later, list) else []
    return [
        _folded(f"Later: {one.get('stage', 'another stage')}", joined([*_facts(one), *_packages(one)]))
        for one in stages
    ]


def _packages(environment: Mapping[str, Any]) -> list[Html]:
    packages = environment.get(PACKAGES)
    if not isinstance(packages, dict) or not packages:
        return []
    listed = (
        element("li", name, " ", element("span", str(packages[name]), class_="muted")) for name in sorted(packages)
    )
    return [_folded(f"{len(packages)} packages", element("ul", *listed, class_="packages"))]


def _diff(text: str) -> Html:
    groups = groupby(text.splitlines(), _look)
    lines = (element("span", "\n".join(group), "\n", class_=look) for look, group in groups)
    return element("pre", element("code", *lines), class_="code", tabindex="0", role="region", aria_label="Diff")


def _look(line: str) -> str | None:
    if line.startswith(("+++", "---", "@@", "diff ")):
        return "muted"
    return {"+": "added", "-": "removed"}.get(line[:1])


def _folded(summary: str, content: Html) -> Html:
    return element("details", element("summary", summary), content)
