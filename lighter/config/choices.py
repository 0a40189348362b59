"""A config as the layers that make it up: those at one place only, a choice among files, can be exchanged."""

from collections.abc import Iterable, Iterator
from collections.abc import Mapping as AbstractMapping
from pathlib import Path
from typing import Final

from lighter.config.key_path import KeyPath, parse_path, text
from lighter.config.merging import merge
from lighter.config.tree import Entry, Mapping
from lighter.errors import ConfigError, Position, Problem

MOST = 10_000  # files that are laid anew where choices are exchanged


class Placed:
    """What a file holds, for a place; its entry says how it is laid over what is there, and where it was named.

    `folders` are those of the files that name it, or named the ones that it was exchanged for.
    """

    __slots__ = ("entry", "folders", "path")

    def __init__(self, path: KeyPath, entry: Entry, folders: tuple[Path, ...] = ()) -> None:
        self.path: Final = path
        self.entry: Final = entry
        self.folders: Final = folders

    @property
    def tree(self) -> Mapping:
        """The same as a tree of its own."""
        return Mapping({text(self.path): self.entry}, self.entry.position)


Layer = Mapping | Placed


class Layered(Mapping):
    """A file over its bases, these layers merged, lowest first; `chosen` are the files for a place, at any depth."""

    __slots__ = ("chosen", "layers")

    def __init__(
        self,
        entries: AbstractMapping[str, Entry],
        position: Position,
        layers: tuple[Layer, ...],
        chosen: AbstractMapping[KeyPath, Placed],
    ) -> None:
        super().__init__(entries, position)
        self.layers: Final = layers
        self.chosen: Final = chosen

    def with_entries(self, entries: AbstractMapping[str, Entry]) -> "Layered":
        """The same with these entries."""
        return Layered(entries, self.position, self.layers, self.chosen)


class Chosen(Mapping):
    """A source in which some of the keys, places, hold what a file holds: a choice for that place."""

    __slots__ = ("files",)

    def __init__(self, entries: AbstractMapping[str, Entry], position: Position, files: frozenset[str]) -> None:
        super().__init__(entries, position)
        self.files: Final = files

    def with_entries(self, entries: AbstractMapping[str, Entry]) -> "Chosen":
        """The same with these entries."""
        return Chosen(entries, self.position, self.files)

    def parts(self) -> Iterator[Layer]:
        """The files for their places, and what else there is."""
        yield from (Placed(parse_path(key), entry) for key, entry in self.entries.items() if key in self.files)
        rest = {key: entry for key, entry in self.entries.items() if key not in self.files}
        yield Mapping(rest, self.position)


def layered(layers: Iterable[Layer], position: Position) -> Layered:
    """The layers as one tree. Raises ConfigError."""
    layers = tuple(layers)
    made = Mapping({}, position)
    for layer in layers:
        made = merge(made, layer.tree if isinstance(layer, Placed) else layer)
    return Layered(made.entries, position, layers, _chosen(layers))


def chosen_in(layer: Layer) -> AbstractMapping[KeyPath, Placed]:
    """The files for a place in a layer, by that place."""
    if isinstance(layer, Placed):
        return {layer.path: layer}
    return layer.chosen if isinstance(layer, Layered) else {}


def _chosen(layers: Iterable[Layer]) -> dict[KeyPath, Placed]:
    return {path: placed for layer in layers for path, placed in chosen_in(layer).items()}


def exchanged(layers: Iterable[Layer], new: Iterable[Placed]) -> tuple[list[Layer], list[Placed]]:
    """The layers with other files for the places that have one, and those of the new ones that had no such place.

    Of several files for one place the lowest gives way to the new one, and the others go. Raises ConfigError.
    """
    exchange = _Exchange({placed.path: placed for placed in new})
    made = list(exchange.made(layers))
    return made, [placed for path, placed in exchange.new.items() if path not in exchange.done]


class _Exchange:
    """One walk from the lowest layer up."""

    def __init__(self, new: AbstractMapping[KeyPath, Placed]) -> None:
        self.new = new
        self.done: set[KeyPath] = set()
        self.count = 0

    def made(self, layers: Iterable[Layer]) -> Iterator[Layer]:
        for layer in layers:
            if not chosen_in(layer).keys() & self.new.keys():
                yield layer
            elif isinstance(layer, Layered):
                self.count += 1
                if self.count > MOST:
                    what = f"exchanging files takes more than {MOST:,} others"
                    raise ConfigError([Problem(what, layer.position, code="size")])
                yield layered(self.made(layer.layers), layer.position)
            elif isinstance(layer, Placed) and layer.path not in self.done:
                self.done.add(layer.path)
                new = self.new[layer.path]
                entry = new.entry._replace(mark=new.entry.mark or layer.entry.mark)
                yield Placed(new.path, entry, (*new.folders, *layer.folders))
