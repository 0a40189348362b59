"""Callbacks and loggers: one, a list of them, or several by name; the Trainer takes a list. A null is none."""

from collections.abc import Mapping

from lighter.config.key_path import KeyPath
from lighter.config.plan import Argument, Constant, Items, Pairs
from lighter.config.schema import BY_NAME_OR_LISTED, LOGGER

_PLAIN = (str, int, float, list, dict)


def listed(place: KeyPath, argument: Argument) -> Argument:
    """What is planned at a place, as the list that the Trainer takes; anything else as it is."""
    if place not in BY_NAME_OR_LISTED or not isinstance(argument, Items | Pairs):
        return argument
    given = argument.items if isinstance(argument, Items) else [value for _, value in argument.pairs]
    kept = [one for one in given if not (isinstance(one, Constant) and one.value is None)]
    is_other = isinstance(argument, Pairs) and any(isinstance(one, Constant) for one in kept)
    return argument if is_other else Items(tuple(kept))


def with_lists(owner: KeyPath, given: Mapping[str, object]) -> dict[str, object]:
    """The built arguments of the call at a place, in which the Trainer's callbacks and loggers are lists.

    A mapping in which no logger is left sets none: the run's own stays. An empty list says that there is none at all.
    """
    made = dict(given)
    for *above, key in BY_NAME_OR_LISTED:
        value = given.get(key) if owner == (*above,) else None
        if not isinstance(value, dict | list):
            continue
        found = [one for one in (value.values() if isinstance(value, dict) else value) if one is not None]
        if isinstance(value, dict) and any(isinstance(one, _PLAIN) for one in found):
            continue  # no objects by name: the arguments of something else, for a target that is not Lightning's
        made[key] = found
        if isinstance(value, dict) and not found and key == LOGGER[-1]:
            del made[key]
    return made
