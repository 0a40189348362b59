"""What a logged name says: whose value it is, of which mode, and whether of a step."""

import re
from dataclasses import dataclass

_MODES = {"training": "train", "valid": "val", "validation": "val"}
_MODE = r"train(?:ing)?|val(?:id(?:ation)?)?|test"
_BEFORE = re.compile(rf"({_MODE})[/_.\- ](?:metrics/)?(.+)", re.IGNORECASE)
_BEHIND = re.compile(rf"(.+)[/_.\- ]({_MODE})", re.IGNORECASE)
_SPAN = re.compile(r"(.+)[/_](step|epoch)")

__all__ = ["MetricName", "metric_name", "rank"]


@dataclass(frozen=True, slots=True)
class MetricName:
    """A logged name in its parts; the mode is train, val, test, or nothing where the name tells none."""

    title: str
    mode: str = ""
    is_step: bool = False


def metric_name(logged: str) -> MetricName:
    """`val/metrics/accuracy/epoch`, and what others write: `val_loss`, `train_acc_step`, `loss/val`."""
    span = _SPAN.fullmatch(logged)
    rest, is_step = (span[1], span[2] == "step") if span else (logged, False)
    if found := _BEFORE.fullmatch(rest):
        return MetricName(found[2], _mode(found[1]), is_step)
    if found := _BEHIND.fullmatch(rest):
        return MetricName(found[1], _mode(found[2]), is_step)
    return MetricName(rest, "", is_step)


def rank(title: str) -> tuple[int, str]:
    """The order in which people read: losses, metrics, then what the optimizer did."""
    words = re.split(r"\W|_", title.lower())
    is_setting = {"lr", "momentum", "decay", "beta1", "beta2"} & set(words)
    in_order = re.sub(r"\d+", lambda number: number[0].zfill(9), title)  # class 2 before class 10
    return (0 if "loss" in title.lower() else 2 if is_setting else 1), in_order


def _mode(written: str) -> str:
    return _MODES.get(written.lower(), written.lower())
