"""Stale arguments, given to a `_target_` that a later source replaced: left out where the new one refuses them."""

from collections.abc import Callable, Iterator

from lighter.config.key_path import KeyPath, text
from lighter.config.origins import at_line
from lighter.config.plan import is_true
from lighter.config.signatures import faults, signature_of
from lighter.config.tree import DISABLED, TARGET, Mapping, Scalar, without


def without_stale(tree: Mapping, target_of: Callable[[str], object]) -> tuple[Mapping, tuple[str, ...]]:
    """The tree without the arguments that a replaced `_target_` has left over and the new one does not take.

    And a note for each of them. Only of calls that have inherited arguments `target_of` is asked what they name.
    """
    notes: dict[str, None] = {}  # a piece that is copied is noted once

    def dropped(place: KeyPath, call: Mapping) -> set[str]:
        found = dict(_stale(place, call, target_of))
        notes.update(dict.fromkeys(found.values()))
        return {*found}

    kept = without(tree, dropped)
    assert isinstance(kept, Mapping)
    return kept, tuple(notes)


def _stale(place: KeyPath, call: Mapping, target_of: Callable[[str], object]) -> Iterator[tuple[str, str]]:
    inherited = {key: entry for key, entry in call.entries.items() if entry.inherited}
    written, disabled = call.get(TARGET), call.get(DISABLED)
    is_off = isinstance(disabled, Scalar) and is_true(disabled.value)
    name = written.value if isinstance(written, Scalar) and not is_off else None
    target = target_of(name) if inherited and isinstance(name, str) else None
    signature = signature_of(target) if callable(target) else None
    if signature is None:  # the check of the calls says what is wrong, if anything is
        return
    refused = {fault.argument for fault in faults(str(name), signature, 0, inherited, partial=True)}
    for key, entry in inherited.items():
        if key in refused:
            at = text((*place, key))
            yield key, f"note: {at} ({at_line(entry.position)}) is left out: {name} takes no '{key}'"
