"""What a run's config may hold, and what of it a stage uses: the one owner of the reserved keys and places.

Optimizers are written as one, as a list that steps together, or as several by name that alternate.
"""

from collections.abc import Iterator
from typing import NamedTuple

from lighter.config.key_path import ROOT, KeyPath, text
from lighter.config.plugin_schema import MODEL, is_plugin_system, skipped_of_plugins, takes_new_part, with_plugins
from lighter.config.tree import (
    CALLABLE,
    MODE,
    TARGET,
    Entry,
    Mapping,
    Node,
    Scalar,
    Sequence,
    children,
    find,
    is_nothing,
    mapped,
    unknown_keys,
    with_texts,
    with_value,
)
from lighter.errors import Problem, UsageError, suggestion
from lighter.training.stages import STAGES, Mode, Stage

SYSTEM, DATA, TRAINER, ARGUMENTS, VARS, RUN = "system", "data", "trainer", "args", "vars", "run"
PROJECT, IMPORTS, PLUGINS, SEED = "project", "imports", "plugins", "seed"
KEYS = (PROJECT, IMPORTS, PLUGINS, VARS, SEED, SYSTEM, DATA, TRAINER, ARGUMENTS, RUN)
RUN_FOLDER: KeyPath = (RUN, "dir")
SAVE_STEPS: KeyPath = (RUN, "every_n_train_steps")
SAVE_MINUTES: KeyPath = (RUN, "every_n_minutes")
ON_NAN: KeyPath = (RUN, "on_nan")
RUN_KEYS = (RUN_FOLDER[-1], SAVE_STEPS[-1], SAVE_MINUTES[-1], ON_NAN[-1])
CALLBACKS: KeyPath = (TRAINER, "callbacks")
LOGGER: KeyPath = (TRAINER, "logger")
BY_NAME_OR_LISTED = (CALLBACKS, LOGGER)  # one, several as a list, or several by name
REACTIONS = (WARN, STOP, SKIP) = ("warn", "stop", "skip")  # to a loss that is not finite

BUILT = (SYSTEM, DATA, TRAINER, ARGUMENTS)
FREE = (VARS, ARGUMENTS)
LOADERS: KeyPath = (SYSTEM, "dataloaders")
METRICS: KeyPath = (SYSTEM, "metrics")
ADAPTERS: KeyPath = (SYSTEM, "adapters")
ADAPTER_PARTS = {
    "batch": "lighter.BatchAdapter",
    "criterion": "lighter.CriterionAdapter",
    "metrics": "lighter.MetricsAdapter",
    "logging": "lighter.LoggingAdapter",
}
SYSTEM_TARGET = "lighter.System"
TRAINER_TARGET = "pytorch_lightning.Trainer"


def means(target: object, promised: str) -> bool:
    """Whether a written `_target_` is the promised name of something of Lighter's, or one that older configs have."""
    name = promised.rpartition(".")[2]
    module = "system" if promised == SYSTEM_TARGET else "adapters"
    return target in (promised, f"lighter.{module}.{name}", f"lighter.training.{module}.{name}")


def is_exactly_system(system: Mapping) -> bool:
    """Whether a mapping at `system` is Lighter's own System, and no subclass."""
    target = system.get(TARGET)
    return target is None or (isinstance(target, Scalar) and means(target.value, SYSTEM_TARGET))


def stage_named(name: str) -> Stage:
    """The stage of this name. Raises UsageError with the nearest."""
    try:
        return Stage(name)
    except ValueError as error:
        raise UsageError(f"there is no stage '{name}'; {suggestion(str(name), Stage)}") from error


class Scope(NamedTuple):
    """What is built: these places, without those below them that are left out or built later."""

    roots: tuple[KeyPath, ...] = (ROOT,)
    skipped: frozenset[KeyPath] = frozenset()
    later: frozenset[KeyPath] = frozenset()


def scope(tree: Mapping, stage: Stage | None) -> Scope:
    """What a stage builds of a run; without a stage, all that any stage would build."""
    if is_plugin_system(tree):
        unused = skipped_of_plugins(tree, stage) if stage is not None else ()
        return Scope((MODEL, (SYSTEM,)), frozenset(unused), later=frozenset({MODEL}))
    roots: tuple[KeyPath, ...] = tuple(
        (key,) for key in BUILT if key in tree.entries and (stage is None or key != ARGUMENTS)
    )
    if stage is not None and find(tree, (ARGUMENTS, stage)) is not None:
        roots += ((ARGUMENTS, stage),)
    if not is_system(tree):
        return Scope(roots)
    skipped = frozenset(_skipped(tree, stage)) if stage is not None else frozenset()
    if stage is not None and not STAGES[stage].optimizer:
        return Scope(roots, skipped)
    return Scope(roots, skipped, frozenset(later_places(tree)))


def is_system(tree: Mapping) -> bool:
    """Whether `system` is Lighter's own System, or takes loaders by mode as it does."""
    system = tree.get(SYSTEM)
    if not isinstance(system, Mapping):
        return False
    if is_exactly_system(system):
        return True
    loaders = system.get(LOADERS[-1])
    return isinstance(loaders, Mapping) and not loaders.is_call and bool(loaders.entries.keys() & set(Mode))


def _skipped(tree: Mapping, stage: Stage) -> Iterator[KeyPath]:
    """The places of the System that a stage has no use for."""
    needs = STAGES[stage]
    for place, modes in ((LOADERS, needs.modes), (METRICS, needs.metrics), (ADAPTERS, needs.modes)):
        node = find(tree, place)
        if isinstance(node, Mapping) and not node.is_call:
            yield from ((*place, mode) for mode in Mode if mode in node.entries and mode not in modes)
    if not needs.criterion:
        yield (SYSTEM, "criterion")
    if not needs.optimizer:
        yield from OFFERED


def default_target(place: KeyPath, tree: Mapping) -> str | None:
    """The `_target_` that a mapping at this place means when it names none."""
    return usual_target(place) if place[: len(ADAPTERS)] != ADAPTERS or is_system(tree) else None


def usual_target(place: KeyPath) -> str | None:
    """The same where nothing else is known of the config: of one whose `system` is Lighter's own."""
    if place == (TRAINER,):
        return TRAINER_TARGET
    if place == (SYSTEM,):
        return SYSTEM_TARGET
    if place[: len(ADAPTERS)] != ADAPTERS:
        return None
    below = place[len(ADAPTERS) :]
    part = below[-1] if len(below) == 1 or (len(below) == 2 and below[0] in set(Mode)) else None
    return ADAPTER_PARTS.get(part) if part is not None else None


def metric_names(system: Mapping, mode: Mode) -> tuple[str, ...] | None:
    """The names of a mode's metrics, in a group as `group/name`; None where they are not written in the config."""
    metrics: Node | None = system.get(METRICS[-1])
    if isinstance(metrics, Mapping) and not metrics.is_call:
        metrics = metrics.get(mode)
    if is_nothing(metrics):
        return ()
    return tuple(_metric_names(metrics)) if isinstance(metrics, Mapping) and not metrics.is_call else None


def _metric_names(group: Mapping) -> Iterator[str]:
    for key, entry in group.entries.items():
        if isinstance(entry.value, Mapping) and not entry.value.is_call:
            yield from (f"{key}/{name}" for name in _metric_names(entry.value))
        else:
            yield str(key)


def takes_new_key(place: KeyPath, node: Mapping, key: str) -> bool:
    """Whether an override may set a key here that is not there: an argument, or a free value."""
    if not place or place[0] in FREE or node.is_call:
        return True
    if place in (LOADERS, METRICS):
        return key in set(Mode)
    if takes_new_part(place, key):
        return True
    if place[: len(OPTIMIZER)] == OPTIMIZER and takes_new_option(place, key):
        return True
    return place in ((TRAINER,), (SYSTEM,), (RUN,), ADAPTERS) or place[:-1] == ADAPTERS or place[:-2] == ADAPTERS


def with_defaults(tree: Mapping) -> Mapping:
    """The tree of a run with every left out `_target_` written in."""
    entries = dict(tree.entries)
    if is_plugin_system(tree):
        system = tree.get(SYSTEM)
        assert isinstance(system, Mapping)
        return with_value(tree, SYSTEM, with_plugins(system))
    if is_nothing(tree.get(TRAINER)):
        at = tree.position
        entries[TRAINER] = Entry(TRAINER, Mapping({}, at), at)
    for key in (TRAINER, SYSTEM):
        if key in entries:
            entries[key] = entries[key]._replace(value=_filled(entries[key].value, (key,), tree))
    return Mapping(entries, tree.position)


def _filled(node: Node, place: KeyPath, tree: Mapping) -> Node:
    """A mapping with its own default target and those below it; adapters are the only ones deeper down."""
    if not isinstance(node, Mapping):
        return node
    target = default_target(place, tree) if not node.is_call else None
    entries = dict(with_texts(node, {TARGET: target} if target is not None else {}, node.position).entries)
    for key, entry in node.entries.items():
        below = (*place, key)
        if below == OPTIMIZER and is_system(tree):
            entries[key] = entry._replace(value=with_parameters(entry.value))
        if below == ADAPTERS or (place == ADAPTERS and key in (*ADAPTER_PARTS, *Mode)) or place[:-1] == ADAPTERS:
            entries[key] = entry._replace(value=_filled(entry.value, below, tree))
    return Mapping(entries, node.position)


OPTIMIZER: KeyPath = ("system", "optimizer")
SCHEDULER: KeyPath = ("system", "scheduler")
PARAMETERS = "params"
PARAMETERS_TARGET = "lighter.training.optimizers.parameter_groups.grouped"
ALTERNATING_KEYS = ("optimizer", "every", "accumulate_grad_batches", "gradient_clip_val", "gradient_clip_algorithm")

SCHEDULER_KEYS = ("scheduler", "name", "interval", "frequency", "reduce_on_plateau", "monitor", "strict")
INTERVALS = ("epoch", "step")

# Built when the System asks for them, with one more argument of this name for every call there that lacks it.
OFFERED: dict[KeyPath, str] = {OPTIMIZER: PARAMETERS, SCHEDULER: "optimizer"}


def offered_at(place: KeyPath) -> str:
    """The argument that calls at or below a place are offered; empty where there is none."""
    return next((argument for above, argument in OFFERED.items() if place[: len(above)] == above), "")


def is_by_name(node: Node | None) -> bool:
    """Whether there are several optimizers, each under a name of its own."""
    return isinstance(node, Mapping) and not node.is_call and bool(node.entries)


def later_places(tree: Mapping) -> Iterator[KeyPath]:
    """What is built when the System asks for it; of optimizers by name, and their schedulers, each for itself."""
    several = is_by_name(find(tree, OPTIMIZER))
    for place in OFFERED:
        node = find(tree, place)
        is_lightnings = place == SCHEDULER and isinstance(node, Mapping) and SCHEDULER[-1] in node.entries
        parts = isinstance(node, Mapping) and several and is_by_name(node) and not is_lightnings
        places = [(*place, key) for key in node.entries] if parts and isinstance(node, Mapping) else [place]
        yield from (at for at in places if _is_made_later(find(tree, at)))


def with_parameters(node: Node) -> Node:
    """The same with the `_target_` of every `params` that is a mapping, a name or a list of names."""
    made = mapped(node, lambda _, below: with_parameters(below))
    given = made.get(PARAMETERS) if isinstance(made, Mapping) and made.is_call else None
    return with_value(made, PARAMETERS, _parameters(given)) if isinstance(made, Mapping) and given is not None else made


def takes_new_option(place: KeyPath, key: str) -> bool:
    """Whether an override may set a key that is not there: of parameter groups, or beside an optimizer."""
    below = place[len(OPTIMIZER) :]
    return PARAMETERS in below or (len(below) == 1 and key in ALTERNATING_KEYS)


def scheduler_problems(tree: Mapping) -> Iterator[Problem]:
    """What is wrong with the keys beside a scheduler, as Lightning takes them, and with when it steps."""
    node = find(tree, SCHEDULER)
    is_several = isinstance(node, Mapping) and is_by_name(find(tree, OPTIMIZER)) and SCHEDULER[-1] not in node.entries
    places = [(*SCHEDULER, key) for key in node.entries] if is_several and isinstance(node, Mapping) else [SCHEDULER]
    for place in places:
        node, interval = find(tree, place), find(tree, (*place, "interval"))
        if not isinstance(node, Mapping) or node.is_call:
            continue
        misspelt = [*unknown_keys(tree, place, SCHEDULER_KEYS)]
        yield from misspelt
        if not misspelt and is_nothing(node.get(SCHEDULER[-1])):
            what = f"'{text(place)}' has no '{SCHEDULER[-1]}'"
            help = f"write '{SCHEDULER[-1]}: {{{TARGET}: ...}}' below it, or '{TARGET}: ...' for the scheduler alone"
            yield Problem(what, node.position, text(place), help, code="missing")
        if isinstance(interval, Scalar) and interval.value not in (*INTERVALS, None):
            help = suggestion(str(interval.value), INTERVALS, "write one of")
            what = f"no scheduler steps each '{interval.value}'"
            yield Problem(what, interval.position, text((*place, "interval")), help)


def alternation_problems(tree: Mapping) -> Iterator[Problem]:
    """What is wrong with optimizers by name, and with the names of their schedulers."""
    optimizer, scheduler = find(tree, OPTIMIZER), find(tree, SCHEDULER)
    if not isinstance(optimizer, Mapping) or not is_by_name(optimizer):
        return
    for name, entry in optimizer.entries.items():
        at, node = (*OPTIMIZER, name), entry.value
        if isinstance(node, Scalar | Sequence) and not (isinstance(node, Scalar) and node.value is None):
            help = f"write '{TARGET}: torch.optim.Adam' beside it, or below each name where there are several"
            yield Problem(f"'{text(at)}' is no optimizer", entry.position, text(at), help)
        yield from unknown_keys(tree, at, ALTERNATING_KEYS)
    if isinstance(scheduler, Mapping) and not scheduler.is_call and SCHEDULER[-1] not in scheduler.entries:
        yield from unknown_keys(tree, SCHEDULER, optimizer.entries)


def _parameters(node: Node) -> Node:
    if _is_name(node) or (isinstance(node, Sequence) and node.items and all(map(_is_name, node.items))):
        node = Mapping({"names": Entry("names", node, node.position)}, node.position)
    if not isinstance(node, Mapping) or node.is_call:
        return node
    return with_texts(node, {TARGET: PARAMETERS_TARGET}, node.position)


def _is_name(node: Node) -> bool:
    return isinstance(node, Scalar) and isinstance(node.value, str)


def _is_made_later(node: Node | None) -> bool:
    """Whether something is built there; what is to be called by itself is given to the System as it is."""
    if node is None or (isinstance(node, Scalar) and node.value is None):
        return False
    calls = list(_calls(node))
    modes = [call.get(MODE) for call in calls]
    return not calls or not all(isinstance(mode, Scalar) and mode.value == CALLABLE for mode in modes)


def _calls(node: Node) -> Iterator[Mapping]:
    """The calls at or below a node, without those below other calls."""
    if isinstance(node, Mapping) and node.is_call:
        yield node
    else:
        for _, below in children(node):
            yield from _calls(below)
