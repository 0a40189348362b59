"""What a run's config may hold, and what of it a stage uses: the one owner of the reserved keys and places."""

from collections.abc import Iterator
from dataclasses import dataclass

from lighter.config.paths import ROOT, Path
from lighter.config.tree import TARGET, Entry, Mapping, Node, Scalar, find
from lighter.stages import STAGES, Mode, Stage

SYSTEM, DATA, TRAINER, ARGUMENTS, VARS, RUN = "system", "data", "trainer", "args", "vars", "run"
PROJECT, IMPORTS, PLUGINS, SEED = "project", "imports", "plugins", "seed"
KEYS = (PROJECT, IMPORTS, PLUGINS, VARS, SEED, SYSTEM, DATA, TRAINER, ARGUMENTS, RUN)
RUN_KEYS = ("dir",)

BUILT = (SYSTEM, DATA, TRAINER, ARGUMENTS)
FREE = (VARS, ARGUMENTS)
LOADERS: Path = (SYSTEM, "dataloaders")
METRICS: Path = (SYSTEM, "metrics")
ADAPTERS: Path = (SYSTEM, "adapters")
ADAPTER_PARTS = {
    "batch": "lighter.adapters.BatchAdapter",
    "criterion": "lighter.adapters.CriterionAdapter",
    "metrics": "lighter.adapters.MetricsAdapter",
    "logging": "lighter.adapters.LoggingAdapter",
}
SYSTEM_TARGETS = ("lighter.System", "lighter.system.System")
TRAINER_TARGET = "pytorch_lightning.Trainer"

# Built when the System asks for them, with one more argument of this name for every call there that lacks it.
OFFERED: dict[Path, str] = {(SYSTEM, "optimizer"): "params", (SYSTEM, "scheduler"): "optimizer"}

__all__ = [
    "ADAPTERS",
    "ADAPTER_PARTS",
    "ARGUMENTS",
    "BUILT",
    "DATA",
    "KEYS",
    "LOADERS",
    "METRICS",
    "OFFERED",
    "RUN_KEYS",
    "SYSTEM_TARGETS",
    "Scope",
    "TRAINER",
    "default_target",
    "is_system",
    "scope",
    "takes_new_keys",
    "with_defaults",
]


@dataclass(frozen=True, slots=True)
class Scope:
    """What is built: these places, without those below them that are left out or built later."""

    roots: tuple[Path, ...] = (ROOT,)
    skipped: frozenset[Path] = frozenset()
    later: frozenset[Path] = frozenset()


def scope(tree: Mapping, stage: Stage | None) -> Scope:
    """What a stage builds of a run; without a stage, all that any stage would build."""
    roots = tuple((key,) for key in BUILT if key in tree.entries and (stage is None or key != ARGUMENTS))
    if stage is not None and find(tree, (ARGUMENTS, stage)) is not None:
        roots += ((ARGUMENTS, stage),)
    later = frozenset(OFFERED) if is_system(tree) else frozenset()
    return Scope(roots, frozenset(_skipped(tree, stage)) if stage is not None and is_system(tree) else frozenset(), later)


def is_system(tree: Mapping) -> bool:
    """Whether `system` is Lighter's own System, or takes loaders by mode as it does."""
    system = tree.get(SYSTEM)
    if not isinstance(system, Mapping):
        return False
    target = system.get(TARGET)
    if target is None or (isinstance(target, Scalar) and target.value in SYSTEM_TARGETS):
        return True
    loaders = system.get(LOADERS[-1])
    return isinstance(loaders, Mapping) and not loaders.is_call and bool(loaders.entries.keys() & set(Mode))


def _skipped(tree: Mapping, stage: Stage) -> Iterator[Path]:
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


def default_target(place: Path, tree: Mapping) -> str | None:
    """The `_target_` that a mapping at this place means when it names none."""
    if place == (TRAINER,):
        return TRAINER_TARGET
    if place == (SYSTEM,):
        return SYSTEM_TARGETS[0]
    if place[: len(ADAPTERS)] != ADAPTERS or not is_system(tree):
        return None
    below = place[len(ADAPTERS) :]
    part = below[-1] if len(below) == 1 or (len(below) == 2 and below[0] in set(Mode)) else None
    return ADAPTER_PARTS.get(part) if part is not None else None


def takes_new_keys(place: Path, node: Mapping) -> bool:
    """Whether an override may set a key here that is not there: an argument, or a free value."""
    if not place or place[0] in FREE or node.is_call:
        return True
    return place in ((TRAINER,), (SYSTEM,), (RUN,), ADAPTERS) or place[:-1] == ADAPTERS or place[:-2] == ADAPTERS


def with_defaults(tree: Mapping) -> Mapping:
    """The tree of a run with every left out `_target_` written in."""
    entries = dict(tree.entries)
    for key in (TRAINER, SYSTEM):
        entry = entries.get(key)
        if entry is not None and isinstance(entry.value, Mapping):
            entries[key] = Entry(entry.key, _filled(entry.value, (key,), tree), entry.position)
    if TRAINER not in entries:
        nothing = Mapping({}, tree.position)
        entries[TRAINER] = Entry(TRAINER, _filled(nothing, (TRAINER,), tree), tree.position)
    return Mapping(entries, tree.position)


def _filled(node: Node, place: Path, tree: Mapping) -> Node:
    if not isinstance(node, Mapping):
        return node
    entries = dict(node.entries)
    target = default_target(place, tree) if not node.is_call else None
    if target is not None:
        at = node.position
        entries = {TARGET: Entry(TARGET, Scalar(target, at), at), **entries}
    for key in ("adapters", *ADAPTER_PARTS, *Mode) if place[:1] == (SYSTEM,) and len(place) < 4 else ():
        if key in entries:
            e = entries[key]
            below = (*place, key)
            if below[:2] == ADAPTERS:
                entries[key] = Entry(e.key, _filled(e.value, below, tree), e.position)
    return Mapping(entries, node.position)
