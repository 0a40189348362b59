"""Searches as Hydra's sweepers have them, `interval(0.1, 1)` and `choice(a, b)`, to the file of a sweep."""

from typing import Any

from lighter.cli.converting.hydra_composing import HYDRA, Composed
from lighter.cli.converting.hydra_interpolations import NotCarriedError
from lighter.cli.converting.hydra_layout import Layout
from lighter.cli.converting.hydra_texts import Texts
from lighter.cli.converting.hydra_words import Call, Value, read_value
from lighter.cli.converting.parts import Part, with_comments
from lighter.cli.converting.writing import left_out, mapping_text
from lighter.config.key_path import KeyPath, text
from lighter.errors import UsageError

_MODES = {"minimize": "min", "maximize": "max"}
_GRID = "GridSampler"
# Of a sweeper: what the file of a sweep calls it, and what is not needed there.
_NAMES = {"n_trials": "trials", "n_jobs": "jobs", "storage": "storage"}
_DROPPED = {
    "study_name": "a sweep has a folder",
    "max_failure_rate": "a trial that fails stops no other",
    "custom_search_space": "it is code: write 'parameters:'",
    "max_batch_size": "trials start one after the other, as places are free",
    "params": "",
    "search_space": "",
}


def sweep_of(composed: Composed, layout: Layout, texts: Texts, config: str) -> Part | None:
    """The sweep that a config and the words of its command line ask for, over the config of this name; None if none."""
    sweeper = composed.root.find(HYDRA, "sweeper") or Part({})
    sweep = Part({"config": Part(config), "parameters": Part({})})
    listed = sweeper.entries.get("params") or Part({})
    parameters = {key: (part, read_value(str(part.value))) for key, part in listed.entries.items()}
    parameters |= {key: (Part(""), call) for key, call in composed.swept.items()}
    for key, (part, value) in parameters.items():
        _parameter(sweep, layout, key, part, value)
    for key, part in (sweeper.entries.get("search_space") or Part({})).entries.items():
        _parameter(sweep, layout, key, part, _of_search_space(part))
    if not sweep.value["parameters"].value and not sweep.value["parameters"].below:
        return None
    _objective(sweep, composed.root, sweeper)
    for key, part in sweeper.entries.items():
        if key == "sampler":
            _sampler(sweep, part, texts)
        elif key in _NAMES and part.value is not None:
            sweep.value[_NAMES[key]] = part
        elif _DROPPED.get(key):
            sweep.below += left_out(mapping_text(key, part), _DROPPED[key])
    return sweep


def _parameter(sweep: Part, layout: Layout, key: str, part: Part, value: Value) -> None:
    parameters = sweep.value["parameters"]
    try:
        place, choices = _place(layout, key), _choices(value)
    except (NotCarriedError, UsageError) as error:
        parameters.below += left_out(mapping_text(key, part), str(error))
    else:
        parameters.value[text(place)] = with_comments(choices, part)


def _place(layout: Layout, key: str) -> KeyPath:
    keys = tuple(key.split("."))
    place = layout.place(keys) if layout.root.find(*keys) is not None else None
    if (layout.code.folder / key.partition("@")[0]).is_dir():
        raise NotCarriedError(f"'{key}' is a group: convert a config of each of its options, and run them as a series")
    if place is None:
        raise NotCarriedError(f"there is no '{key}'")
    return place


def _choices(value: Value) -> Part:
    """What a sweep of ours writes for what is to be tried."""
    if isinstance(value, Part):
        return Part([value], is_inline=True)
    if value.name == "choice":
        only = value.arguments[0] if len(value.arguments) == 1 else None
        items = only.items if isinstance(only, Part) and only.items else map(_plain, value.arguments)
        return Part([*items], is_inline=True)
    if value.name == "interval":
        low, high = (_plain(argument) for argument in _by_name(value, ("start", "end")))
        return Part({"low": _as_float(low), "high": _as_float(high)}, is_inline=True)
    if value.name == "range":
        return _range(value)
    if value.name == "int":
        inner = _choices(value.arguments[0])
        return Part({key: Part(int(part.value)) for key, part in inner.entries.items()}, is_inline=True)
    if value.name == "tag":
        inner = _choices(value.arguments[-1])
        is_log = any(isinstance(one, Part) and one.value == "log" for one in value.arguments[:-1])
        return Part(inner.value | {"log": Part(True)}, is_inline=True) if is_log else inner
    if value.name in ("sort", "shuffle"):
        return Part([_plain(item) for one in value.arguments for item in _items(one)], is_inline=True)
    raise NotCarriedError(f"'{value.name}(...)' has no counterpart in a sweep")


def _items(value: Value) -> list[Part]:
    return _choices(value).items if isinstance(value, Call) else [value]


def _plain(value: Value) -> Part:
    if isinstance(value, Call):
        raise NotCarriedError(f"'{value.name}(...)' stands within another choice")
    return value


def _by_name(value: Call, names: tuple[str, ...]) -> list[Value]:
    """The arguments of a call in the order of their names."""
    given: dict[str, Value] = dict(zip(names, value.arguments, strict=False)) | value.named
    return [given[name] for name in names if name in given]


def _as_float(part: Part) -> Part:
    """An end of an interval, which has fractions even where both ends are whole."""
    return Part(float(part.value)) if isinstance(part.value, int) else part


def _range(value: Call) -> Part:
    """A range as Python has it, without its end."""
    numbers = [_plain(one).value for one in _by_name(value, ("start", "stop", "step"))]
    start, stop, step = numbers if len(numbers) == 3 else (*numbers, 1) if len(numbers) == 2 else (0, numbers[0], 1)
    count = max(0, int(-(-(stop - start) // step)))
    return Part([Part(start + index * step) for index in range(count)], is_inline=True)


def _of_search_space(part: Part) -> Value:
    """The older form: `{type: float, low: 0.1, high: 1, log: true}`."""
    options = part.plain
    if options.get("type") == "categorical":
        return Call("choice", [Part(one) for one in options["choices"]], {})
    ends = [Part(options["low"]), Part(options["high"])]
    found: Value = Call("interval", ends, {})
    if options.get("type") == "int":
        found = Call("int", [found], {})
    return Call("tag", [Part("log"), found], {}) if options.get("log") else found


def _objective(sweep: Part, root: Part, sweeper: Part) -> None:
    monitor, direction = root.entries.get("optimized_metric"), sweeper.entries.get("direction")
    if monitor is not None:
        sweep.value["monitor"] = monitor.copy()
    if direction is not None:
        modes: Any = [_MODES.get(str(one), one) for one in direction.plain] if direction.items else None
        mode = Part([Part(one) for one in modes]) if modes else Part(_MODES.get(str(direction.value), direction.value))
        sweep.value["mode"] = with_comments(mode, direction)


def _sampler(sweep: Part, part: Part, texts: Texts) -> None:
    if part.target.endswith(_GRID):
        sweep.value["search"] = with_comments(Part("grid"), part)
    elif part.target:
        values = texts.static(part, (HYDRA, "sweeper", "sampler"))
        sweep.value["search"] = part.copy()
        for key, below in sweep.value["search"].entries.items():
            below.value = values[key]
