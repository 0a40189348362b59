"""By which value a run's best checkpoint is chosen, and whether less of it is better."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lighter.config.strings import SIGNS
from lighter.results.reading.metrics_file import Curve
from lighter.training.logged_name import VAL_LOSS

_MIN, _MAX = "min", "max"

# Words of names of which less is better; of all others more is.
_LESS = frozenset(
    {"cer", "distance", "divergence", "error", "fid", "loss", "mae", "mse", "nll", "perplexity", "rmse", "wer"}
)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


@dataclass(frozen=True, slots=True)
class Best:
    """The lowest or the highest value of a curve, and where it is."""

    value: float
    step: float
    epoch: float
    is_lowest: bool


def best(curve: Curve, less: bool) -> Best | None:
    """The best of the finite values, the first of equals; None where there is none."""
    finite = [at for at, value in enumerate(curve.values) if math.isfinite(value)]
    if not finite:
        return None
    at = (min if less else max)(finite, key=curve.values.__getitem__)
    return Best(curve.values[at], curve.steps[at], curve.epochs[at], less)


@dataclass(frozen=True, slots=True)
class Monitored:
    """A logged name, and whether less of it is better."""

    name: str = VAL_LOSS
    less: bool = True


def less_is_better(name: str) -> bool:
    """As far as a name tells: `val/loss/epoch`, `val/metrics/MeanAbsoluteError/epoch`."""
    return any(word.lower() in _LESS for word in _WORD.findall(name))


def monitored(config: str) -> Monitored:
    """What the config of a run, as text, keeps the best checkpoint by; the val loss if it says nothing."""
    if "monitor:" not in config:  # most have none, and YAML takes its time
        return Monitored()
    callbacks = list(_callbacks(config))
    for kind, which in (("ModelCheckpoint", -1), ("EarlyStopping", 0)):  # as a run records them
        found = [one for one in callbacks if str(one.get("_target_")).endswith(kind) and _is_name(one.get("monitor"))]
        if found:
            return Monitored(found[which]["monitor"], found[which].get("mode", _MIN) != _MAX)
    return Monitored()


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and not value.startswith(SIGNS)


def _callbacks(config: str) -> Iterator[dict[str, Any]]:
    import yaml

    try:
        # Only the one section, which begins at the left edge: a config is long, and there are many.
        section = re.search(r"^trainer:.*(\n[ #-].*)*", config, re.MULTILINE)
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        tree = yaml.load(section[0] if section else "", loader)  # noqa: S506  # both are safe, the first is fast
    except (yaml.YAMLError, ValueError):
        return
    trainer = tree.get("trainer") if isinstance(tree, dict) else None
    callbacks = trainer.get("callbacks") if isinstance(trainer, dict) else None
    yield from (one for one in (callbacks if isinstance(callbacks, list) else [callbacks]) if isinstance(one, dict))
