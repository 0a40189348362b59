"""The code that a config of Hydra's names: where its project is, and what its classes are, without running any."""

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from lighter.cli.adopting.parameters import Parameter
from lighter.cli.adopting.reading import read_repository
from lighter.cli.adopting.recognising import Candidate, Kind, Recognised, recognise
from lighter.cli.converting.parts import Part
from lighter.project.project import ALIAS, Project

_ABOVE = 5  # folders above the config's in which the project is looked for
_MARKER, _VARIABLE = ".project-root", "PROJECT_ROOT"  # of rootutils, by which a script sets the variable


@dataclass
class Code:
    """A project by its folder, and the modules of it that the config names; no folder where it names none."""

    root: Path | None
    tops: frozenset[str]
    folder: Path

    @classmethod
    def of(cls, config: Part, folder: Path) -> "Code":
        """The nearest folder at or above the config's that has modules which it names."""
        firsts = {part.target.partition(".")[0] for part in config.walk() if "." in part.target}
        for root in [folder, *folder.parents][:_ABOVE]:
            if tops := frozenset(first for first in firsts if _is_module(root, first)):
                return cls(root, tops, folder)
        return cls(None, frozenset(), folder)

    def target(self, written: str) -> str:
        """A `_target_` as it is written here."""
        return f"{ALIAS}.{written}" if written.partition(".")[0] in self.tops else written

    def kind(self, written: str) -> Kind | None:
        """What a target of the project is, as far as its text says."""
        found = self._candidate(written)
        return found.kind if found is not None else None

    def parameters(self, written: str) -> tuple[Parameter, ...]:
        """The arguments of a target of the project."""
        found = self._candidate(written)
        return (found.parameters or ()) if found is not None else ()

    def text(self, written: str) -> str:
        """The text of a class of the project, with nothing of its file around it."""
        found = self._candidate(written)
        outline = self._recognised.repository.class_at(found.here) if found is not None else None
        return self._recognised.repository.text_of(found.here.file, outline) if found and outline else ""

    @property
    def variables(self) -> dict[str, str]:
        """What the script there sets in the environment: by rootutils, the project's folder, from which it is run."""
        folders = [self.folder, *self.folder.parents][:_ABOVE]
        is_set = any((folder / _MARKER).exists() for folder in folders) and _VARIABLE not in os.environ
        return {_VARIABLE: "."} if is_set else {}

    def _candidate(self, written: str) -> Candidate | None:
        if self.root is None or written.partition(".")[0] not in self.tops:
            return None
        named = [one for one in self._recognised.candidates if one.target.partition(".")[2] == written]
        last = written.rpartition(".")[2]
        alike = [one for one in self._recognised.candidates if one.here.name == last]
        return named[0] if named else alike[0] if len(alike) == 1 else None

    @cached_property
    def _recognised(self) -> Recognised:
        assert self.root is not None
        return recognise(read_repository(Project.open(self.root)))


def _is_module(folder: Path, name: str) -> bool:
    if not name.isidentifier():
        return False
    inside = folder / name
    return (folder / f"{name}.py").is_file() or (inside.is_dir() and next(inside.rglob("*.py"), None) is not None)
