"""The tree to a plan: what is built, in which order, and all that is wrong with it before any import."""

import builtins
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from lighter.config.arguments import Argument, Constant, Items, Later, Pairs, Use
from lighter.config.expressions import KNOWN, Expression, Imports, read_code
from lighter.config.lookup import absent
from lighter.config.paths import Path, text
from lighter.config.schema import Scope
from lighter.config.tree import (
    ARGS,
    DESCRIPTION,
    DISABLED,
    MODE,
    MODES,
    REQUIRES,
    RESERVED,
    TARGET,
    Code,
    Macro,
    Mapping,
    Node,
    Reference,
    Scalar,
    Sequence,
    children,
    find,
    walk,
)
from lighter.errors import Problem, nearest, suggestion
from lighter.source import Position

__all__ = ["Call", "Evaluation", "Import", "Plan", "Step", "plan"]


@dataclass(frozen=True, slots=True)
class Call:
    """A `_target_` with its arguments."""

    place: Path
    target: Argument
    positional: Argument
    keywords: dict[str, Argument]
    mode: Argument
    disabled: Argument
    requires: Argument
    node: Mapping

    @property
    def position(self) -> Position:
        """Where the target is written."""
        return self.node.entries[TARGET].value.position


@dataclass(frozen=True, slots=True)
class Evaluation:
    """An expression, each of its slots filled from a place."""

    place: Path
    expression: Expression
    slots: dict[str, Argument]
    position: Position


@dataclass(frozen=True, slots=True)
class Import:
    """An import statement, whose names are known to all expressions."""

    place: Path
    code: Imports
    position: Position


Step = Call | Evaluation | Import


@dataclass(slots=True)
class Plan:
    """Steps in an order in which each finds what it needs; `values` says what stands at every place looked at."""

    scope: Scope
    steps: dict[Path, Step] = field(default_factory=dict)
    values: dict[Path, Argument] = field(default_factory=dict)
    imports: tuple[Import, ...] = ()


def plan(tree: Mapping, scope: Scope, problems: list[Problem], known: Plan | None = None) -> Plan:
    """What building the places of a scope takes; with `known`, only what that plan does not hold yet."""
    told = len(problems)
    planner = _Planner(tree, scope, problems, known or Plan(scope, imports=_imports(tree)))
    # What is built later comes last: by then it may refer to what it belongs to.
    for place in (*scope.roots, *sorted(scope.later - scope.skipped)):
        planner.visit(place)
    if len(problems) > told:
        planner.forget()
    return planner.plan


def _imports(tree: Mapping) -> tuple[Import, ...]:
    """The import statements of a config, wherever they stand: what they bind is known to every expression."""
    found: list[Import] = []
    for place, node in walk(tree):
        if isinstance(node, Code) and node.written.lstrip().startswith(("import ", "from ")):
            with suppress(SyntaxError):  # told when the walk comes to it
                code = read_code(node.written)
                if isinstance(code, Imports):
                    found.append(Import(place, code, node.position))
    return tuple(found)


class _Planner:
    """One walk, depth first with its own stack: a chain of references may be longer than Python's."""

    def __init__(self, tree: Mapping, scope: Scope, problems: list[Problem], known: Plan) -> None:
        self.tree = tree
        self.scope = scope
        self.problems = problems
        self.plan = known
        self._active: dict[Path, Node] = {}
        self._finished_places: list[Path] = []
        self._codes: dict[Path, Expression | Imports | None] = {}
        self._bound = frozenset(name for step in known.imports for name, _ in step.code.binds)

    def visit(self, root: Path) -> None:
        node = find(self.tree, root)
        if node is None or root in self.plan.values:
            return
        stack = [(root, node, self._open(root, node))]
        while stack:
            place, node, needs = stack[-1]
            for below, needed in needs:
                if below in self.plan.values:
                    continue
                if below in self._active:
                    self._circle(place, node, below)
                    continue
                stack.append((below, needed, self._open(below, needed)))
                break
            else:
                stack.pop()
                del self._active[place]
                self.plan.values[place] = self._finished(place, node)
                self._finished_places.append(place)

    def forget(self) -> None:
        """Takes back what this walk has planned: with mistakes in it, nothing of it may be built."""
        for place in self._finished_places:
            del self.plan.values[place]
            self.plan.steps.pop(place, None)

    def _open(self, place: Path, node: Node) -> Iterator[tuple[Path, Node]]:
        self._active[place] = node
        return self._needs(place, node)

    def _needs(self, place: Path, node: Node) -> Iterator[tuple[Path, Node]]:
        """The places that must be finished before this one."""
        if isinstance(node, Reference):
            yield from self._referred(node.target.seen_from(place), node.written, place, node)
        elif isinstance(node, Code):
            code = self._codes[place] = self._read(place, node)
            for _, target in code.slots if isinstance(code, Expression) else ():
                yield from self._referred(target.seen_from(place), f"@{text(target.keys)}", place, node)
        else:
            for key, below in children(node):
                at = (*place, key)
                if at not in self.scope.skipped and at not in self.scope.later:
                    yield at, below

    def _referred(self, target: Path | None, written: str, place: Path, node: Node) -> Iterator[tuple[Path, Node]]:
        if target is None:
            self._problem(f"'{written}' leads above the config", node, place)
            return
        found = find(self.tree, target)
        if found is None:
            what, help = absent(self.tree, target)
            self._problem(what, node, place, help)
        else:
            yield target, found

    def _read(self, place: Path, node: Code) -> Expression | Imports | None:
        try:
            return read_code(node.written)
        except SyntaxError as error:
            self._problem(f"'${node.written}' is no Python expression: {error.msg}", node, place)
            return None

    def _finished(self, place: Path, node: Node) -> Argument:
        values = self.plan.values
        if isinstance(node, Scalar):
            return Constant(node.value)
        if isinstance(node, Reference):
            return values.get(node.target.seen_from(place) or (), Constant(None))
        if isinstance(node, Code):
            return self._evaluation(place, node)
        if isinstance(node, Sequence):
            return Items(tuple(self._value((*place, str(i))) for i in range(len(node.items))))
        assert isinstance(node, Mapping), f"a macro was left at {text(place)}"
        if node.is_call:
            return self._call(place, node)
        at = {key: (*place, key) for key in node.entries if (*place, key) not in self.scope.skipped}
        return Pairs(tuple((node.entries[key].key, self._value(below)) for key, below in at.items()))

    def _value(self, place: Path) -> Argument:
        if place in self.scope.later:
            return Later(place)
        return self.plan.values.get(place, Constant(None))

    def _evaluation(self, place: Path, node: Code) -> Argument:
        code = self._codes.pop(place)
        if code is None:
            return Constant(None)
        if isinstance(code, Imports):
            self.plan.steps[place] = Import(place, code, node.position)
        else:
            for name in code.unknown(self._bound):
                known = (*self._bound, *KNOWN, *dir(builtins))
                help = suggestion(name, known) if nearest(name, known) else f"write '$import {name}' somewhere"
                self._problem(f"the name '{name}' is not known in '${node.written}'", node, place, help)
            at = {name: target.seen_from(place) for name, target in code.slots}
            slots = {name: self.plan.values.get(path or (), Constant(None)) for name, path in at.items()}
            self.plan.steps[place] = Evaluation(place, code, slots, node.position)
        return Use(place)

    def _call(self, place: Path, node: Mapping) -> Argument:
        self._check_call(place, node)
        skipped = self.scope.skipped
        part = {key: self._value((*place, key)) for key in node.entries if (*place, key) not in skipped}
        none = Constant(None)
        keywords = {key: value for key, value in part.items() if key not in RESERVED}
        self.plan.steps[place] = Call(
            place,
            part[TARGET],
            part.get(ARGS, Items(())),
            keywords,
            part.get(MODE, none),
            part.get(DISABLED, none),
            part.get(REQUIRES, none),
            node,
        )
        return Use(place)

    def _check_call(self, place: Path, node: Mapping) -> None:
        for key, entry in node.entries.items():
            if not isinstance(entry.key, str):
                help = f"write '{key}' as text" if str(entry.key).isidentifier() else ""
                self._problem(f"the argument name {entry.key!r} is no text", entry.value, (*place, key), help)
            elif key.startswith("_") and key.endswith("_") and key not in RESERVED and len(key) > 2:
                at = Problem(f"'{key}' is no reserved key", entry.position, text((*place, key)), suggestion(key, RESERVED))
                self.problems.append(at)
        mode, args = node.get(MODE), node.get(ARGS)
        if isinstance(mode, Scalar) and mode.value not in MODES:
            self._problem(f"'{mode.value}' is no mode", mode, (*place, MODE), suggestion(str(mode.value), MODES))
        if args is not None and isinstance(args, (Scalar, Mapping)) and not getattr(args, "is_call", False):
            self._problem(f"'{ARGS}' takes a list", args, (*place, ARGS), "write '_args_: [first, second]'")

    def _circle(self, place: Path, node: Node, below: Path) -> None:
        around = list(self._active)
        chain = " -> ".join(f"'{text(p)}'" for p in (*around[around.index(below) :], below) if p)
        self._problem(f"references lead in a circle: {chain}", node, place)

    def _problem(self, what: str, node: Node, place: Path, help: str = "") -> None:
        self.problems.append(Problem(what, node.position, text(place), help))
