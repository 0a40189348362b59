"""`system::model=models/big.yaml`: a file for a place, under all other overrides, whatever their order."""

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from lighter.config.bases import Reader
from lighter.config.checks.kinds import KINDS
from lighter.config.choices import Placed, chosen_in, exchanged
from lighter.config.key_path import KeyPath, text
from lighter.config.merging import merge
from lighter.config.override_spelling import with_sweep
from lighter.config.paths import from_folder
from lighter.config.scalars import SUFFIXES, split_file
from lighter.config.schema import (
    ADAPTERS,
    BY_NAME_OR_LISTED,
    DATA,
    LOADERS,
    METRICS,
    OPTIMIZER,
    SCHEDULER,
    SYSTEM,
    TRAINER,
    is_system,
)
from lighter.config.tree import Entry, Macro, Mapping, Reference, Scalar, find
from lighter.errors import OVERRIDE, ConfigError, Problem, listing, nearest

Override = tuple[KeyPath, Entry]
Part = Mapping | Placed | Override  # a tree to merge, a file for a place, an entry to place

# Where Lighter's own System takes something that is built, and never a text.
_OF_SYSTEM = (OPTIMIZER, SCHEDULER, LOADERS, METRICS, ADAPTERS, *(place for place in KINDS if place[0] == SYSTEM))
_WHOLE = ((SYSTEM,), (DATA,), (TRAINER,))


def first_there(written: str, folders: Iterable[Path]) -> Path:
    """The file of this name in the first of the folders that has it; where none has, in one that may have others."""
    paths = [from_folder(folder, written) for folder in folders]
    there = (path for path in paths if os.path.exists(path))  # noqa: PTH110  # False for what no path can be
    near = (path for path in paths if os.path.isdir(path.parent))  # noqa: PTH112  # as above
    return next(there, None) or next(near, paths[0])


def no_texts(tree: Mapping) -> Collection[KeyPath]:
    """The places that never take a text."""
    return (*_OF_SYSTEM, *BY_NAME_OR_LISTED) if is_system(tree) else BY_NAME_OR_LISTED


def takes_file(tree: Mapping, path: KeyPath) -> bool:
    """Whether a name of a file means its content at a place, and no text: something else than plain values is there."""
    node = find(tree, path)
    if isinstance(node, Reference):
        target = node.target.seen_from(path)
        node = find(tree, target) if target is not None else None
    if path in _WHOLE or isinstance(node, Mapping) or (isinstance(node, Macro) and node.file is not None):
        return True
    if isinstance(node, Scalar) and node.value is not None:
        return False
    return path in no_texts(tree)


class Groups(NamedTuple):
    """Files for places among the parts of a config; a relative one is looked for in these folders."""

    reader: Reader
    folders: tuple[Path, ...]

    def exchanged(self, parts: Sequence[Part]) -> list[Part]:
        """The parts with other files where a `_base_` names one for the place; what exchanged them is used up.

        Raises ConfigError.
        """
        parts = _replacing(parts)
        if wrong := [*self._words(parts)]:
            raise ConfigError(wrong)
        last = {path: at for at, part in enumerate(parts) if (path := _choice_at(part)) is not None}
        made: list[Part | None] = list(parts)
        for path, at in sorted(last.items(), key=lambda item: len(item[0])):
            trees = {n: part for n, part in enumerate(made[:at]) if isinstance(part, Mapping)}
            old = self._chosen(trees.values(), path)
            if old is None:
                continue
            new, _ = exchanged(trees.values(), [self._placed(parts[at], old)])
            made = [None if _choice_at(part) == path else part for part in made]
            for n, tree in zip(trees, new, strict=True):
                made[n] = tree
        return [part for part in made if part is not None]

    def _chosen(self, trees: Iterable[Mapping], path: KeyPath) -> Placed | None:
        return next((chosen_in(tree)[path] for tree in trees if path in chosen_in(tree)), None)

    def _words(self, parts: Sequence[Part]) -> Iterator[Problem]:
        """The overrides that name a file by a word, as Hydra does, at a place for which a `_base_` names one."""
        trees = [part for part in parts if isinstance(part, Mapping)]
        for part in parts:
            if isinstance(part, tuple) and (placed := self._chosen(trees, part[0])) and (word := _word(part)):
                source = placed.entry.value.position.source
                there = sorted(source.path.parent.glob("*")) if source.path is not None else []
                files = {one.stem: os.path.relpath(one, self.folders[0]) for one in there if one.suffix in SUFFIXES}
                near = word if word in files else nearest(word, files)
                help = f"write '{text(part[0])}={files[near]}'" if near else f"there are {listing(files.values())}"
                yield Problem(f"'{text(part[0])}' takes a file, and '{word}' is none", part[1].position, help=help)

    def laid(self, tree: Mapping, overrides: Sequence[Placed | Override]) -> tuple[Mapping, list[Override]]:
        """The tree with the files among overrides laid over it, outer places first, and the other overrides."""
        last = {path: at for at, one in enumerate(overrides) if (path := _choice_at(one)) is not None}
        files = [(at, one) for at, one in enumerate(overrides) if isinstance(one, Placed) or _file(one)]
        used = set()
        for at, part in sorted(files, key=lambda item: len(_place(item[1]))):
            path = _place(part)
            if isinstance(part, Placed) or takes_file(tree, path):
                used.add(at)
                if _choice_at(part) is None or last[path] == at:
                    tree = merge(tree, self._placed(part).tree)
        rest = [part for at, part in enumerate(overrides) if at not in used and isinstance(part, tuple)]
        return tree, rest

    def _placed(self, part: Part, old: Placed | None = None) -> Placed:
        if isinstance(part, Placed):
            return part
        assert isinstance(part, tuple)
        path, entry = part
        file, below = _file(part) or ("", "")
        config, *others = self.folders
        folders = [config, *(old.folders if old is not None else ()), *others]
        try:
            return self.reader.placed(path, entry, (first_there(file, folders), below))
        except ConfigError as error:
            written = f"{file}::{below}" if below else file
            help = f"for the text itself write {text(path)}='\"{written}\"'" if old is None else ""
            raise ConfigError([_told(problem, entry, help) for problem in error.problems]) from error


def _replacing(parts: Sequence[Part]) -> list[Part]:
    """The parts with a file in the place of what is deleted before it: `~a a=x.yaml` is `=a=x.yaml`."""
    made: list[Part] = []
    for part in parts:
        before = [one for one in made if _deletes(one, part)]
        made = [one for one in made if one not in before]
        made.append((part[0], part[1]._replace(mark="=")) if isinstance(part, tuple) and before else part)
    return made


def _deletes(one: Part, part: Part) -> bool:
    """Whether a part deletes all that is at a place, for which another one names a file."""
    if not (isinstance(one, tuple) and isinstance(part, tuple)) or part[1].mark or not _file(part):
        return False
    return one[0] == part[0] and one[1].mark == "~" and "=" not in one[1].position.source.name


def _told(problem: Problem, entry: Entry, help: str) -> Problem:
    if problem.position is not entry.value.position or problem.code != "file":
        return problem
    found = f"{problem.help} Or" if problem.help.endswith("?") else f"{problem.help};" if problem.help else ""
    return with_sweep(problem._replace(help=f"{found} {help}".strip() if help else problem.help))


def _place(part: Placed | Override) -> KeyPath:
    return part.path if isinstance(part, Placed) else part[0]


def _choice_at(part: Part | None) -> KeyPath | None:
    """The place for which a part may choose a file, in place of another one."""
    if part is None or isinstance(part, Mapping):
        return None
    is_added = (part.entry if isinstance(part, Placed) else part[1]).mark == "+"
    return _place(part) if not is_added and (isinstance(part, Placed) or _file(part)) else None


def _word(override: Override) -> str:
    """The single word that an override gives to a place that takes no text; empty where it gives anything else."""
    path, entry = override
    value = entry.value.value if isinstance(entry.value, Scalar) and path in (*_WHOLE, *_OF_SYSTEM) else None
    return value if isinstance(value, str) and value.isidentifier() and entry.mark != "~" else ""


def _file(override: Override) -> tuple[str, str] | None:
    """The file, and the place in it, that the value of an override may name; a text in quotes is one."""
    _, entry = override
    written = entry.position.source.name.removeprefix(OVERRIDE).removeprefix(entry.mark).partition("=")[2].strip()
    is_text = isinstance(entry.value, Scalar) and isinstance(entry.value.value, str)
    if not is_text or entry.mark == "~" or written[:1] in ("'", '"') or "://" in written:
        return None
    return split_file(written)
