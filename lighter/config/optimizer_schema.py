"""How optimizers are written in a run's config: one, a list that steps together, or several by name that take turns."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from lighter.config.key_path import KeyPath, text
from lighter.config.tree import CALLABLE, MODE, TARGET, Entry, Mapping, Node, Scalar, Sequence, children, find
from lighter.errors import Problem, suggestion

OPTIMIZER: KeyPath = ("system", "optimizer")
SCHEDULER: KeyPath = ("system", "scheduler")
PARAMETERS = "params"
PARAMETERS_TARGET = "lighter.training.optimizers.parameter_groups.grouped"
TURN_KEYS = ("optimizer", "every", "accumulate_grad_batches", "gradient_clip_val", "gradient_clip_algorithm")

# Built when the System asks for them, with one more argument of this name for every call there that lacks it.
OFFERED: dict[KeyPath, str] = {OPTIMIZER: PARAMETERS, SCHEDULER: "optimizer"}


def offered_at(place: KeyPath) -> str:
    """The argument that calls at or below a place are offered; empty where there is none."""
    return next((argument for above, argument in OFFERED.items() if place[: len(above)] == above), "")


def is_by_name(node: Node | None) -> bool:
    """Whether several optimizers stand there, each under a name of its own."""
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
    if isinstance(node, Sequence):
        return replace(node, items=tuple(map(with_parameters, node.items)))
    if not isinstance(node, Mapping):
        return node
    entries = {key: replace(entry, value=with_parameters(entry.value)) for key, entry in node.entries.items()}
    given = entries.get(PARAMETERS)
    if node.is_call and given is not None:
        entries[PARAMETERS] = replace(given, value=_parameters(given.value))
    return Mapping(entries, node.position)


def takes_new_option(place: KeyPath, key: str) -> bool:
    """Whether an override may set a key that is not there: of parameter groups, or beside an optimizer."""
    below = place[len(OPTIMIZER) :]
    return PARAMETERS in below or (len(below) == 1 and key in TURN_KEYS)


def turn_problems(tree: Mapping) -> Iterator[Problem]:
    """What is wrong with optimizers by name, and with the names of their schedulers."""
    optimizer, scheduler = find(tree, OPTIMIZER), find(tree, SCHEDULER)
    if not isinstance(optimizer, Mapping) or not is_by_name(optimizer):
        return
    for name, entry in optimizer.entries.items():
        at, node = (*OPTIMIZER, name), entry.value
        if isinstance(node, Scalar | Sequence) and not (isinstance(node, Scalar) and node.value is None):
            help = f"write '{TARGET}: torch.optim.Adam' beside it, or below each name where there are several"
            yield Problem(f"'{text(at)}' is no optimizer", entry.position, text(at), help)
        elif isinstance(node, Mapping) and not node.is_call:
            yield from _unknown(node, at, TURN_KEYS)
    if isinstance(scheduler, Mapping) and not scheduler.is_call and SCHEDULER[-1] not in scheduler.entries:
        yield from _unknown(scheduler, SCHEDULER, tuple(optimizer.entries))


def _unknown(node: Mapping, place: KeyPath, known: Iterable[str]) -> Iterator[Problem]:
    for key, entry in node.entries.items():
        if key not in known:
            help = suggestion(key, known, "it may hold")
            yield Problem(f"'{text(place)}' holds no '{key}'", entry.position, text((*place, key)), help)


def _parameters(node: Node) -> Node:
    at = node.position
    if isinstance(node, Mapping) and not node.is_call:
        entries = node.entries
    elif _is_name(node) or (isinstance(node, Sequence) and node.items and all(map(_is_name, node.items))):
        entries = {"names": Entry("names", node, at)}
    else:
        return node
    return Mapping({TARGET: Entry(TARGET, Scalar(PARAMETERS_TARGET, at), at), **entries}, at)


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
