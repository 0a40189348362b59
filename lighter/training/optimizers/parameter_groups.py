"""Which parameters an optimizer trains, and which of them with arguments of their own.

A group says its parameters by names, by the types of their modules or by their dimensions, and what is different for
them. Who is in two groups gets what both say, in a group of its own; so each parameter is in exactly one.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from torch import nn
from torch.optim import Optimizer

from lighter.errors import RunError, listing, suggestion
from lighter.training.optimizers.selecting import SELECTORS, Trained, counted, selected

REST = "rest"
SCALE = "lr_scale"  # in a group until its optimizer is built, which knows the rate that is scaled
RESERVED = ("params", "name", SCALE)


def grouped(
    params: Trained,
    *,
    names: str | Sequence[str] = (),
    except_names: str | Sequence[str] = (),
    types: Any = (),
    dimensions: int | Sequence[int] | None = None,
    rest: bool = False,
    groups: Mapping[str, Mapping[str, Any]] | None = None,
    layer_decay: float | None = None,
    layers: Sequence[str | Sequence[str]] | None = None,
) -> list[dict[str, Any]]:
    """The parameter groups of an optimizer, of the parameters that the System gives it.

    `names`, `types`, `dimensions`, `except_names`: which of them, all if nothing is said; `rest`: those that the
    optimizers before have left. `groups`: by name, the same for a part of them, and arguments of the optimizer that
    are different there. `layer_decay`: how much slower each layer learns than the one above it, `layers`: their names
    from the input up (`lighter.training.optimizers.layer_decay`).
    The parameters of no group come first, then the groups as they are written, a combination behind its first.
    Raises RunError, with the nearest, for a name that no parameter has.
    """
    if not isinstance(params, Trained):
        raise TypeError(f"params: the parameters as the System gives them are wanted, not {type(params).__name__}")
    place = f"{params.place}::params"
    given = {"names": names, "except_names": except_names, "types": types, "dimensions": dimensions}
    said = {key: value for key, value in given.items() if value not in ((), None)}
    chosen = selected(params, said, place) if said else set(params)
    wanted = [one for one in params if one in chosen and not (rest and one in params.taken)]
    if not wanted:
        raise RunError(f"{place}: no parameter is left to train; those that are meant are frozen, or taken before")
    params.taken.update(wanted)
    groups = groups or {}
    members = _members(params, groups)
    layer: Mapping[nn.Parameter, int] = {}
    count = 0
    if layer_decay is not None:
        from lighter.training.optimizers.layer_decay import layer_of_each

        layer, count = layer_of_each(params, layers, f"{place}::layers")
    elif layers is not None:
        raise RunError(f"{place}: 'layers' without 'layer_decay'; write layer_decay: 0.75")
    found: dict[tuple[tuple[int, ...], int], list[nn.Parameter]] = {}
    for one in wanted:
        found.setdefault((tuple(members.get(one, ())), layer.get(one, count - 1)), []).append(one)
    scales = {index: (layer_decay or 1.0) ** (count - 1 - index) for _, index in found}
    return [
        {**_options(params, key[0], groups, found[key][0]), **_named(key, list(groups), count), "params": found[key],
         SCALE: scales[key[1]]}
        for key in sorted(found)
    ]  # fmt: skip


def settle_groups(optimizer: Optimizer, place: str) -> None:
    """Completes the groups made here once their optimizer is built: scales the rates of layers.

    Raises RunError, with the nearest, for an argument that the optimizer does not know.
    """
    for group in optimizer.param_groups:
        if SCALE not in group:
            continue
        scale = group.pop(SCALE)
        _check_options(group, optimizer, place)
        if scale != 1:
            group["lr"] = group["lr"] * scale


def described(optimizers: Iterable[Optimizer]) -> str:
    """The groups that have names, each with how many numbers it trains and how fast."""
    groups = [group for optimizer in optimizers for group in optimizer.param_groups if "name" in group]
    return "; ".join(f"{group['name']}: {counted(group['params'])} at {float(group['lr']):.3g}" for group in groups)


def _members(params: Trained, groups: Mapping[str, Mapping[str, Any]]) -> dict[nn.Parameter, list[int]]:
    """The groups that each parameter is in, by index."""
    found: dict[nn.Parameter, list[int]] = {}
    for index, (name, group) in enumerate(groups.items()):
        place = f"{params.place}::params::groups::{name}"
        if not isinstance(group, Mapping):
            raise TypeError(f"{place}: a mapping is wanted, as in {{names: '*.bias', weight_decay: 0}}, not {group!r}")
        if not any(key in group for key in SELECTORS):
            raise RunError(f"{place}: which parameters are meant is not said; write one of {listing(SELECTORS)}")
        for key in RESERVED:
            if key in group:
                raise RunError(f"{place}: a group has no '{key}'; it may hold {listing(SELECTORS)} and arguments")
        said = {key: group[key] for key in SELECTORS if key in group}
        for one in selected(params, said, place):
            found.setdefault(one, []).append(index)
    return found


def _options(
    params: Trained, indices: tuple[int, ...], groups: Mapping[str, Mapping[str, Any]], example: nn.Parameter
) -> dict[str, Any]:
    """What several groups say together. Raises RunError where they say different things."""
    names = list(groups)
    found: dict[str, Any] = {}
    said_by: dict[str, str] = {}
    for name in (names[index] for index in indices):
        for key, value in groups[name].items():
            if key in SELECTORS:
                continue
            if key in found and found[key] != value:
                raise RunError(
                    f"{params.place}::params::groups: '{params.name_of(example)}' is in '{said_by[key]}' with {key} "
                    f"{found[key]!r} and in '{name}' with {key} {value!r}; "
                    "leave it out of one of them, with except_names"
                )
            found[key], said_by[key] = value, name
    return found


def _named(key: tuple[tuple[int, ...], int], names: Sequence[str], count: int) -> dict[str, str]:
    """The name of a group, if there may be several."""
    indices, layer = key
    parts = ["+".join(names[index] for index in indices) or REST] if names else []
    parts += [f"layer{layer}"] if count else []
    return {"name": "/".join(parts)} if parts else {}


def _check_options(group: Mapping[str, Any], optimizer: Optimizer, place: str) -> None:
    """A misspelt argument of a group is one that no optimizer looks at, and torch takes it without a word."""
    known = [key for key in optimizer.defaults if key not in RESERVED]
    for key in group.keys() - {*known, *RESERVED}:
        meant = suggestion(key, known, "it knows")
        if type(optimizer).__module__.startswith("torch.") or meant.startswith("did you mean"):
            kind = type(optimizer).__name__
            raise RunError(f"{place}::params::groups: {kind} knows no '{key}', which '{group['name']}' sets; {meant}")
