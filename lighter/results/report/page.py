"""The whole page: one document with its style, its scripts and its data, which asks for nothing else."""

import importlib.util
import os
from collections.abc import Sequence
from pathlib import Path

from lighter.errors import RunError
from lighter.results.report.curves import curves, figures_data
from lighter.results.report.differences import differences
from lighter.results.report.environments import environments
from lighter.results.report.figures import figures
from lighter.results.report.markup import Html, element, joined
from lighter.results.report.overview import overview, title
from lighter.results.report.predictions import predictions
from lighter.results.report.record import Record
from lighter.results.report.results import results
from lighter.results.report.texts import configs, logs

_HERE = Path(__file__).parent
_POLICY = "default-src 'none'; script-src 'nonce-{}'; style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'"


def page(records: Sequence[Record]) -> bytes:
    """The HTML of a report. Raises RunError where plotly is not installed."""
    nonce = os.urandom(16).hex()  # no script runs but ours, whatever a file of a run may hold
    charts = figures([(record.label, record.curves) for record in records])
    sections = [
        ("Curves", curves(records, charts)),
        ("Results", results(records)),
        ("Differences", differences(records) if len(records) > 1 else Html()),
        ("Predictions", predictions(records)),
        ("Config", configs(records)),
        ("Environment", environments(records)),
        ("Log", logs(records)),
    ]
    shown = [(name, content) for name, content in sections if content]
    head = _head(title(records), _POLICY.format(nonce))
    body = joined([overview(records), _navigation([name for name, _ in shown]), element("main", *map(_section, shown))])
    data = element("script", figures_data(charts), type="application/json", id="figures", nonce=nonce)
    start = f'<!doctype html>\n<html lang="en">{head}<body>{body}{data}<script nonce="{nonce}">'
    between, end = f'</script><script nonce="{nonce}">', "</script></body></html>\n"
    drawing = _text("report.js")
    plotly = _plotly() if charts else b""
    return b"".join([start.encode(), plotly, between.encode(), drawing.encode(), end.encode()])


def _head(name: str, policy: str) -> Html:
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name_="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name_="color-scheme", content="light dark"),
        element("link", rel="icon", href="data:,"),
        element("title", f"{name} - Lighter report"),
        element("style", Html(_text("report.css"))),
    )


def _navigation(names: Sequence[str]) -> Html:
    links = (element("a", name, href=f"#{name.lower()}") for name in names)
    return element("nav", *links, aria_label="Sections")


def _section(shown: tuple[str, Html]) -> Html:
    name, content = shown
    return element("section", element("h2", name), content, id=name.lower())


def _text(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def _plotly() -> bytes:
    """The text of plotly.js as the package plotly brings it; the package itself, which is slow, is not imported."""
    found = importlib.util.find_spec("plotly")
    folders = found.submodule_search_locations if found is not None else None
    path = Path(folders[0], "package_data", "plotly.min.js") if folders else None
    if path is None or not path.is_file():
        raise RunError("a report draws with plotly, which is not installed; write 'pip install plotly'")
    return path.read_bytes().replace(b"</script", b"<\\/script")
