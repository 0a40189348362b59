"""Files together with the files that their `_base_` names, for the whole config or for a place of it."""

from pathlib import Path

from lighter.config.choices import Layer, Placed, exchanged, layered
from lighter.config.key_path import KeyPath, parse_path, text
from lighter.config.loading import load_file, real_path
from lighter.config.macros import moved
from lighter.config.merging import merge
from lighter.config.nodes import DEEPEST
from lighter.config.paths import from_folder
from lighter.config.reach import Files
from lighter.config.scalars import split_file
from lighter.config.tree import Entry, Mapping, Node, Scalar, Sequence, absent, find
from lighter.errors import ConfigError, Position, Problem, shown_path

BASE = "_base_"


class Reader:
    """Reads files together with their bases, each once: files that share bases do not multiply."""

    def __init__(self, files: Files | None = None) -> None:
        self._files = files if files is not None else Files()
        self._done: dict[str, Mapping] = {}

    def read(self, path: Path, asked_from: Position | None, above: tuple[str, ...] = ()) -> Mapping:
        """A file over its bases. Raises ConfigError with all its mistakes."""
        real = real_path(path)
        if real in self._done:
            return self._done[real]
        if real in above:
            chain = " -> ".join(Path(p).name for p in (*above[above.index(real) :], real))
            raise ConfigError([Problem(f"circular '{BASE}': {chain}", asked_from, code="circle")])
        if len(above) >= DEEPEST:
            raise ConfigError([Problem(f"'{BASE}' leads through more than {DEEPEST} files", asked_from, code="size")])
        self._files.check(path, asked_from)
        own = load_file(path, asked_from)
        self._files.add(own.position.source)
        self._done[real] = self.over_bases(own, path.parent, (*above, real))
        return self._done[real]

    def over_bases(self, own: Mapping, folder: Path, above: tuple[str, ...] = ()) -> Mapping:
        """A tree over the files that its `_base_` names, which starts from a folder."""
        self._files.add_project(own, folder)
        if BASE not in own.entries:
            return own  # whose marks are meant for whatever the file will override
        written = own.entries[BASE].value
        layers: list[Layer] = []
        for node in written.items if isinstance(written, Sequence) else (written,):
            if not isinstance(node, Mapping):
                layers.append(self.read(_base_path(node, folder), node.position, above))
                continue
            for key, entry in node.entries.items():
                layers, lacking = exchanged(layers, [self._placed(key, entry, folder, above)])
                layers += lacking
        rest = Mapping({key: entry for key, entry in own.entries.items() if key != BASE}, own.position)
        return layered([*layers, rest], own.position) if layers else rest

    def _placed(self, key: str, entry: Entry, folder: Path, above: tuple[str, ...]) -> Placed:
        written = entry.value.value if isinstance(entry.value, Scalar) else None
        if not isinstance(written, str) or entry.mark == "~":
            help = f"write '{key}: models/big.yaml'"
            raise ConfigError([Problem(f"'{BASE}' takes a file for '{key}'", entry.position, BASE, help)])
        try:
            path = parse_path(key)
        except ValueError as error:
            raise ConfigError([Problem(str(error), entry.position, BASE, help="write 'a::b: file.yaml'")]) from error
        file, below = split_file(written) or (written, "")
        return self.placed(path, entry, (from_folder(folder, file), below), above)

    def placed(self, path: KeyPath, entry: Entry, file: tuple[Path, str], above: tuple[str, ...] = ()) -> Placed:
        """A file, or what is at a place in it, for a place of the config. Raises ConfigError."""
        asked_from = entry.value.position
        tree = self.read(file[0], asked_from, above)
        if not tree.entries:
            what, help = f"'{shown_path(file[0])}' is empty", "write what is to be there, such as '_target_: ...'"
            raise ConfigError([Problem(what, asked_from, text(path), help, code="file")])
        value: Node = Mapping(tree.entries, tree.position)
        if file[1] or any("::" in key or "#" in key for key in tree.entries):
            whole = merge(Mapping({}, tree.position), tree)
            below = parse_path(file[1])
            found = find(whole, below)
            if found is None:
                what, help = absent(whole, below)
                raise ConfigError([Problem(f"{what} in '{shown_path(file[0])}'", asked_from, text(path), help)])
            value = found
        if not file[1] and isinstance(value, Mapping):
            value = moved(value, path, value.entries.keys(), set())
        return Placed(path, Entry(path[-1], value, entry.position, entry.mark), (entry.position.source.folder,))


def _base_path(node: Node, folder: Path) -> Path:
    if not isinstance(node, Scalar) or not isinstance(node.value, str):
        what = f"'{BASE}' takes a file or a list of files"
        raise ConfigError([Problem(what, node.position, help=f"write '{BASE}: other.yaml'")])
    return from_folder(folder, node.value)
