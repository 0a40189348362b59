"""What a name in a file of a repository means: something another file of it defines, or something from outside."""

import os
import re
from collections.abc import Iterator
from functools import cached_property

from lighter.cli.adopting.outlining import Import, Outline
from lighter.cli.adopting.reading import Here, Repository
from lighter.project.files import INIT, SUFFIX, find
from lighter.project.libraries import is_protected
from lighter.project.project import ALIAS

_DEEPEST = 20  # imports that hand a name on, one to the next
_PLAIN = re.compile(r"\w(?:[\w.-]*\w)?\Z")
_SOURCE_FOLDERS = ("", "src")


Meaning = Here | str  # the dotted name of what comes from outside


_Asked = set[tuple[str, str]]  # already, on the way to an answer: imports may run in a circle


class Names:
    """The modules of a repository, and what the names in each of them mean."""

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self._meanings: dict[tuple[str, str], Meaning | None] = {}

    @cached_property
    def modules(self) -> dict[str, str]:
        """The files by the dotted names of their modules, seen from the root."""
        files = sorted(self.repository.outlines, key=lambda path: not path.endswith(f"/{INIT}"))
        found: dict[str, str] = {}
        for path in files:
            found.setdefault(module_name(path), path)
        return found

    @cached_property
    def folders(self) -> set[str]:
        """The dotted names of the folders that hold modules, skipped or not."""
        paths = [*self.repository.outlines, *self.repository.skipped]
        return {".".join(path.split("/")[:depth]) for path in paths for depth in range(1, path.count("/") + 1)}

    @cached_property
    def _broken(self) -> set[str]:
        return {module_name(path) for path in self.repository.skipped if path.endswith(SUFFIX)}

    def target(self, here: Here) -> str:
        """The `_target_` of what a file defines: the project's name, its folders, its module, its own name."""
        project = self.repository.project.name
        start = project if _PLAIN.match(project) and not is_protected(project) else ALIAS
        return ".".join(filter(None, (start, module_name(here.file), here.name)))

    def is_reachable(self, file: str) -> bool:
        """Whether a dotted name leads to this file, and not to another module of the same name."""
        folder = str(self.repository.project.root)
        parts = module_name(file).split(".") if module_name(file) else []
        for part in parts[:-1]:
            found = find(self.repository.project, folder, part)
            if found is None or found.folder is None:
                return False
            folder = found.folder
        found = find(self.repository.project, folder, parts[-1]) if parts else None
        return not parts or (found is not None and found.file == os.path.join(self.repository.project.root, file))

    def module(self, file: str, imported: Import) -> str | None:
        """The dotted name, from the root, of the repository's module that an import loads; None for what it has not."""
        return next(self._candidates(file, imported), None)

    def root_for(self, file: str, imported: Import) -> str | None:
        """The inner folder from which an import, that finds nothing from the root, would find its module."""
        inside = file.split("/")[:-1]
        for depth in range(len(inside) - 1, 0, -1):
            if self._is_there(".".join([*inside[:depth], imported.module])):
                return "/".join(inside[:depth])
        return None

    def meaning(self, file: str, written: str, asked: _Asked | None = None) -> Meaning | None:
        """What a dotted name in a file means; None where nobody knows, a builtin for one."""
        key = (file, written)
        if key in self._meanings:
            return self._meanings[key]
        asked = set() if asked is None else asked
        if key in asked or len(asked) > _DEEPEST:
            return None
        asked.add(key)
        found = self._find(file, written, self.repository.outlines[file], asked)
        self._meanings[key] = found
        return found

    def meaning_in(self, outline: Outline, written: str) -> Meaning | None:
        """The same for a name in a text that is no file of the repository, run from its root."""
        return self._find("", written, outline, set())

    def _find(self, file: str, written: str, outline: Outline, asked: _Asked) -> Meaning | None:
        head, _, rest = written.partition(".")
        if head in outline.classes or head in outline.functions:
            return Here(file, head) if not rest else None
        if head in outline.aliases and head not in outline.aliases[head].split(".")[:1]:
            return self.meaning(file, ".".join(filter(None, (outline.aliases[head], rest))), asked)
        if head in outline.bound:
            return self._imported(file, outline.bound[head], rest, asked)
        for star in outline.stars:
            found = self._starred(file, star, written, asked)
            if found is not None:
                return found
        return None

    def _imported(self, file: str, bound: Import, rest: str, asked: _Asked) -> Meaning | None:
        module = self.module(file, bound)
        if module is None:
            return ".".join(filter(None, (bound.module, bound.name, rest))) if not bound.level else None
        return self._within(module, ".".join(filter(None, (bound.name, rest))), asked)

    def _within(self, module: str, left: str, asked: _Asked) -> Meaning | None:
        """What a dotted name means that starts in a module of the repository."""
        found = self.meaning(self.modules[module], left, asked) if left and module in self.modules else None
        if found is not None or not left:
            return found
        head, _, rest = left.partition(".")
        deeper = f"{module}.{head}" if module else head
        return self._within(deeper, rest, asked) if rest and self._is_there(deeper) else None

    def _starred(self, file: str, star: Import, written: str, asked: _Asked) -> Meaning | None:
        module = self.module(file, star)
        if module is not None:
            return self._within(module, written, asked)
        # Of what is outside one cannot know what a star brings; a base class is what it is asked for.
        is_likely = written[:1].isupper() or written.startswith("nn.")
        return f"{star.module}.{written}" if is_likely and star.module.startswith("torch") else None

    def _candidates(self, file: str, imported: Import) -> Iterator[str]:
        inside = file.split("/")[:-1]
        if imported.level:
            start = inside[: len(inside) - imported.level + 1] if imported.level <= len(inside) + 1 else None
            name = ".".join(filter(None, (*(start or ()), imported.module)))
            if start is not None and (not name or self._is_there(name)):
                yield name
            return
        top = imported.module.partition(".")[0]
        if is_protected(top):
            return
        project = self.repository.project.name
        for folder in (*_SOURCE_FOLDERS, ".".join(inside)):
            name = ".".join(filter(None, (folder, imported.module)))
            if self._is_there(name) and self._is_there(".".join(filter(None, (folder, top)))):
                yield name
        if top == project:  # a package imports itself by its own name
            name = imported.module.partition(".")[2]
            if not name or self._is_there(name):
                yield name

    def _is_there(self, name: str) -> bool:
        return name in self.modules or name in self.folders or name in self._broken


def module_name(path: str) -> str:
    """The dotted name of a file's module, seen from the root: empty for the root's `__init__.py`."""
    parts = path.removesuffix(SUFFIX).split("/")
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
