"""The section of the charts: a legend for all of them, and a card for each."""

import math
from collections.abc import Sequence

from lighter.results.report.figures import COLOURS, Figure
from lighter.results.report.markup import Html, as_json, element, joined
from lighter.results.report.record import Record

_KINDS = ("train", "val", "test", "value", "step")
_TOLD = {"value": "other", "step": "steps"}
_NONE = (
    "No curves: there is no metrics.csv, or nothing in it. Loggers that the config names keep their metrics themselves."
)


def curves(records: Sequence[Record], figures: Sequence[Figure]) -> Html:
    """The charts of runs, to be drawn by report.js."""
    if not figures:
        return element("p", _NONE, class_="note")
    hint = [
        "Over optimizer steps. ",
        element("span", "Point at a chart for values, drag to zoom, double-click to go back.", class_="by-mouse"),
        element("span", "Tap a chart for values.", class_="by-finger"),
    ]
    cards = element("div", *(_card(at, figure) for at, figure in enumerate(figures)), class_="charts")
    without = element("noscript", element("p", "The charts need JavaScript.", class_="note"))
    return joined([_legend(records, figures), element("p", *hint, class_="hint"), without, cards])


def figures_data(figures: Sequence[Figure]) -> Html:
    """What report.js draws, as JSON."""
    return as_json([{"title": figure.title, "data": figure.data} for figure in figures])


def _legend(records: Sequence[Record], figures: Sequence[Figure]) -> Html:
    several = len(records) > 1
    metas = [trace["meta"] for figure in figures for trace in figure.data]
    kinds = {meta["kind"]: meta["colour"] for meta in reversed(metas) if isinstance(meta, dict)}
    chips = [
        _chip("run", str(at), record.label, f"colour-{at % COLOURS}", "solid") for at, record in enumerate(records)
    ]
    shown = [kind for kind in _KINDS if kind in kinds]
    of_kinds = [
        _chip("kind", kind, _TOLD.get(kind, kind), "" if several else f"colour-{kinds[kind]}", _line(kind, several))
        for kind in shown
    ]
    scale = element("button", "log scale", type="button", class_="chip", id="log-scale", aria_pressed="false")
    groups = [chips] if several else []
    groups += [of_kinds] if len(shown) > 1 else []
    made = (element("div", *group, class_="chips", role="group") for group in [*groups, [scale]])
    return element("div", *made, class_="legend", role="group", aria_label="What the charts show")


def _chip(what: str, value: str, told: str, colour: str, line: str) -> Html:
    sample = element("span", class_=f"sample {colour} {line}", aria_hidden="true")
    return element(
        "button", sample, told, type="button", class_="chip", data_shows=what, data_value=value, aria_pressed="true"
    )


def _line(kind: str, several: bool) -> str:
    return "thin" if kind == "step" else "dotted" if several and kind == "train" else "solid"


def _card(at: int, figure: Figure) -> Html:
    notes = (element("p", note, class_="note") for note in figure.notes)
    chart = element("div", class_="chart", id=f"chart-{at}", role="img", aria_label=_described(figure))
    return element("figure", element("figcaption", element("h3", figure.title)), chart, *notes)


def _described(figure: Figure) -> str:
    """The chart for those who cannot see it: where each curve begins and ends."""
    told = []
    for trace in figure.data:
        values = [value for value in _floats(trace["y"]) if math.isfinite(value)]
        if values:
            told.append(f"{trace['name']} from {values[0]:.4g} to {values[-1]:.4g}")
    return f"{figure.title}: {'; '.join(told) or 'no finite value'}"


def _floats(values: object) -> list[float]:
    return [float(value) for value in values if value is not None] if isinstance(values, list) else []
