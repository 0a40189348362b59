"""Values that differ by mode, as a System is given them: {train: ..., val: ...}."""

from collections.abc import Collection, Mapping
from typing import Any

from lighter.errors import suggestion
from lighter.stages import STAGES, Mode

LOSS_MODES = frozenset(mode for needs in STAGES.values() if needs.criterion for mode in needs.modes)
METRIC_MODES = frozenset(mode for needs in STAGES.values() for mode in needs.metrics)

__all__ = ["LOSS_MODES", "METRIC_MODES", "by_mode"]


def by_mode(values: Mapping[str, Any] | None, what: str, modes: Collection[Mode] = tuple(Mode)) -> dict[Mode, Any]:
    """The values by mode, without those that are None.

    Raises TypeError where `values` is no mapping, ValueError where a key is not one of `modes`.
    """
    known = [str(mode) for mode in Mode if mode in modes]
    if values is None:
        return {}
    if not isinstance(values, Mapping):
        raise TypeError(f"{what}: a mapping from {', '.join(known)} is wanted, not {values!r}")
    for key in values:
        if key not in known:
            raise ValueError(f"{what}: there is no {key!r}; {suggestion(str(key), known, 'write one of')}")
    return {Mode(key): value for key, value in values.items() if value is not None}
