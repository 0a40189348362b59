"""What became of the tensors of a file that were put into a model, in a few lines."""

from collections.abc import Iterable
from dataclasses import dataclass

from lighter.errors import listing

GROUPS, NAMES = 6, 3


@dataclass(frozen=True, slots=True)
class LoadReport:
    """Names of tensors, as the model has them, by what became of them.

    `missing`: in the model alone. `unexpected`: in the file alone. `other_shape`: with the shape in the file and in the
    model. `ignored`: not asked for. `converted`: loaded, from another dtype.
    """

    source: str
    loaded: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    unexpected: tuple[str, ...] = ()
    other_shape: tuple[tuple[str, tuple[int, ...], tuple[int, ...]], ...] = ()
    ignored: tuple[str, ...] = ()
    converted: tuple[str, ...] = ()

    def __str__(self) -> str:
        """A line, and one more for each kind of tensor that was not simply loaded."""
        total = len(self.loaded) + len(self.missing) + len(self.other_shape)
        return "\n".join([f"weights of {self.source}: loaded {len(self.loaded)} of {total} tensors", *self.rest()])

    def rest(self) -> list[str]:
        """The lines on what was not simply loaded."""
        shapes = [f"{name} ({_shape(theirs)} in the file, {_shape(own)})" for name, theirs, own in self.other_shape]
        kinds = {
            "missing in the file": grouped(self.missing),
            "not in the model": grouped(self.unexpected),
            "of other shape": listing(shapes[:NAMES]) + (", ..." if len(shapes) > NAMES else ""),
            "ignored": grouped(self.ignored),
            "converted from another dtype": grouped(self.converted),
        }
        counts = map(len, (self.missing, self.unexpected, self.other_shape, self.ignored, self.converted))
        return [
            f"  {count} {what}: {names}" for (what, names), count in zip(kinds.items(), counts, strict=True) if count
        ]


def grouped(names: Iterable[str]) -> str:
    """Names by the module they are in, with the number of each where there are many: `layer4 (12), fc.weight`."""
    names = list(names)
    if len(names) <= NAMES:
        return ", ".join(names)
    depth = 1
    while len(groups := _groups(names, depth)) == 1 and any(name.count(".") > depth for name in names):
        depth += 1
    shown = [start if count == 1 else f"{start} ({count})" for start, count in groups.items()]
    return ", ".join(shown[:GROUPS]) + (", ..." if len(shown) > GROUPS else "")


def _groups(names: Iterable[str], depth: int) -> dict[str, int]:
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(".".join(name.split(".")[:depth]), []).append(name)
    return {start if len(those) > 1 else those[0]: len(those) for start, those in found.items()}


def _shape(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape)) or "a number"
