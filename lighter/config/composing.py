"""Several sources to one tree: each overrides those before it, then macros are copied in."""

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Mapping as AbstractMapping
from collections.abc import Sequence as AbstractSequence
from functools import partial, reduce
from itertools import groupby, islice
from pathlib import Path
from typing import NamedTuple

from lighter.config.bases import Reader
from lighter.config.choices import Chosen
from lighter.config.former_reading import apart, extending, joined, reread
from lighter.config.groups import Groups, Override, Part, no_texts
from lighter.config.key_path import SEPARATOR, KeyPath, parse_path, text
from lighter.config.loading import load_mapping, load_value
from lighter.config.macros import expand
from lighter.config.merging import merge, place
from lighter.config.nodes import split_mark
from lighter.config.override_spelling import misspelt, with_sweep
from lighter.config.paths import expanded
from lighter.config.reach import Files
from lighter.config.scalars import SUFFIXES
from lighter.config.schema import RUN_FOLDER, VARS
from lighter.config.tree import Code, Entry, Macro, Mapping, Node, Reference, Scalar, walk
from lighter.errors import OVERRIDE, ConfigError, Position, Problem, Source, nearest

CONFIG_FILE, ENVIRONMENT_FILE = "config.yaml", "environment.json"  # what a run directory holds

Given = str | Path | AbstractMapping[str, object] | Mapping


def unread_vars(tree: Mapping, expanded: Mapping) -> list[Problem]:
    """What was meant to set another value, in a tree before and after its macros are copied in; `+` says it was not."""
    node = tree.get(VARS)
    found = list(_new(node, (VARS,))) if isinstance(node, Mapping) else []
    if not found:
        return []
    written = [n.written for root in (tree, expanded) for _, n in walk(root) if isinstance(n, (Reference, Code, Macro))]
    return [
        Problem(
            f"there is no '{text(place)}'",
            entry.position,
            help=f"did you mean '{text((*place[:-1], near))}'? To add a new key write '+{text(place)}=...'",
        )
        for place, entry, near in found
        if not any(_reads(place, one) for one in written)
    ]


def _new(node: Mapping, at: KeyPath) -> Iterator[tuple[KeyPath, Entry, str]]:
    """What overrides have added below a place without a `+`, each with the nearest name that was there."""
    before = [key for key, entry in node.entries.items() if not _is_added(entry)]
    for key, entry in node.entries.items():
        if _is_added(entry):
            near = nearest(key, before) if _names(entry, (*at, key)) else None
            if near is not None:
                yield (*at, key), entry, near
        elif isinstance(entry.value, Mapping):
            yield from _new(entry.value, (*at, key))


def _is_added(entry: Entry) -> bool:
    """Whether overrides alone have set a value."""
    sources = [position.source for position in (entry.position, *entry.history)]
    return all(source.is_override for source in sources)


def _names(entry: Entry, place: KeyPath) -> bool:
    """Whether an override without a `+` names the very place: one that merges a mapping may put anything into it."""
    written = entry.position.source.name.removeprefix(OVERRIDE).partition("=")[0]
    return not written.startswith("+") and parse_path(written) == place


def _reads(place: KeyPath, written: str) -> bool:
    """Whether a reference, macro or expression may read a place: it names its key, or ends with what holds it."""
    *above, key = place
    return key in written or any(re.search(rf"(?<!\w){re.escape(name)}(?!\w|::|#)", written) for name in above)


class Composed(NamedTuple):
    """The tree of all sources, and where a macro copied something in: the place of the copy, and the macro's.

    `files` are all that were read, each once with its text: those that were given, their bases, and those in macros.
    `notes` say of each spelling of a former Lighter what is written now.
    """

    tree: Mapping
    copies: AbstractMapping[KeyPath, Position]
    files: tuple[Source, ...]
    notes: tuple[Problem, ...] = ()

    def located(self, problems: AbstractSequence[Problem]) -> list[Problem]:
        """The same problems; those in a copied piece also name the macro, those of a list of values the command."""
        found = (p._replace(also=(*p.also, *self._copied(tuple(p.place.split(SEPARATOR))))) for p in problems)
        return [with_sweep(problem) for problem in found]

    def _copied(self, path: KeyPath) -> tuple[tuple[str, Position], ...]:
        found = (self.copies.get(path[:depth]) for depth in range(len(path), 0, -1))
        return tuple(("copied here", position) for position in islice(filter(None, found), 1))


def compose(sources: AbstractSequence[Given], allow: tuple[str, ...] | None = None) -> Composed:
    """The one tree of files, run directories, mappings and overrides. Raises ConfigError with all its mistakes.

    With `allow` no file is read that lies elsewhere than those that were given, their project, or a path in the list.
    """
    files = Files(allow)
    given = [(one, number) for source in sources for number, one in enumerate(_apart(source))]
    notes = [joined(str(source)) for source in sources if len(_apart(source)) > 1]
    read = _read_all([one for one, _ in given], files)
    more = iter([number > 0 for part, (_, number) in zip(read, given, strict=True) if isinstance(part, Mapping)])
    groups = Groups(Reader(files), (folder_of(sources), Path()))
    parts = groups.exchanged([one for part in read for one in (part.parts() if isinstance(part, Chosen) else [part])])

    def merged(tree: Mapping, part: Mapping) -> Mapping:
        return merge(tree, extending(tree, part, notes) if next(more) else part)

    tree, overrides = _laid(parts, merged, groups)
    if wrong := [*misspelt(tree, overrides, no_texts(tree))]:
        raise ConfigError(wrong)
    expanded, copies = expand(tree, partial(read_file, files=files))
    if unread := unread_vars(tree, expanded):
        raise ConfigError(unread)
    made, respelt = reread(expanded, tree, [part for part in parts if isinstance(part, Mapping)])
    return Composed(made, copies, tuple(files.read.values()), (*notes, *respelt))


def _laid(
    parts: Iterable[Part], merged: Callable[[Mapping, Mapping], Mapping], groups: Groups
) -> tuple[Mapping, list[Override]]:
    """The parts laid over each other, and the overrides among them. Raises ConfigError."""
    tree = Mapping({}, Position(Source("config", has_lines=False)))
    problems: list[Problem] = []
    overrides: list[Override] = []
    for _, together in groupby(parts, lambda part: isinstance(part, Mapping)):
        run = [*together]
        try:
            tree = reduce(merged, (part for part in run if isinstance(part, Mapping)), tree)
            tree, rest = groups.laid(tree, [part for part in run if not isinstance(part, Mapping)])
        except ConfigError as error:
            problems.extend(error.problems)
            break  # what overrides it would be said to miss what is in it
        overrides += rest
        for path, entry in rest:
            try:
                tree = place(tree, path, entry)
            except ConfigError as error:
                problems.extend(error.problems)
    if problems:
        raise ConfigError(problems)
    return tree, overrides


def read_file(path: Path, asked_from: Position | None = None, files: Files | None = None) -> Mapping:
    """A file over the files that its `_base_` names, and nothing else. Raises ConfigError with all its mistakes."""
    tree = Reader(files).read(path, asked_from)
    return merge(Mapping({}, tree.position), tree)


def read_part(path: Path, asked_from: Position | None = None, files: Files | None = None) -> Mapping:
    """A file or run folder with its `_base_`, as a source that overrides others. Raises ConfigError."""
    is_folder = os.path.isdir(path)  # noqa: PTH112  # as below
    return Reader(files).read(path / CONFIG_FILE if is_folder else path, asked_from)


def first_path(sources: AbstractSequence[Given]) -> Path | None:
    """The first file or folder among the sources."""
    given = (one for source in sources for one in _apart(source))
    paths = (s for s in given if not isinstance(s, (AbstractMapping, Mapping)) and not is_override(str(s)))
    return next((Path(expanded(str(path))) for path in paths), None)


def folder_of(sources: AbstractSequence[Given]) -> Path:
    """The folder of the first source that is a file or was read from one; the working folder where there is none."""
    for one in (one for source in sources for one in _apart(source)):
        if isinstance(one, Mapping):
            return one.position.source.folder
        if not isinstance(one, AbstractMapping) and not is_override(str(one)):
            path = Path(expanded(str(one)))
            return path if path.is_dir() else path.parent
    return Path()


def run_name(path: Path | None) -> str:
    """What runs are called: the file's name; for a `config.yaml` the folder's; in a run folder as that run was."""
    if path is None:
        return "run"
    path = path.resolve()
    if not path.is_dir() and path.name != CONFIG_FILE:
        return path.stem
    return recorded_name(path if path.is_dir() else path.parent) or path.parent.name


def recorded_name(folder: Path) -> str | None:
    """What the run of a folder has recorded as the name of its config; None where it says no name of a folder."""
    record = folder / ENVIRONMENT_FILE
    try:
        found = json.loads(record.read_bytes()) if record.is_file() else None  # no pipe: it has no end
    except (OSError, ValueError, RecursionError):
        return None
    name = found.get("config") if isinstance(found, dict) else None
    is_name = isinstance(name, str) and name.isprintable() and Path(name).name == name != os.pardir
    return name if is_name else None


def is_override(source: str) -> bool:
    """Whether a source is an override: `~id`, or anything with `=` that is no file and not meant as one."""
    if os.path.exists(source):  # noqa: PTH110  # False for what no path can be, such as a long override; Path raises
        return False
    name, equals, _ = source.partition("=")
    if SEPARATOR in name:
        return bool(equals) or source.startswith("~")
    return not _is_meant_as_path(source, name) and (bool(equals) or source.startswith("~"))


def _is_meant_as_path(source: str, name: str) -> bool:
    """Whether a text that is no path of anything begins like one, or names a file in a folder that is there."""
    if name.endswith(SUFFIXES) or source.startswith(f"~{os.sep}"):
        return True
    return source.endswith(SUFFIXES) and "=" in (folder := os.path.dirname(source)) and os.path.isdir(folder)  # noqa: PTH112, PTH120  # as above


def _read_all(sources: AbstractSequence[Given], files: Files) -> list[Part]:
    parts: list[Part] = []
    problems: list[Problem] = []
    for source in sources:
        try:
            parts.append(_read(source, files))
        except ConfigError as error:
            problems.extend(error.problems)
    if problems:
        raise ConfigError(problems)
    return parts


def _apart(source: Given) -> AbstractSequence[Given]:
    """The files of a source: several where they are joined by commas."""
    is_path = isinstance(source, Path) or (isinstance(source, str) and not is_override(source))
    return apart(str(source)) if is_path else [source]


def _read(source: Given, files: Files) -> Part:
    if isinstance(source, Mapping):
        first, *others = _sources_of(source)
        for read in (first, *others):
            if read.path is not None:
                files.check(read.path, None if read is first else source.position)
            files.add(read)
        return Reader(files).over_bases(source, source.position.source.folder)
    if isinstance(source, AbstractMapping):
        return load_mapping(source)
    if isinstance(source, str) and is_override(source):
        return read_override(source)
    source = expanded(str(source))
    if os.path.isdir(source):  # noqa: PTH112  # as above
        return read_part(Path(source), files=files)
    if "::" in str(source) and not os.path.exists(source):  # noqa: PTH110  # as above
        raise ConfigError(
            [Problem(f"'{source}' is no file, and sets nothing", help=f"write '{source}=value'", code="override")]
        )
    if problem := _no_config(str(source)):
        raise ConfigError([problem])
    return Reader(files).read(Path(source), None)


def _no_config(source: str) -> Problem | None:
    """What is wrong with a source that is code."""
    if source.endswith((".py", ".ipynb")):
        help = "a config names code by 'project:' and '_target_'; 'lighter adopt path/to/repo' writes a first one"
        return Problem(f"'{source}' is code, and a config is YAML or JSON", help=help, code="file")
    return None


def _sources_of(tree: Mapping) -> list[Source]:
    """What a tree was read from before it was given, also what has been replaced since."""
    found = {id(tree.position.source): tree.position.source}
    for _, node in walk(tree):
        for entry in node.entries.values() if isinstance(node, Mapping) else ():
            positions = (*entry.history, entry.position, entry.value.position)
            found.update((id(position.source), position.source) for position in positions)
    return [*found.values()]


def read_override(written: str) -> tuple[KeyPath, Entry]:
    """The place and the entry of `id=value` or `~id`. Raises ConfigError where it is neither."""
    source = Source(f"{OVERRIDE}{written}", has_lines=False)
    position = Position(source)
    mark, rest = split_mark(written)
    name, equals, value = rest.partition("=")
    if not equals and mark != "~":
        raise ConfigError([Problem("an override names no place", position, help="write 'a::b=value'")])
    try:
        path = parse_path(name)
    except ValueError as error:
        raise ConfigError([Problem(str(error), position, help="write 'a::b=value'")]) from error
    if equals and not value.strip():
        help = f"write '{name}=null', or '{name}=\"\"' for an empty text" if mark != "~" else f"write '~{name}'"
        raise ConfigError([Problem(f"'{name}' is given nothing", position, help=help)])
    if path == RUN_FOLDER and value.lstrip().startswith("{"):  # a pattern, which YAML would take for a mapping
        node: Node = Scalar(value.strip(), position)
    else:
        node = load_value(value, source) if equals else Scalar(None, position)
    return path, Entry(path[-1] if path else "", node, position, mark)
