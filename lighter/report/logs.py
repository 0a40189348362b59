"""The section of the logs: how each ends, with the traceback of a failure."""

from collections.abc import Sequence

from lighter.report.markup import Html, element, joined
from lighter.report.record import Record
from lighter.report.telling import counted

__all__ = ["logs"]


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
