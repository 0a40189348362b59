"""The logged name that a person means by a shorter one."""

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from lighter.errors import UsageError, listing, nearest
from lighter.training.logged_name import LoggedName, Unit, split_unit
from lighter.training.stages import Mode

_MODES = {"training": "train", "valid": "val", "validation": "val"}
_MODE = r"train(?:ing)?|val(?:id(?:ation)?)?|test"
_BEFORE = re.compile(rf"({_MODE})[/_.\- ](.+)", re.IGNORECASE)
_BEHIND = re.compile(rf"(.+)[/_.\- ]({_MODE})", re.IGNORECASE)

MODES = ("train", "val", "test", "")  # in the order in which people read them; the last: not known
_PREFERRED: tuple[Callable[[list[str]], bool], ...] = (
    lambda parts: parts[-1] != "step",
    lambda parts: parts[0] == Mode.VAL,
    lambda parts: parts[0] == Mode.TEST,
)


class MetricName(NamedTuple):
    """A logged name in its parts; the mode is train, val, test, or nothing where the name says none."""

    title: str
    mode: str = ""
    is_step: bool = False

    @property
    def rank(self) -> tuple[tuple[int, str], int]:
        """By title, and among those of one title by mode."""
        return rank(self.title), MODES.index(self.mode)


def metric_name(logged: str) -> MetricName:
    """`val/metrics/accuracy/epoch`, and what others write: `val_loss`, `train_acc_step`, `loss/val`."""
    if name := LoggedName.parse(logged):
        return MetricName(name.title, str(name.mode), name.unit is Unit.STEP)
    rest, unit = split_unit(logged)
    is_step = unit is Unit.STEP
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
    cure = f"did you mean '{near}'?" if near else f"there are {listing(names)}" if names else "there are no values"
    raise UsageError(f"no run has logged a value '{written}'; {cure}")


def _has_parts(name: str, written: str) -> bool:
    rest = iter(name.lower().split("/"))
    return all(part in rest for part in written.lower().split("/"))
