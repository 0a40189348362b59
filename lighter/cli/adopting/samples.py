"""What a batch is made of, as far as the code says that gives it: the keys of a mapping, or how many parts."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import dedent

from lighter.cli.adopting.naming import Names
from lighter.cli.adopting.outlining import FunctionOutline, dotted
from lighter.cli.adopting.parameters import lineage
from lighter.cli.adopting.reading import Here, parsed
from lighter.cli.adopting.recognising import Candidate, Kind

_GIVES = {Kind.DATASET: "__getitem__", Kind.COLLATE: "__call__"}
_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Sample:
    """The keys of a mapping, or else the number of parts of a tuple; and the line that says so."""

    keys: tuple[str, ...]
    count: int
    place: str


def sample_of(candidate: Candidate, names: Names) -> Sample | None:
    """What a dataset or a collate function gives; None where its text does not say, or says several things."""
    defined = _defined(candidate, names)
    if defined is None:
        return None
    file, outline = defined
    tree, _ = parsed(dedent(names.repository.text_of(file, outline)))
    function = tree.body[0] if tree is not None and tree.body else None
    if not isinstance(function, _Function):
        return None
    found = {(keys, count) for keys, count, _ in _returned(function)}
    lines = [outline.line + line - 1 for _, _, line in _returned(function)]
    if len(found) != 1 or found == {((), 0)}:
        return None
    ((keys, count),) = found
    return Sample(keys, count, f"{file}:{lines[0]}")


def _defined(candidate: Candidate, names: Names) -> tuple[str, FunctionOutline] | None:
    """The function that gives it, an inherited one too, and its file."""
    here, repository = candidate.here, names.repository
    if candidate.is_function:
        return here.file, repository.outlines[here.file].functions[here.name]
    for one in lineage(here, names):
        outline = repository.class_at(one)
        if isinstance(one, Here) and outline is not None and (method := outline.methods.get(_GIVES[candidate.kind])):
            return one.file, method
    return None


def _returned(function: _Function) -> Iterator[tuple[tuple[str, ...], int, int]]:
    """What each `return` gives, and its line in the function's text; no keys and no parts for what is not known."""
    held: dict[str, list[ast.expr]] = {}
    more: dict[str, list[str]] = {}
    nodes = sorted(_own(function), key=lambda node: getattr(node, "lineno", 0))
    for node in nodes:
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ):
                held.setdefault(name, []).append(value)
            case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str(key)))]):
                more.setdefault(name, []).append(key)
    for node in nodes:
        if isinstance(node, ast.Return) and node.value is not None:
            yield *_parts(node.value, held, more), node.lineno


def _own(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function without those of functions within it."""
    for below in ast.iter_child_nodes(node):
        if not isinstance(below, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            yield below
            yield from _own(below)


def _parts(
    value: ast.expr, held: dict[str, list[ast.expr]], more: dict[str, list[str]], depth: int = 0
) -> tuple[tuple[str, ...], int]:
    match value:
        case ast.Dict(keys=keys):
            return tuple(k.value for k in keys if isinstance(k, ast.Constant) and isinstance(k.value, str)), 0
        case ast.Call(func=func, args=[], keywords=words) if dotted(func) == "dict":
            return tuple(word.arg for word in words if word.arg), 0
        case ast.Tuple(elts=parts) if not any(isinstance(part, ast.Starred) for part in parts):
            return (), len(parts)
        case ast.Call(args=[given]) if depth < 3:  # a transform gives the keys that it is given
            return _parts(given, held, more, depth + 1)[0], 0
        case ast.Name(id=name) if name in held and depth < 3:
            found = [_parts(one, held, more, depth + 1) for one in held[name] if dotted(one) != name]
            named = dict.fromkeys((*(key for of_one, _ in found for key in of_one), *more.get(name, ())))
            return tuple(named), 0 if named else found[-1][1] if found else 0
    return (), 0
