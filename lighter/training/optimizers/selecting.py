"""Parameters selected by name, by the type of the module they belong to, and by their number of dimensions."""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from torch import nn
from torch.nn.parameter import is_lazy

from lighter.errors import RunError, listing, suggestion
from lighter.training.patterns import as_patterns, matching, plain_name
from lighter.training.torch_internals import FLAT

SELECTORS = ("names", "except_names", "types", "dimensions")


class Trained(list[nn.Parameter]):
    """The parameters that are to be trained, each once, with the names and modules of all.

    The parts are modules by the first part of the names below them: `model`, `criterion`.
    """

    def __init__(self, **parts: object) -> None:
        self.parts = {name: part for name, part in parts.items() if isinstance(part, nn.Module)}
        self.names: dict[str, nn.Parameter] = {}  # a shared one under each of its names, a frozen one too
        self.taken: set[nn.Parameter] = set()  # what an optimizer has been given
        self.place = "optimizer"  # that they are given to, in messages
        self.is_flat = False
        for part, module in self.parts.items():
            for name, one in module.named_parameters(part, remove_duplicate=False):
                self.names[plain_name(name)] = one
                self.is_flat |= FLAT in name
        super().__init__(dict.fromkeys(one for one in self.names.values() if one.requires_grad))

    def name_of(self, parameter: nn.Parameter) -> str:
        """The first of a parameter's names."""
        return next(name for name, one in self.names.items() if one is parameter)

    def matching(self, patterns: Sequence[str], place: str) -> set[nn.Parameter]:
        """The parameters that any of the patterns means. Raises RunError for one that means none."""
        return {self.names[name] for name in matching(patterns, self.names, place)}


def counted(parameters: Sequence[nn.Parameter]) -> str:
    """How many parameters, and of how many numbers; those of a lazy layer are known after its first batch."""
    known = [one.numel() for one in parameters if not is_lazy(one)]
    lazy = f", and {len(parameters) - len(known)} of lazy layers" if len(known) < len(parameters) else ""
    return f"{len(parameters)} parameters ({sum(known):,} numbers{lazy})"


def selected(params: Trained, said: Mapping[str, Any], place: str) -> set[nn.Parameter]:
    """The parameters, frozen ones too, that `names` or `types` mean, narrowed by `dimensions` and `except_names`.

    Raises RunError, naming the place and the nearest, for a name or a type that means nothing.
    """
    names = as_patterns(said.get("names", ()), f"{place}(names)")
    excepted = as_patterns(said.get("except_names", ()), f"{place}(except_names)")
    types = _as_types(said.get("types", ()), f"{place}(types)")
    found = params.matching(names, f"{place}(names)")
    for kind in types:
        found |= _of_type(params, kind, f"{place}(types)")
    if not names and not types:
        found = set(params.names.values())
    found -= params.matching(excepted, f"{place}(except_names)")
    if said.get("dimensions") is not None:
        found = _of_dimensions(params, found, said["dimensions"], f"{place}(dimensions)")
    if not found:
        raise RunError(f"{place}: no parameter is meant by all of {listing(said)} together")
    return found


def _as_types(given: Any, place: str) -> tuple[str | type, ...]:
    """One type of module or a list of them: a class, or the name or pattern of one."""
    several = [given] if isinstance(given, (str, type)) else given
    if isinstance(several, Sequence) and all(isinstance(one, (str, type)) and one for one in several):
        return tuple(several)
    raise TypeError(f"{place}: the name of a class of modules or a list of them is wanted, not {given!r}")


def _of_type(params: Trained, kind: str | type, place: str) -> set[nn.Parameter]:
    """The parameters right in the modules of a class or of one derived from it."""
    every = dict.fromkeys(module for part in params.parts.values() for module in part.modules())
    owners = [module for module in every if next(module.parameters(recurse=False), None) is not None]
    found = [module for module in owners if _is_a(module, kind)]
    if not found:
        known = dict.fromkeys(one.__name__ for module in owners for one in _classes(module))
        name = kind if isinstance(kind, str) else kind.__name__
        raise RunError(f"{place}: no module with parameters is a '{name}'; {suggestion(name, known)}")
    return {one for module in found for one in module.parameters(recurse=False)}


def _is_a(module: nn.Module, kind: str | type) -> bool:
    if isinstance(kind, type):
        return isinstance(module, kind)
    package, _, name = kind.rpartition(".")  # torch.nn.LayerNorm is at home in torch.nn.modules.normalization
    classes = _classes(module)
    homes = {package.partition(".")[0]} if package else {one.__module__.partition(".")[0] for one in classes}
    return any(fnmatchcase(one.__name__, name) and one.__module__.partition(".")[0] in homes for one in classes)


def _classes(module: nn.Module) -> list[type]:
    return [one for one in type(module).__mro__ if one not in (nn.Module, object)]


def _of_dimensions(params: Trained, found: set[nn.Parameter], wanted: Any, place: str) -> set[nn.Parameter]:
    several = [wanted] if isinstance(wanted, int) else wanted
    if not isinstance(several, Sequence) or not all(type(one) is int for one in several):
        raise TypeError(f"{place}: a number of dimensions or a list of them is wanted, as in [0, 1], not {wanted!r}")
    if params.is_flat:
        raise RunError(
            f"{place}: FSDP has made the parameters flat; say them by names or types, or use the strategy "
            "pytorch_lightning.strategies.ModelParallelStrategy"
        )
    if lazy := [name for name, one in params.names.items() if one in found and is_lazy(one)]:
        raise RunError(
            f"{place}: '{lazy[0]}' is of a lazy layer, whose dimensions are known only after its first batch; "
            "say it by names or types, or give the layer its sizes"
        )
    return {one for one in found if one.dim() in several}
