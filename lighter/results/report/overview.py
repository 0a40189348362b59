"""The head of a report: which runs, how they ended, and the values that say most."""

import math
from collections.abc import Iterator, Sequence

from lighter.results.reading.metric_names import metric_name, rank
from lighter.results.reading.metrics_file import first_lost
from lighter.results.reading.monitored import Best
from lighter.results.report.figures import COLOURS
from lighter.results.report.markup import Html, counted, element, joined, moment, number, table
from lighter.results.report.record import Record
from lighter.runs.console.values import duration
from lighter.training.stages import Stage

TILES = 4
_TELLING = ("val", "test", "train", "")

Bests = dict[str, Best]  # by the metric and its mode, as a reader says it: "val loss"


def title(records: Sequence[Record]) -> str:
    """What a report is of, in a few words."""
    return records[0].label if len(records) == 1 else f"{len(records)} runs compared"


def overview(records: Sequence[Record]) -> Html:
    """The header of the page."""
    first = records[0]
    parts = [element("p", "Lighter report", class_="eyebrow"), element("h1", title(records))]
    if len(records) == 1:
        parts += [element("p", str(first.path.resolve()), class_="path"), _facts(first), _tiles(first)]
    else:
        parts.append(_table(records))
    parts += _failures(records)
    parts += [element("p", f"{one.label}: {note}", class_="note") for one in records for note in one.unread]
    return element("header", *parts, id="overview")


def dot(at: int) -> Html:
    """The colour of a run, as its curves have it."""
    return element("span", class_=f"dot colour-{at % COLOURS}", aria_hidden="true")


def heads(records: Sequence[Record]) -> list[str]:
    """The runs as the heads of columns."""
    return [joined([dot(at), record.label]) for at, record in enumerate(records)]


def ending(record: Record) -> Html:
    """How a run ended, in a word and a colour."""
    if record.status is not None:
        state = look = str(record.status.state)
    else:
        state, look = ("failed", "failed") if record.log.traceback else ("not recorded", "unknown")
    return element("span", state, class_=f"state {look}")


def telling_bests(record: Record) -> Bests:
    """The best epoch value of each metric, of the mode that says most: val, or test, or train where there is none."""
    found: dict[str, tuple[int, str, Best]] = {}
    for curve in record.curves:
        name = metric_name(curve.logged)
        if name.is_step or rank(name.title)[0] > 1 or (value := record.best(curve)) is None:
            continue
        says = _TELLING.index(name.mode)
        if name.title not in found or says < found[name.title][0]:
            found[name.title] = says, f"{name.mode} {name.title}".strip(), value
    return {found[title][1]: found[title][2] for title in sorted(found, key=rank)}


def _facts(record: Record) -> Html:
    facts: list[tuple[str, str]] = [("Status", ending(record))]
    if record.statuses:
        facts.append(("Started", moment(record.statuses[0].started)))
    facts += [(f"Time of {status.stage}", duration(status.duration.total_seconds())) for status in record.statuses]
    if reached := _reached(record):
        facts.append(("Trained", reached))
    if isinstance(seed := record.environment.get("seed"), int):
        facts.append(("Seed", str(seed)))
    rows = (element("div", element("dt", name), element("dd", value)) for name, value in facts)
    return element("dl", *rows, class_="facts")


def _times(record: Record) -> list[str]:
    """When a run began, and how long its training took, or what it did at first."""
    if not record.statuses:
        return ["", ""]
    first = next((status for status in record.statuses if status.stage is Stage.FIT), record.statuses[0])
    return [moment(first.started), duration(first.duration.total_seconds())]


def _reached(record: Record) -> str:
    """How far training came: epochs are counted from 0, and a step that is logged from 0 too."""
    steps = max((curve.steps[-1] for curve in record.curves), default=math.nan)
    epochs = max((max(curve.epochs) for curve in record.curves), default=math.nan)
    if not math.isfinite(steps):
        return ""
    reached = counted(steps + 1, "step")
    return f"{counted(epochs + 1, 'epoch')}, {reached}" if math.isfinite(epochs) else reached


def _tiles(record: Record) -> Html:
    """The best values, large."""
    shown = list(telling_bests(record).items())[:TILES]
    return element("div", *(_tile(name, value) for name, value in shown), class_="tiles") if shown else Html()


def _tile(name: str, value: Best) -> Html:
    where = f"epoch {value.epoch + 1:.0f}" if math.isfinite(value.epoch) else f"step {value.step:.0f}"
    kind = f"{'lowest' if value.is_lowest else 'highest'}, {where}"
    return element(
        "div",
        element("p", name, class_="name"),
        element("p", number(value.value), class_="value"),
        element("p", kind, class_="where"),
        class_="tile",
    )


def _table(records: Sequence[Record]) -> Html:
    bests = [telling_bests(record) for record in records]
    names = sorted({name for one in bests for name in one}, key=rank)[:TILES]
    first = {name: leading([one.get(name) for one in bests]) for name in names}
    rows = []
    for at, record in enumerate(records):
        values = [_value(bests[at].get(name), at in first[name]) for name in names]
        label = joined([dot(at), record.label, element("span", str(record.path), class_="path")])
        rows.append([label, ending(record), *_times(record), _reached(record), *values])
    best = (f"Best {name}" for name in names)
    return table("Runs", ["Run", "Status", "Started", "Time", "Trained", *best], rows, "runs")


def leading(values: Sequence[Best | None]) -> set[int]:
    """The runs with the best value of all, unless all have it."""
    known = [one.value for one in values if one is not None]
    if len(set(known)) < 2:
        return set()
    is_lowest = next(one.is_lowest for one in values if one is not None)
    first = min(known) if is_lowest else max(known)
    return {at for at, one in enumerate(values) if one is not None and one.value == first}


def _value(value: Best | None, isleading: bool) -> str:
    if value is None:
        return ""
    return element("strong", number(value.value)) if isleading else number(value.value)


def _failures(records: Sequence[Record]) -> Iterator[Html]:
    """Why runs failed, or which loss was lost, each in a line, and the way to the rest."""
    for record in records:
        status, traceback = record.status, record.log.traceback
        error = status.error if status is not None else traceback[-1] if traceback else None
        error = error or first_lost(record.curves)
        if error:
            who = [element("strong", f"{record.label}: ")] if len(records) > 1 else []
            link = element("p", element("a", "The traceback, in the log", href="#log")) if traceback else Html()
            yield element("div", element("p", *who, element("code", error)), link, class_="failure", role="note")
