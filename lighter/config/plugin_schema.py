"""A run whose `system` is a plugin model: how it is written, what it lacks, and what of it a stage builds."""

from collections.abc import Iterator
from types import ModuleType
from typing import TYPE_CHECKING, Any

from lighter.config.key_path import KeyPath, text
from lighter.config.tree import (
    CALLABLE,
    MODE,
    TARGET,
    Entry,
    Mapping,
    Node,
    Scalar,
    Sequence,
    find,
    is_nothing,
    mapped,
    position_at,
    unknown_keys,
    with_texts,
)
from lighter.errors import Position, Problem, suggestion
from lighter.project.files import is_segment
from lighter.training.stages import STAGES, Mode, Stage

if TYPE_CHECKING:
    from lighter.project.project import Project

ENTRY = "plugins"
NAMES: KeyPath = (ENTRY, "names")
_WRITE = "write 'plugins: {names: [my_project.plugins]}'"

# The form of the entry as a JSON schema; that a dotted name's parts are names, the check alone can say.
SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "plugins",
    "type": "object",
    "required": ["names"],
    "additionalProperties": False,
    "properties": {
        "names": {
            "description": "the modules that hold plugins, by their dotted names",
            "type": "array",
            "items": {"type": "string", "pattern": r"^[^./:\\]+(\.[^./:\\]+)*$"},
        }
    },
}

SYSTEM = "system"
MODEL: KeyPath = (SYSTEM, "model")
DATA: KeyPath = (SYSTEM, "data")
METRICS: KeyPath = (SYSTEM, "metrics")
ADAPTERS: KeyPath = (SYSTEM, "adapters")
WRITERS: KeyPath = (SYSTEM, "writers")
TARGETS = ("lighter.plugins.PluginSystem", "lighter.plugins.plugin_system.PluginSystem")
KIND = "instantiate/"
# Called when their time has come; what is written below them is given to the plugin of the model's type by name.
STEPS = ("fit", "predict", "serialize", "deserialize")
ADAPTER_TARGETS = {
    "batch": "lighter.BatchAdapter",
    "fit": "lighter.CriterionAdapter",
    "metrics": "lighter.MetricsAdapter",
}
_WITHOUT_EFFECT = ("data", "trainer", "args")  # of a run's keys


def entry_problems(tree: Mapping) -> list[Problem]:
    """What is wrong with the entry as it is written."""
    node = tree.get(ENTRY)
    if node is None or (isinstance(node, Scalar) and node.value is None):
        return []
    if not isinstance(node, Mapping) or node.is_call:
        return [Problem(f"'{ENTRY}' takes a mapping", node.position, ENTRY, _WRITE)]
    known = list(SCHEMA["properties"])
    found = [
        Problem(f"'{ENTRY}' holds no '{key}'", entry.position, text((ENTRY, key)), suggestion(key, known, "it holds"))
        for key, entry in node.entries.items()
        if key not in known
    ]
    names = node.get(NAMES[-1])
    if names is None and not found:
        found.append(Problem(f"'{ENTRY}' needs '{text(NAMES)}'", node.position, text(NAMES), _WRITE))
    elif names is not None and not isinstance(names, Sequence):
        found.append(Problem(f"'{text(NAMES)}' takes a list", names.position, text(NAMES), _WRITE))
    return [*found, *_name_problems(names)]


def import_problems(tree: Mapping, project: "Project | None", is_limited: bool = False) -> list[Problem]:
    """Imports the modules, each once, so that they register what they have, and reports which could not be.

    A limited config may have none.
    """
    if is_limited:
        what = f"'{ENTRY}' runs code that --allow does not judge: no limited config may have it"
        return [Problem(what, tree.entries[ENTRY].position, ENTRY, "if you trust the modules, run it without --allow")]
    return entry_problems(tree) or list(_imported(tree, project))


def _imported(tree: Mapping, project: "Project | None") -> Iterator[Problem]:
    from lighter.config.failures import Failed, located

    names = find(tree, NAMES)
    for index, node in enumerate(names.items if isinstance(names, Sequence) else ()):
        assert isinstance(node, Scalar)
        place, dotted = text((*NAMES, str(index))), str(node.value)
        module = located(dotted, project)
        if isinstance(module, Failed):
            yield module.problem(node.position, place)
        elif not isinstance(module, ModuleType):
            help = f"write '{dotted.rpartition('.')[0]}', which holds it"
            yield Problem(f"'{dotted}' is no module", node.position, place, help)


def _name_problems(names: Any) -> Iterator[Problem]:
    for index, node in enumerate(names.items if isinstance(names, Sequence) else ()):
        value = node.value if isinstance(node, Scalar) else None
        if not isinstance(value, str) or not all(map(is_segment, value.split("."))):
            written = f"'{value}'" if isinstance(node, Scalar) else "this"
            what = f"{written} is no dotted name of a module"
            yield Problem(what, node.position, text((*NAMES, str(index))), "write it as 'my_project.plugins'")


def is_plugin_system(tree: Mapping) -> bool:
    """Whether `system` is a plugin model, which runs without a Trainer."""
    system = tree.get(SYSTEM)
    target = system.get(TARGET) if isinstance(system, Mapping) else None
    return isinstance(target, Scalar) and target.value in TARGETS


def with_plugins(system: Mapping) -> Mapping:
    """The system with the `_target_` of each plugin of its model's type, and of each adapter."""
    target = find(system, (MODEL[-1], TARGET))
    entries = dict(system.entries)
    adapters = entries.get(ADAPTERS[-1])
    if adapters is not None and isinstance(adapters.value, Mapping) and not adapters.value.is_call:
        entries[ADAPTERS[-1]] = adapters._replace(value=mapped(adapters.value, _adapter))
    if isinstance(target, Scalar) and isinstance(target.value, str):
        for step in STEPS:
            written = f"{step}/{target.value.removeprefix(KIND)}"
            entries[step] = _completed(entries.get(step), step, written, target.position)
    return Mapping(entries, system.position)


def filled_from(place: KeyPath) -> KeyPath | None:
    """The place whose `_target_` gives that of this one, if it is left out."""
    return MODEL if place[:1] == (SYSTEM,) and place[1:] in {(step,) for step in STEPS} else None


def unregistered(problem: Problem, target: str) -> Problem:
    """The mistake that the model's type lacks a plugin, with its cure."""
    step, _, model_type = target.partition("/")
    return problem._replace(help=f"register it with @plugins.{step}(['{model_type}'])")


def skipped_of_plugins(tree: Mapping, stage: Stage) -> Iterator[KeyPath]:
    """The places of the system that a stage has no use for."""
    needs = STAGES[stage]
    measured = find(tree, METRICS)
    for mode in Mode:
        has_metrics = measured is not None and find(measured, (mode,)) is not None
        if mode not in needs.modes or (mode is not needs.loader and not has_metrics):
            yield (*DATA, mode)
        if mode not in needs.metrics:
            yield (*METRICS, mode)
    if stage not in (Stage.TEST, Stage.PREDICT):
        yield WRITERS


def has_plugin_data(tree: Mapping, stage: Stage) -> bool:
    """Whether the system has data for a stage."""
    return not is_nothing(find(tree, (*DATA, STAGES[stage].loader)))


def takes_new_part(place: KeyPath, key: str) -> bool:
    """Whether an override may set a key at a place of such a system, where there is no call."""
    if place in (DATA, METRICS):
        return key in set(Mode)
    return ADAPTERS in (place, place[:-1]) or filled_from(place) is not None


def plugin_system_problems(tree: Mapping, stage: Stage | None) -> Iterator[Problem]:
    """What is wrong with such a system as far as it shows without an import, and what a stage lacks."""
    yield from _of_model(tree)
    for place, known in ((DATA, list(Mode)), (METRICS, list(Mode)), (ADAPTERS, list(ADAPTER_TARGETS))):
        yield from unknown_keys(tree, place, known)
    for step in STEPS:
        node = find(tree, (SYSTEM, step))
        if not is_nothing(node) and not isinstance(node, Mapping):
            help = f"write arguments of its '{step}' below it"
            yield Problem(
                f"'{SYSTEM}::{step}' takes a mapping", position_at(tree, (SYSTEM, step)), f"{SYSTEM}::{step}", help
            )
    data = find(tree, DATA)
    is_open = is_nothing(data) or (isinstance(data, Mapping) and not data.is_call)  # one can see what it holds
    if stage is not None and is_open and not has_plugin_data(tree, stage):
        place = (*DATA, STAGES[stage].loader)
        above, missing = DATA, f"{place[-1]}: {{_target_: data_access/...}}"
        if is_nothing(data):
            above, missing = (SYSTEM,), f"{DATA[-1]}: {{{missing}}}"
        help = f"write '{missing}' below '{text(above)}'"
        yield Problem(f"'{stage}' needs '{text(place)}'", position_at(tree, above), text(place), help)


def without_effect(tree: Mapping) -> Iterator[str]:
    """What is to be said of keys that only a run with a Trainer uses."""
    for key in _WITHOUT_EFFECT:
        if key in tree.entries:
            yield f"{tree.entries[key].position}: '{key}' has no effect: a plugin model runs without a Trainer"


def _of_model(tree: Mapping) -> Iterator[Problem]:
    node = find(tree, MODEL)
    target = node.get(TARGET) if isinstance(node, Mapping) else None
    value = target.value if isinstance(target, Scalar) else None
    if not isinstance(value, str) or not value.startswith(KIND):
        what = f"'{text(MODEL)}' is to name a plugin's model type"
        at = target.position if target is not None else position_at(tree, MODEL if node is not None else (SYSTEM,))
        yield Problem(what, at, text(MODEL), f"write '{TARGET}: {KIND}my_project.SVC', and its arguments beside it")


def _completed(entry: Entry | None, step: str, target: str, at: Position) -> Entry:
    """What is written for a step as the plugin itself, to be called later with these arguments."""
    node = entry.value if entry is not None else None
    given = node if isinstance(node, Mapping) else Mapping({}, node.position if node is not None else at)
    value = with_texts(given, {TARGET: target, MODE: CALLABLE}, at)
    return entry._replace(value=value) if entry is not None else Entry(step, value, at)


def _adapter(key: str, node: Node) -> Node:
    target = ADAPTER_TARGETS.get(key)
    if not isinstance(node, Mapping) or node.is_call or target is None:
        return node
    return with_texts(node, {TARGET: target}, node.position)
