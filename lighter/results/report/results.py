"""The section of the results: what each stage came to, and the best values of training."""

import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lighter.results.reading.metric_names import MODES, metric_name, rank
from lighter.results.reading.monitored import Best
from lighter.results.report.markup import Html, element, joined, number, table
from lighter.results.report.overview import heads, leading
from lighter.results.report.record import Record
from lighter.runs.folder import BEST, CHECKPOINTS
from lighter.training.stages import Stage


def results(records: Sequence[Record]) -> Html:
    """Tables of what was recorded; side by side where there are several runs."""
    parts = [_stage(stage, records) for stage in (Stage.FIT, Stage.VALIDATE, Stage.TEST)]
    parts += [_bests(records), _files(records[0]) if len(records) == 1 else Html()]
    if not any(parts):
        parts = [element("p", "No stage has recorded results.", class_="note")]
    return element("div", *parts, class_="tables")


def _stage(stage: Stage, records: Sequence[Record]) -> Html:
    found = [_values(record.results.get(stage)) for record in records]
    if not any(found):
        return Html()
    head, rows = _of_one(found[0]) if len(records) == 1 else _of_several(found, records)
    title = "fit, last epoch" if stage is Stage.FIT and any(BEST in one.results for one in records) else stage.value
    return _titled(title, table(f"Results of {stage}", ["Metric", *head], rows, "numbers"))


def _values(recorded: Any) -> dict[str, Any]:
    """The values of a stage, without those of single steps where there are others."""
    if not isinstance(recorded, dict):
        return {}
    lasting = {name: value for name, value in recorded.items() if not metric_name(name).is_step}
    return lasting or recorded


def _of_one(values: dict[str, Any]) -> tuple[list[str], list[list[str]]]:
    """A row for each metric, a column for each mode."""
    rows: dict[str, dict[str, Any]] = {}
    for logged, value in values.items():
        name = metric_name(logged)
        rows.setdefault(name.title, {})[name.mode] = value
    modes = [mode for mode in MODES if any(mode in row for row in rows.values())]
    shown = [[title, *(number(rows[title].get(mode)) for mode in modes)] for title in sorted(rows, key=rank)]
    return [mode or "value" for mode in modes], shown


def _of_several(found: Sequence[dict[str, Any]], records: Sequence[Record]) -> tuple[list[str], list[list[str]]]:
    shown = sorted({name for values in found for name in values}, key=lambda name: metric_name(name).rank)
    return heads(records), [[_name(name), *(number(values.get(name)) for values in found)] for name in shown]


def _bests(records: Sequence[Record]) -> Html:
    """The best epoch value of each curve and when it was; of a curve of steps alone none."""
    found = [{curve.logged: record.best(curve) for curve in record.curves} for record in records]
    names = {
        name
        for values in found
        for name in values
        if not metric_name(name).is_step and rank(metric_name(name).title)[0] < 2
    }
    if not names:
        return Html()
    rows = []
    for name in sorted(names, key=lambda name: metric_name(name).rank):
        values = [of.get(name) for of in found]
        direction = next(("lowest" if one.is_lowest else "highest" for one in values if one is not None), "")
        first = leading(values)
        cells = ["" if one is None else _at(one, at in first) for at, one in enumerate(values)]
        rows.append([_name(name), direction, *cells])
    head = ["Metric", "", *(heads(records) if len(records) > 1 else ["value"])]
    return _titled("Best while training", table("Best values", head, rows, "numbers"))


def _at(value: Best, is_leading: bool) -> Html:
    where = [element("span", f" epoch {value.epoch + 1:.0f}", class_="muted")] if math.isfinite(value.epoch) else []
    shown = number(value.value)
    return joined([element("strong", shown) if is_leading else shown, *where])


def _files(record: Record) -> Html:
    """Where the checkpoints and the predictions are."""
    checkpoints = record.results.get(CHECKPOINTS)
    found = (
        [(f"{name} checkpoint", path) for name, path in checkpoints.items()] if isinstance(checkpoints, dict) else []
    )
    predictions = record.results.get(Stage.PREDICT)
    found += [("predictions", path) for path in predictions] if isinstance(predictions, list) else []
    rows = [[name, element("code", _shown(str(path), record.path))] for name, path in found]
    return _titled("Files", table("Files", ["What", "Where"], rows)) if rows else Html()


def _shown(path: str, run: Path) -> str:
    """A path as seen from the run's folder, if it is in there."""
    inside, folder = os.path.abspath(path), os.path.abspath(run)  # noqa: PTH100  # links keep their names
    return os.path.relpath(inside, folder) if inside.startswith(f"{folder}{os.sep}") else path


def _titled(title: str, content: Html) -> Html:
    return element("div", element("h3", title), content, class_="titled")


def _name(logged: str) -> str:
    name = metric_name(logged)
    return " ".join(filter(None, [name.mode, name.title]))
