"""Config: sources composed to one tree, checked, and built on demand."""

from collections.abc import Mapping as AbstractMapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path as FilePath
from typing import Any

from lighter.config.composing import CONFIG_FILE, Given, compose, is_override
from lighter.config.dumping import dump, plain
from lighter.config.lookup import absent
from lighter.config.paths import parse_path
from lighter.config.planning import Plan, plan
from lighter.config.requirements import requirements
from lighter.config.schema import PROJECT, Scope, scope, with_defaults
from lighter.config.tree import Mapping, Scalar, find
from lighter.errors import ConfigError, Problem
from lighter.stages import Stage

__all__ = ["Config"]


class Config:
    """A config: any mapping in Lighter's language. What it builds, it builds once."""

    def __init__(self, mapping: AbstractMapping[str, object] | None = None) -> None:
        self._sources: tuple[Given, ...] = (mapping or {},)
        self._composed = compose(self._sources)

    @classmethod
    def load(cls, *sources: Given) -> "Config":
        """Files, run directories, mappings and `id=value` overrides, later over earlier. Raises ConfigError."""
        config = cls.__new__(cls)
        config._sources = sources
        config._composed = compose(sources)
        return config

    @cached_property
    def name(self) -> str:
        """What its runs are called: the file's name; for a `config.yaml` and in a run folder, the folder's."""
        path = self._first_path
        if path is None:
            return "run"
        path = path.resolve()
        return path.parent.name if path.is_dir() or path.name == CONFIG_FILE else path.stem

    @cached_property
    def run_folder(self) -> str | None:
        """The run directory that is the first source, or None."""
        path = self._first_path
        return str(path) if path is not None and path.is_dir() else None

    @property
    def _first_path(self) -> FilePath | None:
        paths = (s for s in self._sources if not isinstance(s, AbstractMapping) and not is_override(str(s)))
        return next(map(FilePath, paths), None)

    @property
    def tree(self) -> Mapping:
        """The composed tree, every value with its place."""
        return self._composed.tree

    def __getitem__(self, id: str) -> Any:
        """The value at a place as it is written, nothing built. Raises KeyError with the nearest place."""
        node = find(self.tree, parse_path(id))
        if node is None:
            what, help = absent(self.tree, parse_path(id))
            raise KeyError(f"{what}; {help}" if help else what)
        return plain(node)

    def __contains__(self, id: str) -> bool:
        return find(self.tree, parse_path(id)) is not None

    def get(self, id: str, default: Any = None) -> Any:
        """The value at a place as it is written, or the default."""
        node = find(self.tree, parse_path(id))
        return default if node is None else plain(node)

    def dump(self) -> str:
        """The composed config as YAML that runs again."""
        return dump(self.tree)

    def check(self, stage: Stage | str | None = None) -> list[Problem]:
        """All mistakes that can be told without building; with a stage, those of a run as well.

        The targets are imported, and only if nothing was wrong before that.
        """
        stage = Stage(stage) if stage is not None else None
        return self.check_structure(stage) or self.check_calls(stage)

    def check_structure(self, stage: Stage | None = None) -> list[Problem]:
        """The first check: keys, references, expressions, what the stage needs; imports nothing."""
        problems = requirements(self.tree, stage) if stage is not None else []
        everything = scope(self.tree, None) if stage is not None else Scope()
        plan(self._tree(stage), Scope((*everything.roots, ()), later=everything.later), problems)
        return self._located(problems)

    def check_calls(self, stage: Stage | None = None) -> list[Problem]:
        """The second check: targets and their arguments; imports what the stage builds."""
        from lighter.config.checking import check_calls

        return self._located(check_calls(self.plan(stage), self.project))

    def plan(self, stage: Stage | None = None) -> Plan:
        """What a stage builds, or all of the config. Raises ConfigError."""
        problems: list[Problem] = []
        tree = self._tree(stage)
        planned = plan(tree, scope(tree, stage) if stage is not None else Scope(), problems)
        if problems:
            raise ConfigError(self._located(problems))
        return planned

    def resolve(self, id: str = "") -> Any:
        """What stands at a place, built. Raises ConfigError, or what the user's own code raises."""
        place = parse_path(id)
        if find(self.tree, place) is None:
            what, help = absent(self.tree, place)
            raise ConfigError([Problem(what, help=help)])
        problems: list[Problem] = []
        plan(self.tree, Scope((place,)), problems, self._builder.plan)
        if problems:
            raise ConfigError(self._located(problems))
        return self._builder.build(place)

    @cached_property
    def project(self) -> Any:
        """The folder that `project:` names, or None."""
        from lighter.utils.dynamic_imports import Project

        node = self.tree.get(PROJECT)
        if not isinstance(node, Scalar) or not isinstance(node.value, str):
            return None
        return Project.open(node.position.source.folder / node.value)

    @cached_property
    def _builder(self) -> Any:
        from lighter.config.building import Builder

        return Builder(plan(self.tree, Scope(()), []), self.project)

    def _tree(self, stage: Stage | None) -> Mapping:
        return with_defaults(self.tree) if stage is not None else self.tree

    def _located(self, problems: list[Problem]) -> list[Problem]:
        """The same problems; those in a copied piece also name the macro that copied it."""
        return [replace(p, also=(*p.also, *self._copied(p.place))) for p in problems]

    def _copied(self, place: str) -> tuple[tuple[str, Any], ...]:
        if not self._composed.copies:
            return ()
        path = parse_path(place) if place else ()
        depths = range(len(path), 0, -1)
        found = next((self._composed.copies[path[:d]] for d in depths if path[:d] in self._composed.copies), None)
        return (("copied here", found),) if found is not None else ()
