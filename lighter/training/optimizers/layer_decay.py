"""Layer-wise learning rates: each layer of a model learns more slowly than the one above it.

From ELECTRA (Clark et al. 2020, https://arxiv.org/abs/2003.10555, section 3.1) and BEiT (Bao et al. 2021,
https://arxiv.org/abs/2106.08254, appendix): of n layers, the i-th from the input has the rate lr * decay ** (n - i).
"""

from collections.abc import Sequence

from torch import nn

from lighter.errors import RunError, listing
from lighter.training.optimizers.selecting import Trained
from lighter.training.patterns import as_patterns, matches, named_modules

LISTS = (nn.ModuleList, nn.Sequential)


def layer_of_each(
    params: Trained, layers: Sequence[str | Sequence[str]] | None, place: str
) -> tuple[dict[nn.Parameter, int], int]:
    """The index of the layer of each parameter, from the input up, and how many layers there are.

    A layer is a name or pattern, or a list of them; the name of a Sequential or ModuleList means each of its parts, in
    order. What is in no layer is on top of them all. Without `layers`: what comes before the longest list of the
    model, each part of that list, what comes after it.
    Raises RunError for a name that nothing has, and for a parameter of two layers.
    """
    named = _as_layers(params, layers, place) if layers is not None else _longest_list(params, place)
    found: dict[nn.Parameter, int] = {}
    for index, layer in enumerate(named):
        for one in params.matching(layer, place):
            if found.setdefault(one, index) != index:
                two = f"{listing(named[found[one]])} and {listing(layer)}"
                raise RunError(f"{place}: '{params.name_of(one)}' is in two layers, {two}; name it in one of them")
    above = any(one not in found for one in params)
    return found, len(named) + above


def _as_layers(params: Trained, layers: Sequence[str | Sequence[str]], place: str) -> list[tuple[str, ...]]:
    if isinstance(layers, str) or not isinstance(layers, Sequence):
        raise TypeError(f"{place}: a list is wanted, of names of layers from the input up, not {layers!r}")
    lists = _lists(params)
    found: list[tuple[str, ...]] = []
    for layer in layers:
        patterns = as_patterns(layer, place)
        opened = lists.get(patterns[0]) if isinstance(layer, str) else None
        found += [(part,) for part in opened] if opened else [patterns]
    return found


def _longest_list(params: Trained, place: str) -> list[tuple[str, ...]]:
    lists = _lists(params)
    longest = max(map(len, lists.values()), default=0)
    found = [name for name, parts in lists.items() if len(parts) == longest]
    outer = [name for name in found if not any(matches(other, name) for other in found if other != name)]
    if longest < 2 or len(outer) > 1:
        seen = f"there are several lists of {longest}: {listing(outer)}" if outer else "the model has no list of them"
        raise RunError(f"{place}: which modules are the layers is not known, {seen}; write their names, in order")
    blocks: list[tuple[str, ...]] = [(part,) for part in lists[outer[0]]]
    names = list(params.names)
    first = next(index for index, name in enumerate(names) if matches(blocks[0][0], name))
    return [tuple(names[:first]), *blocks] if first else blocks


def _lists(params: Trained) -> dict[str, list[str]]:
    """The names of the lists of modules of the model, each with the names of its parts that have parameters."""
    found: dict[str, list[str]] = {}
    for root, part in params.parts.items():
        for name, module in [(root, part), *((f"{root}.{name}", one) for name, one in named_modules(part))]:
            if isinstance(module, LISTS):
                parts = [
                    f"{name}.{key}" for key, child in module.named_children() if any(True for _ in child.parameters())
                ]
                found.setdefault(name, parts)
    return found
