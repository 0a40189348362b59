"""Spans of a training run, in epochs or in optimizer steps."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

Unit: TypeAlias = Literal["epoch", "step"]

__all__ = ["Spans", "as_spans"]


@dataclass(frozen=True, slots=True)
class Spans:
    """From-to pairs; what is at `to` is no longer in the span, and None is no end."""

    unit: Unit
    pairs: tuple[tuple[int, int | None], ...]

    def contain(self, epoch: int, step: int) -> bool:
        """Whether a moment of training lies in one of them."""
        now = epoch if self.unit == "epoch" else step
        return any(start <= now and (end is None or now < end) for start, end in self.pairs)

    def end(self, epoch: int, step: int) -> str:
        """Until when the span lasts that this moment lies in, in words."""
        now = epoch if self.unit == "epoch" else step
        ends = [end for start, end in self.pairs if start <= now and (end is None or now < end)]
        last = None if None in ends else max(filter(None, ends), default=None)
        return "the end" if last is None else f"{self.unit} {last}"


def as_spans(given: Any, unit: Unit, place: str) -> Spans:
    """A pair [from, to] or a list of pairs; `to` may be None. Raises TypeError or ValueError, naming the place."""
    pairs = [given] if _is_pair(given) else given
    if not isinstance(pairs, Sequence) or not pairs or not all(map(_is_pair, pairs)):
        raise TypeError(f"{place}: a pair [from, to] of {unit}s is wanted, or a list of pairs, not {given!r}")
    for start, end in pairs:
        if start < 0 or (end is not None and end <= start):
            raise ValueError(
                f"{place}: [{start}, {end}] is no span; write the first {unit}, then the one after the last"
            )
    return Spans(unit, tuple((start, end) for start, end in pairs))


def _is_pair(given: Any) -> bool:
    if not isinstance(given, list | tuple) or len(given) != 2:
        return False
    return _is_whole(given[0]) and (given[1] is None or _is_whole(given[1]))


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
