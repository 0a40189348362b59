"""The name under which a value is logged, such as `val/metrics/F1/epoch`: put together and taken apart here alone."""

import re
from enum import StrEnum
from typing import NamedTuple

from lighter.training.stages import Mode


class Kind(StrEnum):
    """What a value is: a loss, a metric, or what an optimizer goes by."""

    LOSS = "loss"
    METRICS = "metrics"
    LR = "lr"
    MOMENTUM = "momentum"


class Unit(StrEnum):
    """What a value is of: a single step, or all of an epoch."""

    STEP = "step"
    EPOCH = "epoch"


_MODES = {str(mode): mode for mode in Mode}
_KINDS = {str(kind): kind for kind in Kind}
_WITHOUT_UNIT = (Kind.LR, Kind.MOMENTUM)
# Lightning itself adds `_step` and `_epoch` to what a module logs as both.
_UNIT = re.compile(r"(.+)([/_])(step|epoch)")


class LoggedName(NamedTuple):
    """A logged name in its parts; `str` puts them together.

    `name`: of a metric, of one of several losses, of an optimizer and its parameter group; the whole loss has none.
    `loader`: the name or index of one of several. What an optimizer goes by is logged once an epoch, without a unit.
    """

    mode: Mode
    kind: Kind
    name: str = ""
    unit: Unit | None = Unit.EPOCH
    loader: str = ""

    def __str__(self) -> str:
        return "/".join(filter(None, (self.mode, self.loader, self.kind, self.name, self.unit)))

    @property
    def title(self) -> str:
        """What tells it from others of its mode: `loss`, `loss/dice`, `F1`."""
        kind = None if self.kind is Kind.METRICS else self.kind
        return "/".join(filter(None, (self.loader, kind, self.name)))

    @classmethod
    def parse(cls, text: str) -> "LoggedName | None":
        """The parts of a name that a System logs; None for any other, which its own module or a callback logs."""
        mode, *parts = text.split("/")
        at = next((at for at, part in enumerate(parts[:2]) if part in _KINDS), None)
        if mode not in _MODES or at is None:
            return None
        kind, loader, rest = _KINDS[parts[at]], parts[0] if at else "", parts[at + 1 :]
        if kind in _WITHOUT_UNIT:
            return cls(_MODES[mode], kind, "/".join(rest), None, loader)
        match rest:
            case [*names, ("step" | "epoch") as unit] if names or kind is Kind.LOSS:
                return cls(_MODES[mode], kind, "/".join(names), Unit(unit), loader)
        return None


TRAIN_LOSS, VAL_LOSS = (str(LoggedName(mode, Kind.LOSS)) for mode in (Mode.TRAIN, Mode.VAL))

# Words of names that say of which values the best is: the least, or the greatest.
_LESS = frozenset(
    {"cer", "distance", "divergence", "error", "fid", "loss", "mae", "mse", "nll", "perplexity", "rmse", "wer"}
)
_MORE = frozenset(
    {"acc", "accuracy", "ap", "auc", "auroc", "bleu", "dice", "f", "iou", "jaccard", "kappa", "map", "precision"}
    | {"psnr", "r", "recall", "rouge", "score", "specificity", "ssim"}
)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def less_is_better(name: str) -> bool:
    """As far as a name says: `val/loss/epoch`, `val/metrics/MeanAbsoluteError/epoch`."""
    return any(word.lower() in _LESS for word in _WORD.findall(name))


def more_is_better(name: str) -> bool:
    """Likewise: `val/metrics/F1Score/epoch`. A name may say neither."""
    return any(word.lower() in _MORE for word in _WORD.findall(name)) and not less_is_better(name)


def split_unit(text: str) -> tuple[str, Unit | None]:
    """Any logged name without its unit, and that unit: `val_loss` and `epoch` of `val_loss_epoch`."""
    found = _UNIT.fullmatch(text)
    return (found[1], Unit(found[3])) if found else (text, None)


def of_epoch(text: str) -> str:
    """The name of the whole epoch's value, of one of a step; any other as it is."""
    found = _UNIT.fullmatch(text)
    return f"{found[1]}{found[2]}{Unit.EPOCH}" if found else text


def short(text: str) -> str:
    """A logged name for a narrow place: `val/F1`."""
    name = LoggedName.parse(text)
    return f"{name.mode}/{name.title}" if name else split_unit(text)[0]
