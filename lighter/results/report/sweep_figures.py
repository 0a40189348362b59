"""The charts of a sweep: how the best came to be, what mattered, what was tried where, and what one pays for what."""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from lighter.results.reading.sweep import SweepRecord, Trial
from lighter.results.report.figures import Figure, Trace
from lighter.training.logged_name import short

LINES = 200  # trials that the parallel coordinates show: the best ones
_EDGE = 0.03  # beside the ends of an axis
_BEST, _OTHER = 1, 0  # colours of report.css

Value = Callable[[Trial], float | None]


def sweep_figures(sweep: SweepRecord) -> list[Figure]:
    """All charts that there is something to show in."""
    found: list[Figure] = []
    for name, less in sweep.objectives.items():
        done = [(trial, value) for trial in sweep.trials if (value := trial.value(name)) is not None]
        if len(done) < 2:
            continue
        found += [_history(name, less, done), *_importances(sweep, name), *_coordinates(sweep, name, less, done)]
        found += [_slice(sweep, parameter, name, done) for parameter in sweep.space]
    return [*_front(sweep), *found]


def _history(name: str, less: bool, done: Sequence[tuple[Trial, float]]) -> Figure:
    numbers = [int(trial.name) for trial, _ in done]
    best: list[float] = []
    for _, value in done:
        best.append(value if not best else (min if less else max)(best[-1], value))
    points = _points("trial", numbers, [value for _, value in done], done, _OTHER)
    line = {**_points("best so far", numbers, best, done, _BEST), "mode": "lines", "line": {"width": 2, "shape": "hv"}}
    return Figure(f"History: {short(name)}", (points, line), layout=_axes("trial", short(name)))


def _importances(sweep: SweepRecord, name: str) -> Iterator[Figure]:
    """How much of the difference between trials each parameter makes, as Optuna reckons it."""
    found = importances(sweep, name)
    if not found:
        return
    names = sorted(found, key=lambda one: found[one])
    bars = _trace("importance", [found[one] for one in names], [_text(_last(one)) for one in names], _OTHER)
    bars |= {"type": "bar", "orientation": "h", "hovertemplate": "%{x:.3f}", "customdata": []}
    layout = _axes("share of the variance", "") | {"yaxis": {"type": "category", "automargin": True, "nticks": 0}}
    yield Figure(f"Importances: {short(name)}", (bars,), layout=layout)


def importances(sweep: SweepRecord, name: str) -> dict[str, float]:
    """The importance of each parameter for a monitored value; none where Optuna is not there, or has too few trials."""
    try:
        import optuna
    except ImportError:
        return {}
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="minimize" if sweep.objectives[name] else "maximize")
    kinds = {one: _distribution(sweep.space[one], optuna.distributions) for one in sweep.space}
    kinds = {one: kind for one, kind in kinds.items() if kind is not None}
    try:
        for trial in sweep.trials:
            value = trial.value(name)
            if value is not None and kinds.keys() <= trial.parameters.keys():
                chosen = {one: trial.parameters[one] for one in kinds}
                study.add_trial(optuna.trial.create_trial(params=chosen, distributions=kinds, value=value))
        if not kinds or len({trial.value for trial in study.trials}) < 2:
            return {}
        return dict(optuna.importance.get_param_importances(study))
    # It asks for more trials, or for more that differ, or cannot reckon with numbers of this size.
    except (RuntimeError, TypeError, ValueError, OverflowError):
        return {}


def _distribution(told: dict[str, Any], kinds: Any) -> Any:
    if "choices" in told:
        return kinds.CategoricalDistribution(told["choices"]) if len(told["choices"]) > 1 else None
    is_whole = all(isinstance(told[end], int) for end in ("low", "high"))
    return (kinds.IntDistribution if is_whole else kinds.FloatDistribution)(told["low"], told["high"], log=told["log"])


def _coordinates(sweep: SweepRecord, name: str, less: bool, done: Sequence[tuple[Trial, float]]) -> Iterator[Figure]:
    """A line for each trial through its values, each axis from its lowest to its highest; the best tenth stands out."""
    if len(sweep.space) < 2:
        return
    ranked = sorted(done, key=lambda one: one[1] if less else -one[1])[:LINES]
    axes = [*map(_last, sweep.space), short(name)]
    scales = [_scale(sweep.space[one], [trial.parameters.get(one) for trial, _ in ranked]) for one in sweep.space]
    scales.append(_scale({"low": 0, "high": 0, "log": False}, [value for _, value in ranked]))
    lines = []
    leading = max(1, len(ranked) // 10)
    for at, (trial, value) in reversed([*enumerate(ranked)]):
        chosen = [*(trial.parameters.get(one) for one in sweep.space), value]
        heights = [scale(one) for scale, one in zip(scales, chosen, strict=True)]
        line = _trace(
            f"trial {int(trial.name)}", [_text(one) for one in axes], heights, _BEST if at < leading else _OTHER
        )
        shown = [f"trial {int(trial.name)}: {_text(_shown(one))}" for one in chosen]
        line |= {"mode": "lines", "customdata": shown, "opacity": 1 if at < leading else 0.35}
        lines.append({**line, "line": {"width": 2 if at < leading else 1}})
    hidden = {"showticklabels": False, "range": [-_EDGE, 1 + _EDGE]}
    layout = {"xaxis": {"type": "category", "nticks": 0}, "yaxis": hidden}
    notes = (f"the best {LINES} of {len(done)} trials",) if len(done) > LINES else ()
    yield Figure(f"Parallel coordinates: {short(name)}", tuple(lines), notes, layout)


def _scale(told: dict[str, Any], values: Sequence[Any]) -> Callable[[Any], float | None]:
    """How high a value stands on its axis, from 0 to 1."""
    if "choices" in told:
        places = {repr(one): at for at, one in enumerate(told["choices"])}
        last = max(1, len(places) - 1)
        return lambda value: places.get(repr(value), 0) / last
    measure = math.log if told["log"] else float
    known = [measure(value) for value in values if value is not None]
    low, width = min(known, default=0.0), max(known, default=0.0) - min(known, default=0.0)
    return lambda value: None if value is None else (measure(value) - low) / width if width else 0.5


def _slice(sweep: SweepRecord, parameter: str, name: str, done: Sequence[tuple[Trial, float]]) -> Figure:
    """A point for each trial: what was chosen, and what it came to."""
    told = sweep.space[parameter]
    chosen = [trial.parameters.get(parameter) for trial, _ in done]
    is_plain = "choices" not in told
    places = [one if is_plain else _text(_shown(one)) for one in chosen]
    layout = _axes(_last(parameter), short(name))
    layout["xaxis"]["type"] = ("log" if told["log"] else "linear") if is_plain else "category"
    points = _points(_last(parameter), places, [value for _, value in done], done, _OTHER)
    return Figure(f"{short(name)} by {_last(parameter)}", (points,), layout=layout)


def _front(sweep: SweepRecord) -> Iterator[Figure]:
    """Two objectives against each other, those apart of which none is worse in both."""
    if len(sweep.objectives) != 2:
        return
    first, second = sweep.objectives
    front = sorted(sweep.best, key=lambda trial: trial.values[first])
    done = [one for one in sweep.trials if None not in (one.value(first), one.value(second))]
    if len(done) < 2:
        return

    def points(name: str, trials: Sequence[Trial], colour: int) -> Trace:
        values = [(trial, trial.values[second]) for trial in trials]
        return _points(name, [trial.values[first] for trial in trials], [one for _, one in values], values, colour)

    best = {**points("Pareto front", front, _BEST), "mode": "lines+markers", "line": {"width": 2, "dash": "dot"}}
    layout = _axes(short(first), short(second))
    yield Figure("Pareto front", (points("trials", done, _OTHER), best), layout=layout)


def _points(name: str, x: Sequence[Any], y: Sequence[Any], done: Sequence[tuple[Trial, float]], colour: int) -> Trace:
    shown = [_text(f"trial {int(trial.name)}: {_chosen(trial)}") for trial, _ in done]
    return _trace(name, x, y, colour) | {"customdata": shown, "mode": "markers"}


def _trace(name: str, x: Sequence[Any], y: Sequence[Any], colour: int) -> Trace:
    return {
        "type": "scatter",
        "name": name,
        "x": list(x),
        "y": list(y),
        "marker": {"size": 7},
        "line": {},
        "meta": {"run": -1, "kind": "sweep", "colour": colour},
        "hovertemplate": "%{customdata}<br>%{y:.5~g}<extra></extra>" if name != "importance" else "%{x}",
    }


def _axes(x: str, y: str) -> dict[str, Any]:
    return {"xaxis": {"title": {"text": _text(x)}}, "yaxis": {"title": {"text": _text(y)}}}


def _chosen(trial: Trial) -> str:
    return ", ".join(f"{_last(name)} {_shown(value)}" for name, value in trial.parameters.items())


def _shown(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else "null" if value is None else str(value)


def _last(name: str) -> str:
    return " + ".join(part.rpartition("::")[2] for part in name.split(" + "))


def _text(text: str) -> str:
    """A text as plotly takes it, which reads some tags in it."""
    return text.replace("&", "&amp;").replace("<", "&lt;")
