"""Config: sources composed to one tree, checked, and built on demand."""

import logging
from collections.abc import Iterable, Iterator
from collections.abc import Mapping as AbstractMapping
from contextlib import contextmanager
from copy import copy
from functools import cached_property
from itertools import chain
from os import PathLike
from reprlib import Repr
from typing import TYPE_CHECKING, Any

from lighter.config.checks.once import besides, once
from lighter.config.checks.requirements import of_stage, project_of, project_problems, structural
from lighter.config.composing import Given, compose, first_path, is_override, run_name
from lighter.config.dumping import dump, plain, portable
from lighter.config.former_reading import told
from lighter.config.imports import import_problems
from lighter.config.key_path import KeyPath, parse_path, text
from lighter.config.plan import Plan
from lighter.config.planning import plan
from lighter.config.run_folder import RunFolder, run_folder
from lighter.config.schema import PLUGINS, RUN_FOLDER, Scope, scope, stage_named
from lighter.config.tree import Mapping, absence, named, position_at
from lighter.errors import ConfigError, Position, Problem, Source
from lighter.project.libraries import is_librarys
from lighter.training.stages import Stage

if TYPE_CHECKING:
    from lighter.config.allowlist.allowed import Allowed
    from lighter.config.building import Builder
    from lighter.config.imported import Imports
    from lighter.project.registry import Registry

Allow = str | Iterable[str]

_LOGGER = logging.getLogger("lighter")
_SHORT = Repr()
_SHORT.maxstring = _SHORT.maxother = 100


class Config:
    """A config: any mapping in Lighter's language, read and composed, and built on demand, each object once.

    Args:
        sources: paths of files (YAML or JSON) and of run folders, `id=value` overrides, and mappings; later ones
            override earlier ones.
        allow: packages, as a list or with commas between, for a config that you do not trust: nothing else is built.
            Absolute paths among them are files and folders that it may name. None limits nothing.

    Raises:
        ConfigError: a source cannot be read, or is wrong as it is written.
        TypeError: a source is of another kind.
        UsageError: what `allow` lists is no name of a package.
    """

    def __init__(self, *sources: Given, allow: Allow | None = None) -> None:
        for source in sources:
            if not isinstance(source, (str, PathLike, AbstractMapping, Mapping)):
                raise TypeError(f"a config is made of paths, mappings and 'id=value' texts, not of {source!r}")
        self.given = sources
        self._allow = None if allow is None else _read_allow(allow)
        self._composed = compose(sources, self._allow)

    @classmethod
    def load(cls, *sources: Given, allow: Allow | None = None) -> "Config":
        """The same as `Config(*sources, allow=allow)`."""
        return cls(*sources, allow=allow)

    def __repr__(self) -> str:
        return f"Config({', '.join(map(_SHORT.repr, self.given))})"

    def __getstate__(self) -> dict[str, object]:
        # A copy has the same tree and builds its own objects.
        return {"given": self.given, "_composed": self._composed, "_allow": self._allow}

    def __deepcopy__(self, memo: dict[int, object]) -> "Config":
        # The tree never changes, so both may have it.
        return copy(self)

    @cached_property
    def name(self) -> str:
        """What its runs are called: the file's name; for a `config.yaml` and in a run folder, the folder's."""
        return run_name(first_path(self.given))

    @cached_property
    def run_folder(self) -> str | None:
        """The run directory that is the first source, or None."""
        path = first_path(self.given)
        return str(path) if path is not None and path.is_dir() else None

    @property
    def files(self) -> tuple[Source, ...]:
        """The files that it is composed of, with their texts as they were read: also bases, and files in macros."""
        return self._composed.files

    @property
    def tree(self) -> Mapping:
        """The composed tree, every value with its place."""
        return self._composed.tree

    @cached_property
    def portable(self) -> Mapping:
        """The tree as it is written down, without secrets, and without arguments that replaced targets have left over.

        Only where a replaced target has left some is what took its place imported. Raises ConfigError.
        """
        return portable(self._effective)

    @property
    def spellings(self) -> tuple[Problem, ...]:
        """What is written as a former Lighter had it, each place with what is written now, and its edit."""
        return self._composed.notes

    @property
    def notes(self) -> tuple[str, ...]:
        """A line for each argument that a replaced target has left over and the new one does not take."""
        return self._without_stale[1]

    def __getitem__(self, id: str) -> Any:
        """The value at a place as it is written, nothing built: `config["system::optimizer::lr"]`.

        Raises:
            KeyError: there is no such place; the message has the nearest.
        """
        node = named(id, self.tree)
        if node is None:
            problem = absence(id, self.tree)
            raise KeyError(f"{problem.what}; {problem.help}" if problem.help else problem.what)
        return plain(node)

    def __contains__(self, id: str) -> bool:
        return named(id, self.tree) is not None

    def get(self, id: str, default: Any = None) -> Any:
        """The value at a place as it is written, or the default where there is no such place."""
        node = named(id, self.tree)
        return default if node is None else plain(node)

    def dump(self, id: str = "", origins: bool = False, is_ascii: bool = False, defaults: bool = False) -> str:
        """The composed config as YAML that runs again, without secrets.

        Args:
            id: the place to write; all of it if it is left out.
            origins: whether a comment beside each value names the places that it came from, oldest first.
            is_ascii: whether all that is not ASCII is written as YAML's escapes.
            defaults: whether each call has, as comments, the arguments that it leaves to their defaults. Their targets
                are imported for that.

        Raises:
            ConfigError: there is no such place, or a target that replaces another one cannot be imported.
        """
        tree = self.portable
        node = named(id, tree)
        if node is None:
            raise ConfigError([absence(id, tree)])
        if not origins and not defaults:
            return dump(node, is_ascii)
        from lighter.config import origins as places

        below = parse_path(id)
        chains = places.origins(tree, self._composed.copies, below) if origins else {}
        text = places.annotated(node, chains, is_ascii)
        if not defaults:
            return text
        from lighter.config import defaults as calls

        with self.serving():
            return calls.annotated(node, text, calls.defaults(tree, self.target, below), is_ascii)

    def limited(self, allow: Allow | None) -> "Config":
        """The same config, read again and limited to these packages; `allow` as for `Config`.

        Raises:
            UsageError: what it lists is no name of a package.
            ConfigError: the config names a file elsewhere.
        """
        if allow is None:
            return self
        names = _read_allow(allow)
        if names not in self._limited:
            self._limited[names] = Config(*self.given, allow=names)
        return self._limited[names]

    @cached_property
    def named_folder(self) -> RunFolder | None:
        """The folder of its runs that `run::dir` names, or None. Raises ConfigError."""
        overrides = (source for source in self.given if isinstance(source, str) and is_override(source))
        folder = run_folder(self.tree, self.name, overrides)
        if folder is not None and self.is_limited:  # the values in its name, too, may lead along a link
            from lighter.config.allowlist.checking import refused_folder

            if (refusal := refused_folder(str(folder.path()))) is not None:
                raise ConfigError([refusal.problem(position_at(self.tree, RUN_FOLDER), text(RUN_FOLDER))])
        return folder

    @property
    def run_dir(self) -> str | None:
        """The same where it is one folder; None where each run gets another. Raises ConfigError."""
        folder = self.named_folder
        return None if folder is None or folder.is_new else str(folder.path())

    def check(self, stage: Stage | str | None = None, allow: Allow | None = None) -> list[Problem]:
        """All mistakes that show before anything is built. The targets are imported, and not called.

        Args:
            stage: what is to run; without it the config is checked as a plain mapping.
            allow: as for `Config`.

        Returns:
            The mistakes, each with `what`, `position`, `place` and `help`; empty where there are none.
        """
        if allow is not None:
            return self.limited(allow).check(stage)
        return self.check_for((stage_named(stage) if stage is not None else None,))

    def check_for(self, stages: Iterable[Stage | None]) -> list[Problem]:
        """All mistakes for several stages, each told once, and of the second check none that may hang on the first."""
        stages = tuple(stages)
        first = [problem for stage in stages for problem in self.check_structure(stage)]
        if first and self.is_limited:  # of which nothing is imported that may not be what it seems
            return once(first)
        return once([*first, *besides((p for stage in stages for p in self.check_calls(stage)), first)])

    def check_structure(self, stage: Stage | None = None) -> list[Problem]:
        """The first check: keys, references, expressions, what the stage needs; imports nothing."""
        found = [*told(self.spellings), *self._composed.located(structural(self.tree, stage))]
        return self._without_warnings(found)

    def check_calls(self, stage: Stage | None = None) -> list[Problem]:
        """The second check: targets and their arguments; imports what the stage builds.

        Where the project or an import is not there, what may be of it is passed over.
        """
        from lighter.config.checks.calls import check_calls

        problems: list[Problem] = []
        try:
            tree = of_stage(self._effective, stage)
            planned = self._planned(tree, stage, problems)
            if problems and self.is_limited:
                return self._composed.located(problems)
            lacking = [*project_problems(self.tree), *import_problems(self.tree)]
            if lacking:
                found = check_calls(planned, tree, None, is_open=is_librarys)
                return self._without_warnings(self._composed.located([*lacking, *problems, *found]))
            with self.serving():
                lacking = self.imports.problems()
                refused = self._refused(planned, tree)
                found = [*lacking, *problems, *chain(*refused.values())]
                is_open = is_librarys if lacking else None
                found += check_calls(planned, tree, self._importable, refused, is_open=is_open)
                return self._without_warnings(self._composed.located(found))
        except ConfigError as error:
            return [*self._composed.located(problems), *error.problems]

    def check_places(self, ids: Iterable[str]) -> list[Problem]:
        """All mistakes in what building these places takes; what else the config holds is passed over."""
        from lighter.config.checks.calls import check_calls

        problems: list[Problem] = []
        tree, places = self._effective, tuple(map(parse_path, ids))
        planned = plan(tree, Scope(places), problems, is_kept=True)
        if problems and self.is_limited:
            return self._composed.located(problems)
        with self.serving():
            refused = self._refused(planned, tree)
            found = [*self.imports.problems(), *problems, *chain(*refused.values())]
            found += check_calls(planned, tree, self._importable, refused)
            return self._without_warnings(self._composed.located(found))

    def _planned(self, tree: Mapping, stage: Stage | None, problems: list[Problem]) -> Plan:
        """What a stage builds, as far as that is without mistakes."""
        built = scope(tree, stage) if stage is not None else Scope(later=scope(tree, None).later)
        return plan(tree, built, problems, is_kept=True)

    def _without_warnings(self, problems: list[Problem]) -> list[Problem]:
        """The mistakes among what was found; a warning is told once, whatever is checked again."""
        for problem in problems:
            if problem.is_warning and (key := (problem.what, problem.position)) not in self._warnings:
                self._warnings[key] = problem
                _LOGGER.warning("%s", problem)
        return [problem for problem in problems if not problem.is_warning]

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What the checks so far took for a likely mistake, though it may well run."""
        return tuple(self._warnings.values())

    @cached_property
    def _warnings(self) -> dict[tuple[object, ...], Problem]:
        return {}

    def plan(self, stage: Stage | None = None) -> Plan:
        """What a stage builds, or all of the config. Raises ConfigError."""
        problems: list[Problem] = []
        planned = self._planned(of_stage(self._effective, stage), stage, problems)
        if problems:
            raise ConfigError(self._composed.located(problems))
        return planned

    def builder(self, stage: Stage | None = None) -> "Builder":
        """What builds all that a stage needs, as it is asked for. Raises ConfigError."""
        return self._builder_of(self.plan(stage))

    def resolve(self, id: str = "", allow: Allow | None = None) -> Any:
        """What is at a place, built: `config.resolve("system::model")`. Asked again, it is the same object.

        Args:
            id: the place; all of the config if it is left out.
            allow: as for `Config`.

        Raises:
            ConfigError: there is no such place, or something that it needs is wrong.
            Exception: what your own code raises while it is built, with a note of the place.
        """
        if allow is not None:
            return self.limited(allow).resolve(id)
        tree = self._effective
        if named(id, tree) is None:
            raise ConfigError([absence(id, tree)])
        place = parse_path(id)
        problems: list[Problem] = []
        plan(tree, Scope((place,)), problems, self._builder.plan)
        if problems:
            raise ConfigError(self._composed.located(problems))
        with self.serving():
            self.imports.load()
            if refused := self._refused(self._builder.plan, tree, place):
                raise ConfigError(self._composed.located([*chain(*refused.values())]))
            return self._builder.held(place)

    def target(self, name: str, position: Position, place: str = "") -> object:
        """What a `_target_` of this name names, imported and not called; `position` and `place` say where it stands.

        Raises ConfigError where it cannot be had.
        """
        from lighter.config.failures import Failed, located

        if self._allowed is not None and (refusal := self._allowed.name(name, is_target=True)) is not None:
            raise ConfigError([refusal.problem(position, place)])
        with self.serving():
            self.imports.load()
            found = located(name, self._importable, is_target=True)
        if isinstance(found, Failed):
            raise ConfigError([found.problem(position, place)])
        return found

    @cached_property
    def components(self) -> "Registry":
        """What only this config knows as `kind/name`, over what the process has registered."""
        from lighter.project.registry import Registry, current

        return Registry(current())

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Lets the project's and the imports' modules be had inside; after it, while something built here lives.

        Raises ConfigError where a module of plugins cannot be imported.
        """
        with self._serving():
            if PLUGINS in self.tree.entries:
                from lighter.config.plugin_schema import import_problems

                if problems := import_problems(self.tree, self._importable, self.is_limited):
                    raise ConfigError(self._composed.located(problems))
            yield

    @contextmanager
    def _serving(self) -> Iterator[None]:
        from lighter.project.importable import importable
        from lighter.project.registry import using

        with importable(self._importable, self.imports.modules), using(self.components):
            yield

    @cached_property
    def imports(self) -> "Imports":
        """The modules that `imports` names. Raises ConfigError."""
        from lighter.config.imported import Imports

        return Imports.of(self.tree, self._allowed.trusts if self._allowed is not None else None)

    @cached_property
    def project(self) -> Any:
        """The folder that `project:` names, or None. Raises ConfigError where there is no such folder."""
        return project_of(self.tree)

    @cached_property
    def _builder(self) -> "Builder":
        return self._builder_of(plan(self._effective, Scope(()), []))

    def _builder_of(self, planned: Plan) -> "Builder":
        from lighter.config.building import Builder

        return Builder(planned, self._importable, self._allowed, served=self.imports.modules)

    @property
    def is_limited(self) -> bool:
        """Whether only what a list allows may be built."""
        return self._allow is not None

    @cached_property
    def _limited(self) -> dict[tuple[str, ...], "Config"]:
        return {}

    @cached_property
    def _allowed(self) -> "Allowed | None":
        if self._allow is None:
            return None
        from lighter.config.allowlist.allowed import Allowed

        return Allowed.of(self._allow, self.project, [one.path for one in self.files if one.path is not None])

    @property
    def _importable(self) -> Any:
        """The project, if it is not one that a limited config may not import."""
        return self.project if self._allowed is None else self._allowed.project

    def _refused(self, planned: Plan, tree: Mapping, place: KeyPath | None = None) -> dict[KeyPath, list[Problem]]:
        """What a limited config may not build of a plan, or of what one place takes."""
        if self._allowed is None:
            return {}
        from lighter.config.allowlist.checking import refused

        return refused(planned, tree, self._allowed, None if place is None else {place, *self._builder.needed(place)})

    @property
    def _effective(self) -> Mapping:
        """The tree as it is built: without the arguments that replaced targets have left over."""
        return self._without_stale[0]

    @cached_property
    def _without_stale(self) -> tuple[Mapping, tuple[str, ...]]:
        """The same tree, and a note for each argument left out; only then are the new targets imported."""
        if not self.tree.inherits:
            return self.tree, ()
        from lighter.config.checks.stale_arguments import without_stale
        from lighter.config.failures import located

        def target_of(name: str) -> object:
            if self._allowed is not None and self._allowed.name(name, is_target=True) is not None:
                return None
            with self._serving():
                return located(name, self._importable, is_target=True)

        tree, notes = without_stale(self.tree, target_of)
        for note in notes:
            _LOGGER.warning(note)
        return tree, notes


def _read_allow(allow: Allow) -> tuple[str, ...]:
    from lighter.config.allowlist.allowed import read_allow

    return read_allow(allow)
