"""What a changed `_target_` does not take, left out: arguments that earlier sources gave to another target."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace

from lighter.config.failures import located
from lighter.config.key_path import ROOT, KeyPath, text
from lighter.config.origins import at_line
from lighter.config.plan import is_true
from lighter.config.signatures import faults, signature_of
from lighter.config.tree import DISABLED, TARGET, Entry, Mapping, Node, Scalar, Sequence, children
from lighter.project.importable import serving
from lighter.project.project import Project


@dataclass(frozen=True, slots=True)
class Settled:
    """A tree in which every inherited argument is one that its target takes, and what was left out of it."""

    tree: Mapping
    left_out: dict[KeyPath, str] = field(default_factory=dict)  # place -> what is said of it

    @property
    def notes(self) -> list[str]:
        """A line for each argument that was left out."""
        return list(dict.fromkeys(f"note: {told}" for told in self.left_out.values()))


def settle(
    tree: Mapping,
    project: Callable[[], Project | None],
    may_import: Callable[[str], bool] = lambda _: True,
    served: Callable[[], AbstractContextManager[None]] | None = None,
) -> Settled:
    """The tree without what its targets do not take of what they inherited; imports only targets that inherit.

    While these are looked up, what `served` opens can be imported; without it the project.
    """
    left_out: dict[KeyPath, str] = {}

    def drops(call: Mapping, at: KeyPath) -> set[str]:
        refused = dict(_refused(call, at, project, may_import, served or (lambda: serving(project()))))
        left_out.update({(*at, key): told for key, told in refused.items()})
        return set(refused)

    settled = _without(tree, ROOT, drops, {})
    assert isinstance(settled, Mapping)
    return Settled(settled, left_out)


def bare(tree: Mapping) -> Mapping:
    """The tree without anything inherited; the tree itself where nothing is. Imports nothing."""
    made = _without(tree, ROOT, lambda call, _: {key for key, entry in call.entries.items() if entry.inherited}, {})
    assert isinstance(made, Mapping)
    return made


def _without(node: Node, at: KeyPath, drops: Callable[[Mapping, KeyPath], set[str]], inherits: dict[int, bool]) -> Node:
    """The node without the arguments that `drops` names of each call; the node itself where there is nothing to ask."""
    if not _has_inherited(node, inherits):
        return node
    if isinstance(node, Sequence):
        items = (_without(item, (*at, str(index)), drops, inherits) for index, item in enumerate(node.items))
        return replace(node, items=tuple(items))
    assert isinstance(node, Mapping)
    dropped = drops(node, at)
    kept = {key: entry for key, entry in node.entries.items() if key not in dropped}
    values = {key: _without(entry.value, (*at, key), drops, inherits) for key, entry in kept.items()}
    return Mapping({key: replace(entry, value=values[key]) for key, entry in kept.items()}, node.position)


def _has_inherited(node: Node, known: dict[int, bool]) -> bool:
    """Whether an argument at or below a node is inherited; pieces that stand twice are looked at once."""
    if not isinstance(node, (Mapping, Sequence)):
        return False
    if id(node) not in known:
        of_its_own = isinstance(node, Mapping) and any(entry.inherited for entry in node.entries.values())
        known[id(node)] = of_its_own or any(_has_inherited(below, known) for _, below in children(node))
    return known[id(node)]


def _refused(
    call: Mapping,
    at: KeyPath,
    project: Callable[[], Project | None],
    may_import: Callable[[str], bool],
    served: Callable[[], AbstractContextManager[None]],
) -> Iterator[tuple[str, str]]:
    """The inherited arguments that a call's target does not take, each with what is said of it."""
    inherited = {key: entry for key, entry in call.entries.items() if entry.inherited}
    name = _target(call)
    if not inherited or name is None or not may_import(name):
        return
    with served():
        target = located(name, project(), is_target=True)
    signature = signature_of(target) if callable(target) else None
    if signature is None:
        return  # the check of the calls says what is wrong, if anything is
    refused = {fault.argument for fault in faults(name, signature, 0, inherited, partial=True)}
    for key, entry in inherited.items():
        if key in refused:
            yield key, _told((*at, key), entry, name)


def _target(call: Mapping) -> str | None:
    """The name of the target, if one can be looked up and is to be called."""
    target, disabled = call.get(TARGET), call.get(DISABLED)
    if isinstance(disabled, Scalar) and is_true(disabled.value):
        return None
    return target.value if isinstance(target, Scalar) and isinstance(target.value, str) else None


def _told(place: KeyPath, entry: Entry, target: str) -> str:
    return f"{text(place)} ({at_line(entry.position)}) is left out: {target} takes no '{place[-1]}'"
