"""`$code`: Python expressions with references inside, and import statements; read once, run when their turn comes."""

import ast
import builtins
import re
import symtable
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType

from lighter.config.paths import Relative, parse_relative

# Known to every expression, imported only when one names it.
KNOWN = {"torch": "torch", "np": "numpy", "numpy": "numpy", "math": "math", "monai": "monai"}
_BUILTINS = frozenset(dir(builtins))
_PIECE = re.compile(
    r"""(?P<string>(?P<prefix>\b[rRbBuUfF]{1,2})?(?:'{3}.*?(?<!\\)'{3}|"{3}.*?(?<!\\)"{3}|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"))"""
    r"|(?P<reference>(?<![\w)\]])@(?:::|\#)*\w+(?:(?:::|\#)\w+)*)",
    re.DOTALL,
)
_REFERENCE = re.compile(r"@(?P<place>(?:::|#)*\w+(?:(?:::|#)\w+)*)")
_SLOT = "__place_{}__"

__all__ = ["KNOWN", "Expression", "Imports", "read_code"]


@dataclass(frozen=True, slots=True)
class Expression:
    """Code in which every `@place` stands as a name; `slots` tells which name is which place."""

    code: str
    slots: tuple[tuple[str, Relative], ...]
    names: frozenset[str]

    def compiled(self) -> CodeType:
        """The code, ready to run; not kept, so that a plan can be pickled."""
        return compile(self.code, "<config>", "eval")

    def unknown(self, known: frozenset[str]) -> list[str]:
        """The names in the code that nothing defines."""
        return sorted(self.names - known - KNOWN.keys() - _BUILTINS)


@dataclass(frozen=True, slots=True)
class Imports:
    """An import statement: the modules it loads, and for each name it makes known, the dotted name of the object."""

    loads: tuple[str, ...]
    binds: tuple[tuple[str, str], ...]


def read_code(written: str) -> Expression | Imports:
    """What stands behind a `$`. Raises SyntaxError where it is neither expression nor import statement."""
    code, slots = _with_slots(written.strip())
    try:
        tree: ast.AST = ast.parse(code, "<config>", "eval")
    except SyntaxError:
        imports = _imports(code)
        if imports is None:
            raise
        return imports
    except (RecursionError, MemoryError, ValueError) as error:
        raise SyntaxError(f"the expression cannot be read: {error}") from error
    return Expression(code, slots, _names(tree, code) - {slot for slot, _ in slots})


def _with_slots(written: str) -> tuple[str, tuple[tuple[str, Relative], ...]]:
    """The code with a name in place of every reference outside of plain string literals."""
    slots: dict[str, str] = {}

    def slot(match: re.Match[str]) -> str:
        place = match["place"]
        return slots.setdefault(place, _SLOT.format(len(slots)))

    def replaced(match: re.Match[str]) -> str:
        if match["reference"]:
            return _REFERENCE.sub(slot, match[0])
        return _REFERENCE.sub(slot, match[0]) if "f" in (match["prefix"] or "").lower() else match[0]

    code = _PIECE.sub(replaced, written)
    return code, tuple((name, parse_relative(place)) for place, name in slots.items())


def _imports(code: str) -> Imports | None:
    try:
        statements = ast.parse(code, "<config>").body
    except (SyntaxError, ValueError):
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


def _names(tree: ast.AST, code: str) -> frozenset[str]:
    """The names that the code takes from outside, its own variables left out."""
    if not any(isinstance(node, (ast.Lambda, ast.comprehension, ast.NamedExpr)) for node in ast.walk(tree)):
        return frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
    tables = [symtable.symtable(code, "<config>", "eval")]
    names: set[str] = set()
    while tables:
        table = tables.pop()
        tables.extend(table.get_children())
        names |= {s.get_name() for s in table.get_symbols() if s.is_referenced() and s.is_global()}
    return frozenset(names - _assigned(tree))


def _assigned(tree: ast.AST) -> set[str]:
    return {n.target.id for n in ast.walk(tree) if isinstance(n, ast.NamedExpr)}
