"""The logged name that a person means by a shorter one."""

from collections.abc import Callable, Iterable

from lighter.errors import UsageError, listing, nearest
from lighter.training.stages import Mode

_PREFERRED: tuple[Callable[[list[str]], bool], ...] = (
    lambda parts: parts[-1] != "step",
    lambda parts: parts[0] == Mode.VAL,
    lambda parts: parts[0] == Mode.TEST,
)

__all__ = ["metric_named"]


def metric_named(written: str, known: Iterable[str]) -> str:
    """The name itself, or the one that has its parts in their order: `accuracy` is `val/metrics/accuracy/epoch`.

    Of several, those of an epoch come before those of a step, and val before test and train. Raises UsageError, with
    the nearest name or with those that it may mean.
    """
    names = list(dict.fromkeys(known))
    if written in names:
        return written
    found = [name for name in names if _has_parts(name, written)]
    for is_preferred in _PREFERRED:
        if len(found) > 1:
            found = [name for name in found if is_preferred(name.split("/"))] or found
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"'{written}' may mean several values: {listing(found)}; write one of them")
    near = nearest(written, [*names, *(part for name in names for part in name.split("/"))])
    told = f"did you mean '{near}'?" if near else f"there are {listing(names)}" if names else "there are no values"
    raise UsageError(f"no run has logged a value '{written}'; {told}")


def _has_parts(name: str, written: str) -> bool:
    rest = iter(name.lower().split("/"))
    return all(part in rest for part in written.lower().split("/"))
