"""The section of the charts: one for each metric, with the curves of all modes and runs, as plotly.js takes them.

Their axes and colours are those of `report.js` and `report.css`.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from lighter.results.reading.metric_names import MODES, MetricName, metric_name, rank
from lighter.results.reading.metrics_file import Curve
from lighter.results.report.markup import Html, as_json, element, joined

POINTS = 2000  # of a curve, that are drawn
COLOURS = 8  # there are in report.css
_MARKED = 60  # points, up to which each is marked
_SYMBOLS = ("circle", "square", "diamond", "cross", "triangle-up", "x")  # of the runs beyond the eighth, and so on

_KINDS = ("train", "val", "test", "value", "step")
_WORDS = {"value": "other", "step": "steps"}
_NONE = (
    "No curves: there is no metrics.csv, or nothing in it. Loggers that the config names keep their metrics themselves."
)

Trace = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart: its title, plotly's traces, what a reader has to know besides, and what of its layout is its own."""

    title: str
    data: tuple[Trace, ...]
    notes: tuple[str, ...] = ()
    layout: Trace = field(default_factory=dict)


class _Line(NamedTuple):
    """A curve of a run, and what its name says."""

    run: int
    name: MetricName
    curve: Curve


def figures(runs: Sequence[tuple[str, Sequence[Curve]]]) -> list[Figure]:
    """The charts of runs, each with its label: losses first, the optimizer's settings last."""
    by_title: defaultdict[str, list[_Line]] = defaultdict(list)
    for run, (_, curves) in enumerate(runs):
        for curve in curves:
            name = metric_name(curve.logged)
            by_title[name.title].append(_Line(run, name, curve))
    labels = [label for label, _ in runs]
    return [_figure(title, labels, by_title[title]) for title in sorted(by_title, key=rank)]


def _figure(title: str, labels: Sequence[str], lines: list[_Line]) -> Figure:
    smooth = {(line.run, line.name.mode) for line in lines if not line.name.is_step}
    data, notes = [], []
    # What is drawn first is behind: step curves below those of epochs.
    for line in sorted(lines, key=lambda line: (not line.name.is_step, line.run, MODES.index(line.name.mode))):
        who = f"{labels[line.run]}: " if len(labels) > 1 else ""
        kept = thinned(line.curve.values, POINTS)
        is_light = line.name.is_step and (line.run, line.name.mode) in smooth
        data.append(_trace(line, kept, labels, is_light))
        notes += [f"{who}{note}" for note in _notes(line.curve, len(kept))]
    return Figure(title, tuple(data), tuple(notes))


def _trace(line: _Line, kept: Sequence[int], labels: Sequence[str], is_light: bool) -> Trace:
    run, name, curve = line.run, line.name, line.curve
    several = len(labels) > 1
    said = " ".join(filter(None, [name.mode, "step" if name.is_step else ""])) or name.title
    epochs = [curve.epochs[i] for i in kept]
    is_marked = not name.is_step and len(kept) <= _MARKED
    return {
        "type": "scatter",
        "name": f"{labels[run]} {said}" if several else said,
        "x": [_number(curve.steps[i]) for i in kept],
        "y": [_number(curve.values[i]) for i in kept],
        "customdata": [f"  · epoch {epoch + 1:.0f}" if math.isfinite(epoch) else "" for epoch in epochs],
        "mode": "lines+markers" if is_marked else "lines",
        "line": {
            "width": 1.25 if is_light else 2,
            "dash": "dot" if several and name.mode == "train" and not name.is_step else "solid",
        },
        "marker": {"size": 5, "symbol": _SYMBOLS[run // COLOURS % len(_SYMBOLS)]},
        "opacity": 0.45 if is_light else 1,
        "meta": {
            "run": run,
            "kind": "step" if name.is_step else name.mode or "value",  # as the legend calls it
            "colour": (run if several else int(name.mode in ("val", "test")) + (name.mode == "test")) % COLOURS,
        },
        "hovertemplate": "%{y:.5~g}%{customdata}",
        # A box with the steps of all runs too would cover the chart.
        "hoverinfo": "skip" if is_light and several else "all",
    }


def _notes(curve: Curve, drawn: int) -> list[str]:
    count, notes = len(curve.values), []
    lost = [at for at, value in enumerate(curve.values) if not math.isfinite(value)]
    if drawn < count:
        notes.append(f"{curve.logged}: {drawn:,} of {count:,} values are drawn, with every peak")
    if lost:
        are = "value is" if len(lost) == 1 else "values are"
        notes.append(f"{curve.logged}: {len(lost):,} {are} NaN or infinite, first at step {curve.steps[lost[0]]:.0f}")
    return notes


def _number(value: float) -> float | int | None:
    """As JSON has it, which knows no NaN; six digits are more than a chart shows."""
    if not math.isfinite(value):
        return None
    return int(value) if value.is_integer() and abs(value) < 2**53 else float(f"{value:.6g}")


def thinned(values: Sequence[float], most: int) -> list[int]:
    """Which values to draw, at most about `most`: the ends, and of each stretch the lowest and the highest.

    A stretch without a finite value keeps one of them, so that the gap is seen.
    """
    count = len(values)
    if count <= most:
        return list(range(count))
    stretch = math.ceil(count / max(1, most // 2 - 1))
    kept = {0, count - 1}
    for start in range(0, count, stretch):
        finite = [at for at in range(start, min(start + stretch, count)) if math.isfinite(values[at])]
        kept.update((min(finite, key=values.__getitem__), max(finite, key=values.__getitem__)) if finite else (start,))
    return sorted(kept)


def curves(labels: Sequence[str], figures: Sequence[Figure]) -> Html:
    """The charts of runs, to be drawn by report.js."""
    if not figures:
        return element("p", _NONE, class_="note")
    hint = [
        "Over optimizer steps. ",
        element("span", "Point at a chart for values, drag to zoom, double-click to go back.", class_="by-mouse"),
        element("span", "Tap a chart for values.", class_="by-finger"),
    ]
    shown = cards(figures)
    without = element("noscript", element("p", "The charts need JavaScript.", class_="note"))
    return joined([_legend(labels, figures), element("p", *hint, class_="hint"), without, shown])


def cards(figures: Sequence[Figure], first: int = 0) -> Html:
    """Where charts are drawn, counted from `first` among all of a page."""
    return element("div", *(_card(at, figure) for at, figure in enumerate(figures, first)), class_="charts")


def figures_data(figures: Sequence[Figure]) -> Html:
    """What report.js draws, as JSON."""
    return as_json([{"title": one.title, "data": one.data, "layout": one.layout} for one in figures])


def _legend(labels: Sequence[str], figures: Sequence[Figure]) -> Html:
    several = len(labels) > 1
    metas = [trace["meta"] for figure in figures for trace in figure.data]
    kinds = {meta["kind"]: meta["colour"] for meta in reversed(metas)}
    chips = [_chip("run", str(at), label, f"colour-{at % COLOURS}", "solid") for at, label in enumerate(labels)]
    shown = [kind for kind in _KINDS if kind in kinds]
    of_kinds = [
        _chip("kind", kind, _WORDS.get(kind, kind), "" if several else f"colour-{kinds[kind]}", _line(kind, several))
        for kind in shown
    ]
    scale = element("button", "log scale", type="button", class_="chip", id="log-scale", aria_pressed="false")
    groups = [*([chips] if several else []), *([of_kinds] if len(shown) > 1 else []), [scale]]
    made = (element("div", *group, class_="chips", role="group") for group in groups)
    return element("div", *made, class_="legend", role="group", aria_label="What the charts show")


def _chip(what: str, value: str, text: str, colour: str, line: str) -> Html:
    sample = element("span", class_=f"sample {colour} {line}", aria_hidden="true")
    return element(
        "button", sample, text, type="button", class_="chip", data_shows=what, data_value=value, aria_pressed="true"
    )


def _line(kind: str, several: bool) -> str:
    return "thin" if kind == "step" else "dotted" if several and kind == "train" else "solid"


def _card(at: int, figure: Figure) -> Html:
    notes = (element("p", note, class_="note") for note in figure.notes)
    chart = element("div", class_="chart", id=f"chart-{at}", role="img", aria_label=_described(figure))
    return element("figure", element("figcaption", element("h3", figure.title)), chart, *notes)


def _described(figure: Figure) -> str:
    """The chart for those who cannot see it: where each curve starts and ends."""
    said = []
    for trace in figure.data:
        values = [value for value in trace["y"] if isinstance(value, int | float)]
        if values:
            said.append(f"{trace['name']} from {values[0]:.4g} to {values[-1]:.4g}")
    return f"{figure.title}: {'; '.join(said) or 'no finite value'}"
