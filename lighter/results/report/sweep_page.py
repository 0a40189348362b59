"""The report of a sweep: one page with its charts and the curves of its trials, and links to the reports of these."""

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from lighter.results.reading.folders import run_folders
from lighter.results.reading.metrics_file import read_curves
from lighter.results.reading.sweep import SweepRecord, Trial, read_sweep
from lighter.results.report.figures import cards, curves, figures
from lighter.results.report.markup import Html, element, joined, number, table
from lighter.results.report.page import document, plotly_beside, write_report
from lighter.results.report.sweep_figures import sweep_figures
from lighter.runs.console.values import duration
from lighter.runs.folder import METRICS, REPORT, RunDirectory, time_of
from lighter.runs.whole_files import write_whole
from lighter.training.logged_name import short

CURVES = 20  # trials whose curves are drawn: the best ones


def write_sweep_report(folder: Path, path: Path, *, single_file: bool = False) -> Path:
    """Writes the report of a sweep, and that of each of its runs that has none yet."""
    sweep = read_sweep(folder)
    runs = {trial.name: list(run_folders(trial.run)) for trial in sweep.trials}
    for run in (run for found in runs.values() for run in found):
        if not (run / REPORT).exists():
            write_report(RunDirectory(run))
    shown = [(one.name, runs[one.name][0]) for one in _in_order(sweep) if runs[one.name]][:CURVES]
    drawn = figures([(name, read_curves(run / METRICS)) for name, run in shown])
    charts = sweep_figures(sweep)
    script = plotly_beside(folder, path) if (drawn or charts) and not single_file else None
    sections = [
        ("Search", cards(charts, len(drawn)) if charts else Html()),
        ("Trials", _trials(sweep, runs, path)),
        ("Curves", curves([name for name, _ in shown], drawn)),
    ]
    write_whole(path, document(_name(folder), _header(sweep), sections, [*drawn, *charts], script))
    return path


def _in_order(sweep: SweepRecord) -> list[Trial]:
    """The trials, the best first."""
    name, less = next(iter(sweep.objectives.items()), ("", True))
    front = {trial.name for trial in sweep.best}

    def key(trial: Trial) -> tuple[bool, bool, float]:
        value = trial.value(name)
        return trial.name not in front, value is None, (value if less else -value) if value is not None else 0

    return sorted(sweep.trials, key=key)


def _name(folder: Path) -> str:
    whole = folder.resolve()
    return (whole.parent if time_of(whole.name) else whole).name


def _header(sweep: SweepRecord) -> Html:
    states = Counter(trial.state for trial in sweep.trials)
    facts = [("Trials", str(len(sweep.trials))), *((state.capitalize(), str(n)) for state, n in states.items())]
    facts.append(("Time of all runs", duration(sum(trial.seconds for trial in sweep.trials))))
    rows = (element("div", element("dt", name), element("dd", value)) for name, value in facts)
    tiles = [_tile(trial, name, less) for trial in sweep.best[:1] for name, less in sweep.objectives.items()]
    parts = [
        element("p", "Lighter report", class_="eyebrow"),
        element("h1", _name(sweep.folder)),
        element("p", str(sweep.folder.resolve()), class_="path"),
        element("dl", *rows, class_="facts"),
        element("div", *tiles, class_="tiles") if len(sweep.objectives) == 1 and tiles else Html(),
    ]
    return element("header", *parts, id="overview")


def _tile(trial: Trial, name: str, less: bool) -> Html:
    where = f"{'lowest' if less else 'highest'}, trial {int(trial.name)}"
    parts = ((short(name), "name"), (number(trial.values[name]), "value"), (where, "where"))
    return element("div", *(element("p", text, class_=kind) for text, kind in parts), class_="tile")


def _trials(sweep: SweepRecord, runs: dict[str, list[Path]], page: Path) -> Html:
    """A table of all trials, the best first, each with the way to the reports of its runs."""
    names = list(sweep.space)
    rows = []
    for trial in _in_order(sweep):
        look = {"complete": "finished", "open": "running"}.get(trial.state, trial.state)
        state = element("span", trial.state, class_=f"state {look}")
        values = (number(trial.value(name)) for name in sweep.objectives)
        chosen = (_shown(trial.parameters.get(name)) for name in names)
        rows.append(
            [_links(trial, runs[trial.name], page), state, *values, *chosen, duration(trial.seconds), trial.reason]
        )
    head = ["Trial", "State", *map(short, sweep.objectives), *names, "Time", "Reason"]
    return table("Trials", head, rows, "runs")


def _links(trial: Trial, runs: Sequence[Path], page: Path) -> Html:
    texts = [trial.name] if len(runs) == 1 else [f"{trial.name}/{run.name}" for run in runs]
    return joined(
        element("a", text, href=quote(Path(os.path.relpath(run / REPORT, page.absolute().parent)).as_posix()))
        for text, run in zip(texts, runs, strict=True)
    ) or Html(trial.name)


def _shown(value: object) -> str:
    return number(value) if isinstance(value, float) else "null" if value is None else str(value)
