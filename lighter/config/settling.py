"""What a changed `_target_` does not take, left out: arguments that earlier sources gave to another target."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from lighter.config.arguments import is_true
from lighter.config.failures import Failed, located
from lighter.config.origins import at_line
from lighter.config.paths import ROOT, Path, text
from lighter.config.signatures import faults, signature_of
from lighter.config.tree import DISABLED, TARGET, Entry, Mapping, Node, Scalar, Sequence
from lighter.utils.dynamic_imports import Project

__all__ = ["Settled", "settle"]


@dataclass(frozen=True, slots=True)
class Settled:
    """A tree in which every inherited argument is one that its target takes, and what was left out of it."""

    tree: Mapping
    left_out: dict[Path, str] = field(default_factory=dict)  # place -> what is said of it

    @property
    def notes(self) -> list[str]:
        """A line for each argument that was left out."""
        return list(dict.fromkeys(f"note: {told}" for told in self.left_out.values()))


def settle(
    tree: Mapping, project: Callable[[], Project | None], may_import: Callable[[str], bool] = lambda _: True
) -> Settled:
    """The tree without what its targets do not take of what they inherited; imports only targets that inherit."""
    work = _Work(project, may_import)
    settled = work.settled(tree, ROOT)
    assert isinstance(settled, Mapping)
    return Settled(settled, work.left_out)


@dataclass(slots=True)
class _Work:
    project: Callable[[], Project | None]
    may_import: Callable[[str], bool]
    left_out: dict[Path, str] = field(default_factory=dict)
    _inherits: dict[int, bool] = field(default_factory=dict)  # by node: pieces that stand twice are looked at once

    def settled(self, node: Node, at: Path) -> Node:
        """The node itself where nothing below it is left out."""
        if not isinstance(node, (Mapping, Sequence)) or not self._has_inherited(node):
            return node
        if isinstance(node, Sequence):
            return replace(node, items=tuple(self.settled(item, (*at, str(i))) for i, item in enumerate(node.items)))
        refused = dict(self._refused(node, at))
        self.left_out.update({(*at, key): told for key, told in refused.items()})
        return Mapping(
            {
                key: replace(entry, value=self.settled(entry.value, (*at, key)))
                for key, entry in node.entries.items()
                if key not in refused
            },
            node.position,
        )

    def _has_inherited(self, node: Node) -> bool:
        if isinstance(node, Mapping):
            if id(node) not in self._inherits:
                entries = node.entries.values()
                self._inherits[id(node)] = any(e.inherited or self._has_inherited(e.value) for e in entries)
            return self._inherits[id(node)]
        if isinstance(node, Sequence):
            if id(node) not in self._inherits:
                self._inherits[id(node)] = any(map(self._has_inherited, node.items))
            return self._inherits[id(node)]
        return False

    def _refused(self, call: Mapping, at: Path) -> Iterator[tuple[str, str]]:
        """The inherited arguments that a call's target does not take, each with what is said of it."""
        inherited = {key: entry for key, entry in call.entries.items() if entry.inherited}
        name = _target(call)
        if not inherited or name is None or not self.may_import(name):
            return
        target = located(name, self.project(), is_target=True)
        signature = signature_of(target) if callable(target) and not isinstance(target, Failed) else None
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


def _told(place: Path, entry: Entry, target: str) -> str:
    return f"{text(place)} ({at_line(entry.position)}) is left out: {target} takes no '{place[-1]}'"
