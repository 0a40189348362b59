"""The tree to a plan, and all that is wrong with the tree before any import."""

import builtins
from collections.abc import Iterator
from contextlib import suppress

from lighter.config.expressions import ENVIRONMENT, KNOWN, Expression, Imports, read_code
from lighter.config.interpolations import spelling_of
from lighter.config.key_path import KeyPath, Relative, text
from lighter.config.nodes import DEEPEST
from lighter.config.paths import path_at, path_keys
from lighter.config.plan import (
    MISTAKEN,
    Argument,
    Call,
    Constant,
    Evaluation,
    Import,
    Items,
    Later,
    Pairs,
    Plan,
    Use,
    is_switch,
    is_true,
)
from lighter.config.scalars import SWITCHES, WORDS_OF_YAML_1_1
from lighter.config.schema import Scope
from lighter.config.tree import (
    ARGS,
    CALLABLE,
    CHECK,
    DESCRIPTION,
    DISABLED,
    HELPED,
    MODE,
    MODES,
    REQUIRES,
    RESERVED,
    TARGET,
    Code,
    Entry,
    Mapping,
    Node,
    Reference,
    Scalar,
    Sequence,
    absent,
    children,
    find,
    levels,
    misspelt,
    one_level_down,
    or_text,
    walk,
)
from lighter.config.variables import variable_problems
from lighter.errors import LISTED, Edit, Mistake, Problem, nearest, respelt, suggestion

# What Hydra has beside a `_target_`, and what is written for it.
HYDRA_KEYS = {
    "_convert_": "leave it out: lists and mappings reach each call as plain ones",
    "_partial_": f"write '{MODE}: {CALLABLE}', which gives the callable with these arguments bound",
    "_recursive_": f"leave it out: what is below is built first; '{MODE}: {CALLABLE}' hands on a class unbuilt",
}
SHOWN = 60  # characters of an expression that a message repeats


def plan(
    tree: Mapping, scope: Scope, problems: list[Problem], known: Plan | None = None, *, is_kept: bool = False
) -> Plan:
    """What building the places of a scope takes; with `known`, only what that plan does not hold yet.

    With mistakes in it nothing is planned, so that nothing is built; `is_kept` keeps what is right, to be looked at.
    """
    before = len(problems)
    planner = _Planner(tree, scope, problems, known or Plan(scope, imports=_imports(tree)))
    # What is built later comes last: by then it may refer to what it belongs to.
    for place in (*scope.roots, *sorted(scope.later - scope.skipped)):
        planner.visit(place)
    if len(problems) > before and not is_kept:
        planner.forget()
    return planner.plan


def _imports(tree: Mapping) -> tuple[Import, ...]:
    """The import statements of a config, wherever they are: what they bind is known to every expression."""
    found: list[Import] = []
    for place, node in walk(tree):
        if isinstance(node, Code) and node.written.lstrip().startswith(("import ", "from ")):
            with suppress(SyntaxError):  # reported when the walk comes to it
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
        self._stack: list[tuple[KeyPath, Node, Iterator[tuple[KeyPath, Node]]]] = []
        self._active: dict[KeyPath, int] = {}  # a place on the stack, and where it is there
        self._finished_places: list[KeyPath] = []
        self._codes: dict[KeyPath, Expression | Imports | None] = {}
        self._bound = frozenset(name for step in known.imports for name, _ in step.code.binds)

    def visit(self, root: KeyPath) -> None:
        """Plans what is at a place, after all that it needs."""
        node = find(self.tree, root)
        if node is not None and root not in self.plan.values:
            self._open(root, node)
        while self._stack:
            place, node, needs = self._stack[-1]
            for below, needed in needs:
                if below in self._active:
                    self._report_circular(place, node, below)
                elif not self._is_settled(below, needed):
                    self._open(below, needed)
                    break
            else:
                self._stack.pop()
                del self._active[place]
                self._settle(place, self._finished(place, node))

    def _is_settled(self, place: KeyPath, node: Node) -> bool:
        """Whether a place has its value, or can have it at once: most of a config are plain values and references."""
        values = self.plan.values
        if place in values:
            return True
        if isinstance(node, Scalar):
            self._settle(place, Constant(node.value, node.written))
            return True
        target = node.target.seen_from(place) if isinstance(node, Reference) else None
        if target not in values:
            return False
        self._settle(place, values[target])
        return True

    def _settle(self, place: KeyPath, value: Argument) -> None:
        self.plan.values[place] = value
        self._finished_places.append(place)

    def forget(self) -> None:
        """Takes back what this walk has planned: with mistakes in it, nothing of it may be built."""
        for place in self._finished_places:
            del self.plan.values[place]
            self.plan.steps.pop(place, None)

    def _open(self, place: KeyPath, node: Node) -> None:
        self._active[place] = len(self._stack)
        self._stack.append((place, node, self._needs(place, node)))

    def _needs(self, place: KeyPath, node: Node) -> Iterator[tuple[KeyPath, Node]]:
        """The places that must be finished before this one."""
        if isinstance(node, Reference):
            yield from self._referred(node.target, place, node)
        elif isinstance(node, Code):
            code = self._codes[place] = self._read(place, node)
            for _, target in code.slots if isinstance(code, Expression) else ():
                yield from self._referred(target, place, node)
        else:
            disabled = node.get(DISABLED) if isinstance(node, Mapping) and node.is_call else None
            if disabled is not None:
                yield (*place, DISABLED), disabled
                if self._is_off(place, node):
                    return
            below = self._below(place, node)
            yield from ((at, n) for at, n in below if at not in self.scope.later) if self.scope.later else below

    def _below(self, place: KeyPath, node: Node) -> Iterator[tuple[KeyPath, Node]]:
        """What is in a list, mapping or call, without what is left out."""
        skipped = self.scope.skipped
        for key, below in children(node):
            at = (*place, key)
            if not skipped or at not in skipped:
                yield at, below

    def _is_off(self, place: KeyPath, node: Node) -> bool:
        """Whether a call is known not to be made: then it vanishes from the list, mapping or call it is in."""
        if not isinstance(node, Mapping) or not node.is_call or DISABLED not in node.entries:
            return False
        written = node.entries[DISABLED].value
        value = Constant(written.value) if isinstance(written, Scalar) else self.plan.values.get((*place, DISABLED))
        return isinstance(value, Constant) and is_switch(value.value) and is_true(value.value)

    def _referred(self, relative: Relative, place: KeyPath, node: Reference | Code) -> Iterator[tuple[KeyPath, Node]]:
        target = relative.seen_from(place)
        if target is None:
            self._report(f"'@{relative}' leads above the config", node, place, levels(place))
            return
        found = find(self.tree, target)
        if found is None:
            what, help = absent(self.tree, target, reported=len(self.problems))
            help = or_text(help, node.written) if isinstance(node, Reference) else help
            edit = misspelt(self.tree, target, node.position)
            self._report(what, node, place, help, code="reference", edit=edit)
        else:
            yield target, found

    def _read(self, place: KeyPath, node: Code) -> Expression | Imports | None:
        try:
            code = read_code(node.written)
        except SyntaxError as error:
            help = spelling_of(node.written, self.tree, place, is_python=False)
            what = f"'{_shown(node)}' is no Python expression: {error.msg}"
            self._report(what, node, place, help, code="expression")
            return None
        is_known = not isinstance(code, Expression) or not code.unknown(self._bound)
        if help := spelling_of(node.written, self.tree, place, is_known):
            what = f"'{_shown(node)}' is Python here, and that means something else"
            self._report(what, node, place, help, code="foreign")
            return None
        return code

    def _finished(self, place: KeyPath, node: Node) -> Argument:
        if isinstance(node, Scalar):
            return Constant(node.value, node.written)
        if isinstance(node, Reference):
            return self._at(node.target.seen_from(place))
        if isinstance(node, Code):
            return self._evaluation(place, node)
        if isinstance(node, Sequence):
            return self._measured(self._items(place, node), place, node)
        assert isinstance(node, Mapping), f"a macro was left at {text(place)}"
        if node.is_call:
            return self._call(place, node)
        parts = self._parts(place, node)
        return self._measured(Pairs(tuple((node.entries[k].key, part) for k, part in parts.items())), place, node)

    def _measured(self, made: Items | Pairs, place: KeyPath, node: Node) -> Argument:
        if made.depth <= DEEPEST:
            return made
        self._report(f"references make this nest more than {DEEPEST} levels deep", node, place, code="size")
        return MISTAKEN

    def _parts(self, place: KeyPath, node: Node) -> dict[str, Argument]:
        """What is in a list, mapping or call, by key."""
        parts = {at[-1]: self._part(at) for at, below in self._below(place, node) if not self._is_off(at, below)}
        for key in path_keys(place, node):
            path = path_at(self.tree, (*place, key)) if key in parts else None
            parts |= {key: Constant(path)} if path is not None else {}
        return parts

    def _items(self, place: KeyPath, node: Sequence) -> Items:
        parts = self._parts(place, node)
        above = find(self.tree, place[:-1])
        if place[-1:] != (ARGS,) or not isinstance(above, Mapping) or not above.is_call:
            return Items(tuple(parts.values()))
        # A disabled call in front of others keeps its place, until it is known whether they would mean something else.
        count = 1 + max(map(int, parts), default=-1)
        return Items(tuple(self._part((*place, str(index))) for index in range(count)), is_positional=True)

    def _part(self, place: KeyPath) -> Argument:
        if place in self.scope.later:
            return Later(place)
        value = self._at(place)
        return Use(place, own=True) if isinstance(value, Use) and value.place == place else value

    def _at(self, place: KeyPath | None) -> Argument:
        """What is at a place; not known where a mistake was reported."""
        return self.plan.values.get(place, MISTAKEN) if place is not None else MISTAKEN

    def _evaluation(self, place: KeyPath, node: Code) -> Argument:
        code = self._codes.pop(place)
        if code is None:
            return MISTAKEN
        if isinstance(code, Imports):
            self.plan.steps[place] = Import(place, code, node.position)
        else:
            self._check_names(code.unknown(self._bound), place, node)
            for problem in variable_problems(code) if ENVIRONMENT not in self._bound else ():
                self._report(problem.what, node, place, problem.help, code="environment")
            slots = {name: self._at(target.seen_from(place)) for name, target in code.slots}
            self.plan.steps[place] = Evaluation(place, code, slots, node.position)
        return Use(place)

    def _check_names(self, unknown: list[str], place: KeyPath, node: Code) -> None:
        for name in unknown[:LISTED]:
            what = f"the name '{name}' is not known in '{_shown(node)}'"
            otherwise = f"write '$import {name}' in a value of its own"
            if name.isupper() and node.written.strip() == name:
                otherwise = f"write \"${ENVIRONMENT}('{name}')\""
            self._report(what, node, place, self._near_name(name) or otherwise, code="expression")

    def _near_name(self, name: str) -> str:
        if len(self.problems) > HELPED:
            return ""
        from lighter.project.short_names import ALIASES  # only a mistake pays for it

        if full := ALIASES.get(name):
            is_known = full.partition(".")[0] in KNOWN
            return f"write '{full}'" if is_known else f"write '$import {full} as {name}' in a value of its own"
        at = (name,) if name in self.tree.entries else one_level_down(self.tree, (name,))
        near = f"@{text(at)}" if at else nearest(name, (*self._bound, *KNOWN, *dir(builtins)))
        return f"did you mean '{near}'?" if near else ""

    def _call(self, place: KeyPath, node: Mapping) -> Argument:
        is_off = self._is_off(place, node)
        self.problems.extend(malformed(place, node) if not is_off else ())
        part = self._parts(place, node) if not is_off else {DISABLED: Constant(True)}
        part.pop(DESCRIPTION, None)
        checked = part.pop(CHECK, Constant(True))
        self._check_switch(DISABLED, part.get(DISABLED, Constant(False)), place, node)
        self._check_switch(CHECK, checked if isinstance(checked, Constant) else Constant("an expression"), place, node)
        none = Constant(None)
        self.plan.steps[place] = Call(
            place,
            part.get(TARGET, none),
            part.get(ARGS, Items(())),
            {key: value for key, value in part.items() if key not in RESERVED},
            part.get(MODE, none),
            part.get(DISABLED, none),
            part.get(REQUIRES, none),
            not isinstance(checked, Constant) or is_true(checked.value),
            tuple(part.values()),
            node,
        )
        return Use(place)

    def _check_switch(self, key: str, value: Argument, place: KeyPath, node: Mapping) -> None:
        """Whether a plain value is either true or false; of `_disabled_` a text counts as MONAI reads it."""
        if isinstance(value, Constant) and not is_switch(value.value):
            meant = _SWITCHES.get(str(value.value).lower(), "")
            what = f"'{key}' takes true or false, not '{value.value}'"
            written, help = node.entries[key].value, f"write {meant or 'true or false'}"
            edit = Edit(written.position, str(value.value), meant) if meant else None
            self._report(what, written, (*place, key), help, edit=edit)

    def _report_circular(self, place: KeyPath, node: Node, below: KeyPath) -> None:
        around = [at for at, _, _ in self._stack[self._active[below] :] if at]
        shown = around if len(around) <= LISTED else [*around[: LISTED // 2], ("...",), *around[-LISTED // 2 :]]
        chain = " -> ".join(f"'{text(p)}'" for p in (*shown, below) if p).replace("'...'", "...")
        self._report(f"circular references: {chain}", node, place, code="circle")

    def _report(
        self,
        what: str,
        node: Node,
        place: KeyPath,
        help: str = "",
        *,
        code: Mistake = "reference",
        edit: Edit | None = None,
    ) -> None:
        self.problems.append(Problem(what, node.position, text(place), help, code=code, edit=edit))


_SWITCHES = {
    "1": "true",
    "0": "false",
    **{word: meant for word, meant in WORDS_OF_YAML_1_1.items() if meant in SWITCHES},
}


def _shown(code: Code) -> str:
    return f"${code.written}" if len(code.written) < SHOWN else f"${code.written[:SHOWN]}..."


def malformed(place: KeyPath, node: Mapping) -> Iterator[Problem]:
    """The mistakes in the keys of a call, and in the values of those that are reserved."""
    for key, entry in node.entries.items():
        yield from _key(key, entry, text((*place, key))) if not entry.inherited else ()
    yield from _target(node.entries[TARGET].value, text((*place, TARGET)))
    mode, args = node.get(MODE), node.get(ARGS)
    if isinstance(mode, Scalar) and mode.value not in MODES:
        what = f"'{mode.value}' is no mode of a call"
        edit = respelt(str(mode.value), MODES, mode.position)
        yield Problem(what, mode.position, text((*place, MODE)), suggestion(str(mode.value), MODES), edit=edit)
    if isinstance(args, Scalar) or (isinstance(args, Mapping) and not args.is_call):
        yield Problem(f"'{ARGS}' takes a list", args.position, text((*place, ARGS)), f"write '{ARGS}: [first, second]'")


def _key(key: str, entry: Entry, place: str) -> Iterator[Problem]:
    if not isinstance(entry.key, str):
        help = f"write '\"{key}\": ...'" if key.isidentifier() else f"arguments without a name go in '{ARGS}: [...]'"
        yield Problem(f"{entry.key!r} is no name of an argument", entry.position, place, help)
    elif key in HYDRA_KEYS:
        yield Problem(f"'{key}' is a key of Hydra's", entry.position, place, HYDRA_KEYS[key], code="foreign")


def _target(target: Node, place: str) -> Iterator[Problem]:
    is_other = isinstance(target, Sequence) or (isinstance(target, Mapping) and not target.is_call)
    if is_other or (isinstance(target, Scalar) and not isinstance(target.value, str)):
        what = f"'{TARGET}' takes the name of a class or a function"
        yield Problem(what, target.position, place, f"write '{TARGET}: module.Class'")
