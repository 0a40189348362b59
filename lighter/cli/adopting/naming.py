"""What a name in a file of a repository means: something another file of it defines, or something from outside."""

import os
import re
from functools import cached_property

from lighter.cli.adopting.outlining import Import, Outline
from lighter.cli.adopting.reading import NAMELESS, Here, Repository
from lighter.project.files import INIT, SUFFIX, find_below
from lighter.project.libraries import is_protected
from lighter.project.project import ALIAS, SOURCE_FOLDERS

_DEEPEST = 20  # imports that hand a name on, one to the next
_PLAIN = re.compile(r"\w(?:[\w.-]*\w)?\Z")

Meaning = Here | str  # the dotted name of what comes from outside
_Asked = set[tuple[str, str]]  # what has been asked already on the way to an answer: imports may be circular


class Names:
    """The modules of a repository, and what the names in each of them mean."""

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self._meanings: dict[tuple[str, str], Meaning | None] = {}

    @cached_property
    def files(self) -> dict[str, str]:
        """The files, skipped ones too, by the dotted names of their modules, seen from the root."""
        outlines, skipped = self.repository.outlines, self.repository.skipped
        paths = {*outlines, *(path for path, reason in skipped.items() if reason != NAMELESS)}
        best_last = sorted(paths, key=lambda path: (path in outlines, path.endswith(f"/{INIT}")))
        return {module_name(path): path for path in best_last}

    @cached_property
    def _modules(self) -> set[str]:
        """The dotted names of the files, and of the folders that hold any; empty for the root."""
        folders = {
            ".".join(path.split("/")[:depth]) for path in self.files.values() for depth in range(path.count("/") + 1)
        }
        return folders | self.files.keys()

    def target(self, here: Here) -> str:
        """The `_target_` of what a file defines: the project's name, its folders, its module, its own name."""
        start = self.repository.project.start
        start = start if _PLAIN.match(start) and not is_protected(start) else ALIAS
        return _joined(start, self._from_source(module_name(here.file)), here.name)

    def _from_source(self, module: str) -> str:
        """A module's name without the `src` that may be left out: where nothing in the root has the next name."""
        for folder in filter(None, SOURCE_FOLDERS):
            rest = module.removeprefix(f"{folder}.")
            root = str(self.repository.project.root)
            if rest != module and find_below(self.repository.project, root, [rest.partition(".")[0]]) is None:
                return rest
        return module

    def is_reachable(self, file: str) -> bool:
        """Whether a dotted name leads to this file, and not to another module of the same name."""
        project, name = self.repository.project, module_name(file)
        found = find_below(project, str(project.root), name.split(".")) if name else None
        return not name or (found is not None and found.file == os.path.join(project.root, file))

    def module(self, file: str, imported: Import) -> str | None:
        """The dotted name, from the root, of the repository's module that an import loads; None for what it has not."""
        inside, (top, _, below) = file.split("/")[:-1], imported.module.partition(".")
        if imported.level:
            kept = len(inside) + 1 - imported.level
            names = [_joined(*inside[:kept], imported.module)] if kept >= 0 else []
        elif is_protected(top):
            names = []
        else:
            names = [_joined(folder, imported.module) for folder in (*SOURCE_FOLDERS, ".".join(inside))]
            names += [below] * (top == self.repository.project.name)  # a package imports itself by its own name
        return next((name for name in names if name in self._modules), None)

    def root_for(self, file: str, imported: Import) -> str | None:
        """The inner folder from which an import, that finds nothing from the root, would find its module.

        One above the file comes first, then the only one in the repository.
        """
        inside = file.split("/")[:-1]
        above = (inside[:depth] for depth in range(len(inside) - 1, 0, -1))
        found = next(("/".join(one) for one in above if ".".join([*one, imported.module]) in self._modules), None)
        if found is not None or imported.level or is_protected(imported.module.partition(".")[0]):
            return found
        folders = self._folders_with.get(imported.module, ())
        return folders[0] if len(folders) == 1 else None

    @cached_property
    def _folders_with(self) -> dict[str, list[str]]:
        """The inner folders from which a dotted name leads to a module."""
        found: dict[str, list[str]] = {}
        for module in self._modules:
            parts = module.split(".")
            for depth in range(1, len(parts)):
                found.setdefault(".".join(parts[depth:]), []).append("/".join(parts[:depth]))
        return found

    def meaning(
        self, file: str, written: str, asked: _Asked | None = None, outline: Outline | None = None
    ) -> Meaning | None:
        """What a dotted name in a file means; None where nobody knows, a builtin for one.

        The outline is that of a text which is no file of the repository, but run from its root.
        """
        key, asked = (file, written), set() if asked is None else asked
        if key in self._meanings:
            return self._meanings[key]
        if key in asked or len(asked) > _DEEPEST:
            return None
        asked.add(key)
        self._meanings[key] = found = self._find(file, written, asked, outline)
        return found

    def _find(self, file: str, written: str, asked: _Asked, own: Outline | None) -> Meaning | None:
        head, _, rest = written.partition(".")
        outline = own or self.repository.outlines[file]
        if head in outline.classes or head in outline.functions:
            return Here(file, head) if not rest else None
        alias = outline.aliases.get(head, head)
        if alias.partition(".")[0] != head:
            return self.meaning(file, _joined(alias, rest), asked, own)
        if head in outline.bound:
            return self._imported(file, outline.bound[head], rest, asked)
        found = (self._imported(file, star, written, asked) for star in outline.stars)
        return next((meaning for meaning in found if meaning is not None), None)

    def _imported(self, file: str, imported: Import, left: str, asked: _Asked) -> Meaning | None:
        is_star = imported.name == "*"
        written = left if is_star else _joined(imported.name, left)
        module = self.module(file, imported)
        if module is None and (folder := self.root_for(file, imported)) and not imported.level:
            module = _joined(*folder.split("/"), imported.module)
        if module is not None:
            return self._within(module, written, asked)
        # Of what is outside one cannot know what a star brings; a base class is what it is asked for.
        is_likely = imported.module.startswith("torch") and (left[:1].isupper() or left.startswith("nn."))
        return _joined(imported.module, written) if not imported.level and (is_likely or not is_star) else None

    def _within(self, module: str, left: str, asked: _Asked) -> Meaning | None:
        """What a dotted name means that starts in a module of the repository."""
        file = self.files.get(module)
        found = self.meaning(file, left, asked) if left and file in self.repository.outlines else None
        head, _, rest = left.partition(".")
        deeper = _joined(module, head)
        return self._within(deeper, rest, asked) if found is None and rest and deeper in self._modules else found


def module_name(path: str) -> str:
    """The dotted name of a file's module, seen from the root: empty for the root's `__init__.py`."""
    parts = path.removesuffix(SUFFIX).split("/")
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _joined(*parts: str) -> str:
    return ".".join(filter(None, parts))
