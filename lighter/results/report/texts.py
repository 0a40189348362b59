"""The section of the configs, with the place that each value came from."""

import re
from collections.abc import Sequence

from lighter.results.report.markup import Html, counted, element, joined
from lighter.results.report.record import Record
from lighter.results.report.written_config import Line, WrittenConfig

_KEY = re.compile(r"""(\s*(?:- )*)([^\s'":\[{][^:]*|'[^']*'|"[^"]*")(:)(?= |$)(.*)""")
_SIGNED = re.compile(r""" ?['"]?[@$%](?![@$%])""")


def configs(records: Sequence[Record]) -> Html:
    """The config of each run; folded where there are several, whose differences say more."""
    if len(records) == 1:
        return _shown(records[0].config, records[0].label)
    return joined(_folded(record) for record in records)


def _folded(record: Record) -> Html:
    return element("details", element("summary", record.label), _shown(record.config, record.label))


def _shown(config: WrittenConfig, label: str) -> Html:
    if config.trouble:
        return element("p", config.trouble, class_="note")
    code = element("code", *map(_line, config.lines))
    return element("pre", code, class_="code", tabindex="0", role="region", aria_label=f"Config of {label}")


def _line(line: Line) -> Html:
    origin = [element("span", f"  # {line.origin}", class_="origin")] if line.origin else []
    return joined([*_coloured(line.text), *origin, "\n"])


def _coloured(text: str) -> list[str]:
    """A line of YAML, its key and its signs told from the rest."""
    found = _KEY.fullmatch(text)
    if found is None:
        return [text]
    before, key, colon, value = found.groups()
    shown = element("span", value, class_="sign") if _SIGNED.match(value) else value
    return [before, element("span", key, class_="key"), colon, shown]


def logs(records: Sequence[Record]) -> Html:
    """The end of each run's log; open where it ends with a traceback. Nothing where there is no log."""
    return joined(
        _log(record, with_name=len(records) > 1) for record in records if record.log.lines or record.log.traceback
    )


def _log(record: Record, with_name: bool) -> Html:
    log = record.log
    count = counted(len(log.lines), "line")
    what = count if log.is_whole else f"The last {count}"
    told = " and a traceback" if log.traceback else ""
    lines = [f"{line}\n" for line in log.lines]
    failed = [element("span", "\n".join(log.traceback), class_="traceback")] if log.traceback else []
    text = element(
        "pre", element("code", *lines, *failed), class_="code", tabindex="0", role="region", aria_label="Log"
    )
    summary = element("summary", f"{record.label}: {what}{told}" if with_name else f"{what}{told}")
    return element("details", summary, text, open=bool(log.traceback))
