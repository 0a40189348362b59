"""The report as a file: one page with its style, its scripts and its data, which asks for nothing from the network."""

import importlib.util
import os
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from urllib.parse import quote

from lighter.errors import RunError
from lighter.results.reading.log_end import LogEnd
from lighter.results.report.configs import configs
from lighter.results.report.differences import differences, environments
from lighter.results.report.figures import Figure, curves, figures, figures_data
from lighter.results.report.markup import Html, code, counted, element, folded, joined
from lighter.results.report.overview import overview, title
from lighter.results.report.predictions import predictions
from lighter.results.report.record import Record, labels, read_record
from lighter.results.report.results import results
from lighter.runs.folder import REPORT, RunDirectory, time_of
from lighter.runs.whole_files import write_whole

_HERE = Path(__file__).parent
_POLICY = "default-src 'none'; script-src 'nonce-{}'; style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'"


def write_report(run: RunDirectory) -> Path:
    """Writes the report of one run into its folder, and gives its path."""
    return write_reports([run], run.path / REPORT)


def write_reports(runs: Sequence[RunDirectory], path: Path, *, single_file: bool = False) -> Path:
    """Writes one report of several runs, compared with each other; plotly.js once beside the runs, or into the page."""
    named = labels([run.path for run in runs])
    records = [read_record(run, label) for run, label in zip(runs, named, strict=True)]
    has_charts = not single_file and any(record.curves for record in records)
    write_whole(path, page(records, plotly_beside(runs[0].path, path) if has_charts else None))
    return path


def page(records: Sequence[Record], script: str | None = None) -> bytes:
    """The HTML of a report, with plotly.js in it or at this address. Raises RunError where plotly is not installed."""
    charts = figures([(record.label, record.curves) for record in records])
    sections = [
        ("Curves", curves([record.label for record in records], charts)),
        ("Results", results(records)),
        ("Differences", differences(records) if len(records) > 1 else Html()),
        ("Predictions", predictions([(record.label, record.images) for record in records])),
        ("Config", configs([(record.label, record.config) for record in records])),
        ("Environment", environments(records)),
        ("Log", _logs(records)),
    ]
    return document(title(records), overview(records), sections, charts, script)


def document(
    name: str,
    header: Html,
    sections: Iterable[tuple[str, Html]],
    charts: Sequence[Figure],
    script: str | None = None,
) -> bytes:
    """A page of this name with those sections that are not empty, and what draws its charts."""
    nonce = os.urandom(16).hex()  # no script runs but ours, whatever a file of a run may hold
    shown = [(name, content) for name, content in sections if content]
    head = _head(name, _POLICY.format(nonce))
    links = (element("a", name, href=f"#{name.lower()}") for name, _ in shown)
    main = (element("section", element("h2", name), content, id=name.lower()) for name, content in shown)
    body = joined([header, element("nav", *links, aria_label="Sections"), element("main", *main)])
    data = element("script", figures_data(charts), type="application/json", id="figures", nonce=nonce)
    loaded = element("script", src=script, nonce=nonce) if script is not None else Html()
    start = f'<!doctype html>\n<html lang="en">{head}<body>{body}{data}{loaded}<script nonce="{nonce}">'
    between, end = f'</script><script nonce="{nonce}">', "</script></body></html>\n"
    plotly = _plotly() if charts and script is None else b""
    return b"".join([_bytes(start), plotly, _bytes(between), (_HERE / "report.js").read_bytes(), _bytes(end)])


def _bytes(text: str) -> bytes:
    """As UTF-8, which has no sign for some that a file's name or JSON may hold."""
    return text.encode(errors="backslashreplace")


def _head(name: str, policy: str) -> Html:
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name_="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name_="color-scheme", content="light dark"),
        element("link", rel="icon", href="data:,"),
        element("title", f"{name} - Lighter report"),
        element("style", Html((_HERE / "report.css").read_text(encoding="utf-8"))),
    )


def _logs(records: Sequence[Record]) -> Html:
    """The end of each run's log; open where it ends with a traceback. Nothing where there is no log."""
    shown = [record for record in records if record.log.lines or record.log.traceback]
    return joined(_log(f"{record.label}: " if len(records) > 1 else "", record.log) for record in shown)


def _log(label: str, log: LogEnd) -> Html:
    count = counted(len(log.lines), "line")
    summary = f"{label}{count if log.is_whole else f'The last {count}'}{' and a traceback' * bool(log.traceback)}"
    lines = [f"{line}\n" for line in log.lines]
    if log.traceback:
        lines.append(element("span", "\n".join(log.traceback), class_="traceback"))
    return folded(summary, code("Log", *lines), is_open=bool(log.traceback))


def plotly_beside(run: Path, page: Path) -> str | None:
    """The address of plotly.js for a page, which is put beside runs once; None where it cannot be written there.

    That is above the folders of the configs, or beside a run in a folder of another name.
    """
    folder = run.absolute().parent
    folder = folder.parent if time_of(run.absolute().name) else folder
    try:
        path = folder / f"plotly-{version('plotly')}.min.js"
        if not path.exists():
            write_whole(path, _plotly())
    except (OSError, PackageNotFoundError):
        return None
    return quote(Path(os.path.relpath(path, page.absolute().parent)).as_posix())


def _plotly() -> bytes:
    """The text of plotly.js as the package plotly brings it; the package itself, which is slow, is not imported."""
    found = importlib.util.find_spec("plotly")
    folders = found.submodule_search_locations if found is not None else None
    path = Path(folders[0], "package_data", "plotly.min.js") if folders else None
    if path is None or not path.is_file():
        raise RunError("a report draws with plotly, which is not installed; write 'pip install plotly'")
    return path.read_bytes().replace(b"</script", b"<\\/script")
