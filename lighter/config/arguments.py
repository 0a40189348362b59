"""What a plan gives to a call: constants, built objects, and lists and mappings made anew for each call."""

from dataclasses import dataclass

from lighter.config.paths import Path

__all__ = ["Argument", "Constant", "Items", "Later", "Pairs", "Use", "is_plain", "plain"]


@dataclass(frozen=True, slots=True, eq=False)
class Constant:
    """A plain value."""

    value: object


@dataclass(frozen=True, slots=True, eq=False)
class Use:
    """What the step at a place gave."""

    place: Path


@dataclass(frozen=True, slots=True, eq=False)
class Later:
    """A callable that builds the place when it is called."""

    place: Path


@dataclass(frozen=True, slots=True, eq=False)
class Items:
    """A list."""

    items: tuple["Argument", ...]


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """A mapping."""

    pairs: tuple[tuple[object, "Argument"], ...]


Argument = Constant | Use | Later | Items | Pairs


def is_plain(argument: Argument) -> bool:
    """Whether the value is known without building anything."""
    if isinstance(argument, Items):
        return all(map(is_plain, argument.items))
    if isinstance(argument, Pairs):
        return all(is_plain(value) for _, value in argument.pairs)
    return isinstance(argument, Constant)


def plain(argument: Argument) -> object:
    """The value of an argument for which `is_plain` holds."""
    if isinstance(argument, Items):
        return [plain(item) for item in argument.items]
    if isinstance(argument, Pairs):
        return {key: plain(value) for key, value in argument.pairs}
    assert isinstance(argument, Constant)
    return argument.value
