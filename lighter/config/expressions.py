"""`$code`: Python expressions with references inside, and import statements; read once, run when their turn comes."""

import ast
import builtins
import re
import symtable
from collections.abc import Callable, Iterator
from functools import cached_property
from types import CodeType
from typing import Final, NamedTuple

from lighter.config.key_path import KeyPath, Relative, parse_relative

# Known to every expression, imported only when one names it.
ENVIRONMENT = "env"
_MODULES = {"torch": "torch", "np": "numpy", "numpy": "numpy", "math": "math", "monai": "monai"}
KNOWN = {**_MODULES, ENVIRONMENT: "lighter.config.variables.env"}
_BUILTINS = frozenset(dir(builtins))
LONGEST = 100_000  # characters; what is longer is data, and belongs in a file
_FILE = "<config>"
_SLOT = "__place_{}__"
_BRACE = re.compile(r"[{}]")
# Where a name may be an attribute or a variable of the code's own; without any of these the compiler knows the names.
_SCOPES = re.compile(r"\.|:=|\b(?:lambda|for)\b")
# A string literal, or a reference. A literal without an end reaches to where it must end: no text is searched twice.
_PIECE = re.compile(
    r"""
    (?P<prefix>\b[rRbBuUfFtT]{1,2})?
    (?P<string>
        '{3}(?:[^\\]|\\.)*?(?:'{3}|\Z) | "{3}(?:[^\\]|\\.)*?(?:"{3}|\Z)
        | '(?:[^'\\\n]|\\.)*+(?:'|(?=\n)|\Z|\\) | "(?:[^"\\\n]|\\.)*+(?:"|(?=\n)|\Z|\\)
    )
    | (?<![\w)\]])@(?P<place>(?:::|\#)*\w+(?:(?:::|\#)\w+)*)
    """,
    re.DOTALL | re.VERBOSE,
)


class Expression:
    """Code in which every `@place` is written as a name; `slots` says which name is which place."""

    def __init__(self, code: str, slots: tuple[tuple[str, Relative], ...]) -> None:
        self.code: Final = code
        self.slots: Final = slots

    @cached_property
    def compiled(self) -> CodeType:
        """The code, ready to run."""
        return compile(self.code, _FILE, "eval")

    @cached_property
    def tree(self) -> ast.Expression:
        """The code for those who look into it, parsed once; whoever changes it takes a copy."""
        return ast.parse(self.code, _FILE, "eval")

    @cached_property
    def names(self) -> frozenset[str]:
        """The names that the code takes from outside, its own variables and the slots left out."""
        return self._names() - {slot for slot, _ in self.slots}

    def __reduce__(self) -> tuple[type["Expression"], tuple[object, ...]]:
        return Expression, (self.code, self.slots)  # compiled code cannot be pickled

    def unknown(self, known: frozenset[str]) -> list[str]:
        """The names in the code that nothing defines."""
        return sorted(self.names - known - KNOWN.keys() - _BUILTINS)

    def _names(self) -> frozenset[str]:
        if not _SCOPES.search(self.code):
            return frozenset(self.compiled.co_names)
        nodes = [*ast.walk(self.tree)]
        if not any(isinstance(node, (ast.Lambda, ast.comprehension, ast.NamedExpr)) for node in nodes):
            return frozenset(node.id for node in nodes if isinstance(node, ast.Name))
        tables = [symtable.symtable(self.code, _FILE, "eval")]
        names: set[str] = set()
        while tables:
            table = tables.pop()
            tables.extend(table.get_children())
            names |= {s.get_name() for s in table.get_symbols() if s.is_referenced() and s.is_global()}
        return frozenset(names - {node.target.id for node in nodes if isinstance(node, ast.NamedExpr)})


class Imports(NamedTuple):
    """An import statement: the modules it loads, and for each name it makes known, the dotted name of the object."""

    loads: tuple[str, ...]
    binds: tuple[tuple[str, str], ...]

    @property
    def value(self) -> str:
        """The dotted name of what the statement names first: `a.b` for `import a.b` and for `from a import b`."""
        return max(self.loads[0], self.binds[0][1], key=len)


def read_code(written: str) -> Expression | Imports:
    """What follows a `$`. Raises SyntaxError where it is neither expression nor import statement."""
    if len(written) > LONGEST:
        raise SyntaxError(f"it is longer than {LONGEST:,} characters")
    expression = Expression(*_with_slots(written.strip()))
    try:
        _ = expression.compiled, expression.names  # what cannot be compiled is said now
    except SyntaxError:
        imports = _imports(expression.code)
        if imports is None:
            raise
        return imports
    except (RecursionError, MemoryError, ValueError) as error:
        raise SyntaxError("it is nested too deep, or holds a character that no code may hold") from error
    return expression


def referred(written: str) -> list[str]:
    """The places that code refers to, as they are written."""
    found: list[str] = []

    def noted(place: str) -> str:
        found.append(place)
        return f"@{place}"

    _with_places(written, noted)
    return found


def with_absolute_places(written: str, place: KeyPath) -> str:
    """The code at a place, with the places in it named from the root."""

    def absolute(relative: Relative) -> Relative:
        target = relative.seen_from(place) if relative.up else None
        return Relative(0, target) if target else relative

    return with_places(written, absolute)


def with_places(written: str, change: Callable[[Relative], Relative]) -> str:
    """The code with the places in it changed; the others stay as they are written."""

    def changed(reference: str) -> str:
        relative = parse_relative(reference)
        target = change(relative)
        return f"@{reference if target is relative else target}"

    return _with_places(written, changed)


def _with_slots(written: str) -> tuple[str, tuple[tuple[str, Relative], ...]]:
    """The code with a name in place of every reference."""
    slots: dict[str, str] = {}
    code = _with_places(written, lambda place: slots.setdefault(place, _SLOT.format(len(slots))))
    return code, tuple((name, parse_relative(place)) for place, name in slots.items())


def _with_places(code: str, change: Callable[[str], str]) -> str:
    """The code with every reference outside of plain string literals changed."""

    def changed(match: re.Match[str]) -> str:
        if match["place"]:
            return change(match["place"])
        has_fields = match["prefix"] and not set("fFtT").isdisjoint(match["prefix"])
        return _with_fields(match[0], lambda code: _with_places(code, change)) if has_fields else match[0]

    return _PIECE.sub(changed, code)


def _with_fields(literal: str, change: Callable[[str], str]) -> str:
    """An f-string with the code between its braces changed, and its text left alone."""
    pieces, depth, done, index = [], 0, 0, 0
    while brace := _BRACE.search(literal, index):
        index = brace.end()
        if depth == 0 and literal.startswith(brace[0], index):
            index += 1  # a brace of the text, written twice
            continue
        before, depth = depth, max(0, depth + (1 if brace[0] == "{" else -1))
        if (before, depth) in ((0, 1), (1, 0)):
            piece = literal[done : brace.start()]
            pieces.append(change(piece) if before else piece)
            done = brace.start()
    return "".join((*pieces, literal[done:]))


def _imports(code: str) -> Imports | None:
    try:
        statements = ast.parse(code, _FILE).body
    except (SyntaxError, RecursionError, MemoryError, ValueError):
        return None
    if not statements or not all(map(_is_import, statements)):
        return None
    loads, binds = zip(*(pair for statement in statements for pair in _imported(statement)), strict=True)
    return Imports(loads, binds)


def _is_import(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.ImportFrom):
        return statement.level == 0 and all(alias.name != "*" for alias in statement.names)
    return isinstance(statement, ast.Import)


def _imported(statement: ast.stmt) -> Iterator[tuple[str, tuple[str, str]]]:
    if isinstance(statement, ast.Import):
        for alias in statement.names:
            # `import a.b` makes `a` known, `import a.b as c` the module itself.
            top = alias.name.partition(".")[0]
            yield alias.name, (alias.asname, alias.name) if alias.asname else (top, top)
    elif isinstance(statement, ast.ImportFrom) and statement.module:
        for alias in statement.names:
            yield statement.module, (alias.asname or alias.name, f"{statement.module}.{alias.name}")
