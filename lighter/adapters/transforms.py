"""Functions applied on the way, by the source of the value: input, target or pred."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from lighter.errors import suggestion

Transform: TypeAlias = Callable[[Any], Any]
Transforms: TypeAlias = Transform | Sequence[Transform]

SOURCES = ("input", "target", "pred")

__all__ = ["SOURCES", "Transform", "Transforms", "check_names", "functions", "functions_by_source"]


def functions_by_source(transforms: Mapping[str, Transforms] | None, asker: str) -> dict[str, tuple[Transform, ...]]:
    """The functions for each source named; TypeError and ValueError say what is not right."""
    if transforms is None:
        return {}
    if not isinstance(transforms, Mapping):
        raise TypeError(f"{asker}: transforms are a mapping from {', '.join(SOURCES)}, not {transforms!r}")
    check_names(transforms, SOURCES, f"{asker}(transforms)")
    return {source: functions(given, f"{asker}(transforms {source})") for source, given in transforms.items()}


def functions(given: Transforms, asker: str) -> tuple[Transform, ...]:
    """One function or several, as a tuple; raises TypeError where something cannot be called."""
    several: tuple[Any, ...] = tuple(given) if isinstance(given, list | tuple) else (given,)
    if not all(map(callable, several)):
        raise TypeError(f"{asker}: a transform is a function or a list of functions, not {given!r}")
    return several


def check_names(names: Iterable[Any], known: Iterable[str], asker: str) -> None:
    """Raises ValueError, with the nearest name, where one is not known."""
    known = list(known)
    for name in names:
        if name not in known:
            raise ValueError(f"{asker}: there is no {name!r}; {suggestion(str(name), known, 'write one of')}")
