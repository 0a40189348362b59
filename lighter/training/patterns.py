"""Parts of a module meant by name, prefix or pattern: `model.backbone`, `model.head.bias`, `*.bias`.

A name means what is called so and all that is below it: `model.backbone` takes `model.backbone.conv.weight`, and not
`model.backbone2.weight`. In a pattern `*` stands for any text, dots included, `?` for one character, `[ab]` for one of
these; it means whatever it matches, and all that is below that: `model.layer[12]` is two whole layers. The parts of a
name that wrappers add (torch.compile, FSDP, activation checkpointing) are not written.
"""

from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Any

from torch import nn

from lighter.errors import RunError, listing, nearest
from lighter.training.torch_internals import WRAPPERS


def as_patterns(given: Any, place: str) -> tuple[str, ...]:
    """One pattern or a list of them. Raises TypeError, naming the place, for anything else."""
    several = [given] if isinstance(given, str) else given
    if isinstance(several, Sequence) and all(isinstance(one, str) and one for one in several):
        return tuple(one.rstrip(".") or one for one in several)
    raise TypeError(f"{place}: a name, a pattern or a list of them is wanted, not {given!r}")


def matches(pattern: str, name: str) -> bool:
    """Whether a pattern means what is called `name`, or a module that it is in."""
    if not _is_glob(pattern):
        return name == pattern or name.startswith(f"{pattern}.")
    return any(fnmatchcase(whole, pattern) for whole in _with_those_above(name))


def matching(patterns: Iterable[str], names: Iterable[str], place: str) -> list[str]:
    """The names that any of the patterns means, in their order.

    Raises RunError, naming the place and the nearest name, for a pattern that means none of them.
    """
    names = list(names)
    found: set[str] = set()
    for pattern in patterns:
        meant = [name for name in names if matches(pattern, name)]
        if not meant:
            raise RunError(f"{place}: nothing is called '{pattern}'; {_nearest(pattern, names)}")
        found.update(meant)
    return [name for name in names if name in found]


def parameters_matching(
    module: nn.Module, patterns: Sequence[str], but: Sequence[str] = (), place: str = "names"
) -> dict[str, nn.Parameter]:
    """The parameters of a module that the patterns mean, by plain name, each once.

    One that `but` means by any of its names is left out. Raises RunError for a pattern that means none.
    """
    every = [(plain_name(name), one) for name, one in module.named_parameters(remove_duplicate=False)]
    names = [name for name, _ in every]
    wanted = set(matching(patterns, names, place))
    left_out = set(matching(but, names, f"{place}, exceptions"))
    excepted = {one for name, one in every if name in left_out}
    found: dict[nn.Parameter, str] = {}
    for name, one in every:
        if name in wanted and one not in excepted:
            found.setdefault(one, name)
    return {name: one for one, name in found.items()}


def named_modules(module: nn.Module) -> list[tuple[str, nn.Module]]:
    """The modules below a module by plain name; a wrapper comes before what it wraps, under the same name."""
    found = [(plain_name(name), one) for name, one in module.named_modules(remove_duplicate=False)]
    return [(name, one) for name, one in found if name]


def plain_name(name: str) -> str:
    """A name of a parameter, buffer or module without the parts that wrappers add."""
    return ".".join(part for part in name.split(".") if part not in WRAPPERS)


def _is_glob(pattern: str) -> bool:
    return any(sign in pattern for sign in "*?[")


def _with_those_above(name: str) -> Iterator[str]:
    """`a.b.c`, `a.b`, `a`."""
    while name:
        yield name
        name = name.rpartition(".")[0]


def _nearest(pattern: str, names: Sequence[str]) -> str:
    """The pattern that was most likely meant, or what there is."""
    if not names:
        return "there is nothing to choose from"
    for name in names:  # it was written from a module further down
        parts = name.split(".")
        for depth in range(1, len(parts)):
            if matches(pattern, ".".join(parts[depth:])):
                return f"did you mean '{'.'.join(parts[:depth])}.{pattern}'?"
    if _is_glob(pattern):
        meant = _corrected(pattern, {part for name in names for part in name.split(".")})
        if meant is not None and any(matches(meant, name) for name in names):
            return f"did you mean '{meant}'?"
    else:
        known = dict.fromkeys(above for name in names for above in _with_those_above(name))
        close = nearest(pattern, known)
        if close is not None:
            return f"did you mean '{close}'?"
    return f"there are {listing(dict.fromkeys(_start(name) for name in names))}"


def _corrected(pattern: str, known: Iterable[str]) -> str | None:
    """The pattern with each of its parts that is a plain word replaced by the nearest that there is."""
    known = list(known)
    parts = [part if _is_glob(part) else nearest(part, known) for part in pattern.split(".")]
    return None if None in parts else ".".join(filter(None, parts))


def _start(name: str) -> str:
    """The module that a name is in, two levels deep at most."""
    return ".".join(name.split(".")[:-1][:2]) or name
