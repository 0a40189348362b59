"""The seed and the trainer of a first config: what scripts say of the training as a whole."""

from typing import Any

from lighter.cli.adopting.calls import safe, written
from lighter.cli.adopting.usage import Use, Uses, is_aside

_NEW = "_target_: lightning.pytorch.Trainer  # the LightningModule is of this package"


def seed(uses: Uses) -> str:
    """The seed that a script sets, or a word on where one would stand."""
    for _, use in uses.seeds:
        value = _argument(use, 0, "seed")
        if type(value) is int and 0 <= value < 2**32 and not is_aside(use.file):
            return f"seed: {value}  # as in {safe(use.place)}"
    return "# seed: 0  # for the same numbers in every run"


def trainer(uses: Uses, is_new: bool, is_lightning: bool) -> list[str]:
    """The lines of the trainer; `is_lightning` where a LightningModule says itself how it trains."""
    count, place = next(iter(uses.epochs), (1, ""))
    epochs = f"max_epochs: {count}  # {f'as in {safe(place)}' if place else 'a guess'}"
    return [*[_NEW] * is_new, epochs, *(() if is_lightning else (*_clipping(uses), *_precision(uses)))]


def _clipping(uses: Uses) -> list[str]:
    """How far gradients are clipped; a comment where a script clips them by what is not known."""
    for target, use in uses.clips:
        if is_aside(use.file):
            continue
        is_norm = target.endswith("norm_")
        value = _argument(use, 1, "max_norm" if is_norm else "clip_value")
        place = f"  # as in {safe(use.place)}"
        if type(value) not in {int, float}:
            return [f"# gradient_clip_val: ...{place}"]
        if value <= 0 or _argument(use, 2, "norm_type") not in {None, 2}:
            return [f"# gradient_clip_val: {written(value)}{place}"]
        return [f"gradient_clip_val: {written(value)}{place}", *["gradient_clip_algorithm: value"] * (not is_norm)]
    return []


def _precision(uses: Uses) -> list[str]:
    """A word on mixed precision, which not every machine has."""
    on = (use for _, use in uses.mixed if dict(use.named).get("enabled") is not False and not is_aside(use.file))
    return [f"# precision: 16-mixed  # {safe(use.place)} has autocast" for use in on][:1]


def _argument(use: Use, position: int, name: str) -> Any:
    """The plain value of an argument; None for any other."""
    by_position = use.positional[position][1] if len(use.positional) > position else None
    return dict(use.named).get(name, by_position)
