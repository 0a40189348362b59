"""What a class or function takes, read from its text: arguments, defaults, annotations, inherited ones too."""

import ast
import math
from dataclasses import dataclass
from typing import Any

from lighter.cli.adopting.naming import Meaning, Names
from lighter.cli.adopting.outlining import ClassOutline, FunctionOutline, last_part
from lighter.cli.adopting.reading import Here

LONGEST = 60  # characters of a default or annotation that a comment shows


@dataclass(frozen=True, slots=True)
class Parameter:
    """An argument that can be given by name."""

    name: str
    annotation: str = ""
    default: ast.expr | None = None
    by_position_only: bool = False

    @property
    def is_required(self) -> bool:
        """Whether a call cannot do without it."""
        return self.default is None


def parameters_of(here: Here, names: Names) -> tuple[Parameter, ...] | None:
    """The arguments to be given; None where a class from outside has its say about them."""
    repository = names.repository
    outline = repository.class_at(here)
    if outline is None:
        return _listed(repository.outlines[here.file].functions[here.name])
    if is_dataclass(outline):
        return _fields(here, names)
    for one in lineage(here, names):
        if isinstance(one, str):
            return () if one in {"torch.nn.Module", "object", "torch.utils.data.Dataset"} else None
        defined = repository.class_at(one)
        constructor = defined.methods.get("__init__") if defined is not None else None
        if constructor is not None:
            own = _listed(constructor)[1:]
            if own or constructor.arguments.kwarg is None:  # else `*args, **kwargs` are those of the class above
                return own
    return ()


def method_of(here: Here, name: str, names: Names) -> tuple[Parameter, ...] | None:
    """What a method takes, inherited ones too; None where no class of the repository has it."""
    methods = (one.methods.get(name) for one in _classes(here, names))
    return next((_listed(method)[1:] for method in methods if method is not None), None)


def is_dataclass(outline: ClassOutline) -> bool:
    """Whether a class takes its annotated fields as arguments."""
    return "__init__" not in outline.methods and any(d.rpartition(".")[2] == "dataclass" for d in outline.decorators)


def lineage(here: Here, names: Names) -> list[Meaning]:
    """A class and those it comes from, each once, in the order in which their methods are looked up, or nearly so."""
    class_at = names.repository.class_at
    found: dict[Meaning, None] = {}
    waiting: list[Meaning] = [here]
    while waiting:
        one = waiting.pop(0)
        outline = class_at(one)
        if one not in found and isinstance(one, Here) and outline is not None:
            bases = [names.meaning(one.file, base) or base for base in outline.bases if base]
            waiting[:0] = [base for base in bases if isinstance(base, str) or class_at(base)]
        found[one] = None
    return list(found)


def outside_bases(here: Here, names: Names) -> list[str]:
    """The dotted names of the classes from outside that a class comes from."""
    return [one for one in lineage(here, names) if isinstance(one, str)]


def _classes(here: Here, names: Names) -> list[ClassOutline]:
    """A class and those of the repository that it comes from."""
    return [one for one in map(names.repository.class_at, lineage(here, names)) if one is not None]


def plain_value(node: ast.expr | None) -> tuple[bool, Any]:
    """Whether an expression is a plain value that YAML can hold, and that value."""
    try:
        value = ast.literal_eval(node) if node is not None else None
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False, None
    return node is not None and _is_plain(value), value


def _is_plain(value: object) -> bool:
    match value:
        case list() | tuple():
            return all(map(_is_plain, value))
        case dict():
            # A key that starts with an underscore or a mark would be an instruction to the config.
            is_key = all(isinstance(key, str) and key.isidentifier() and key[0] != "_" for key in value)
            return is_key and all(map(_is_plain, value.values()))
        case str():
            return value.isprintable() and len(value) <= LONGEST
        case int():
            return abs(value) < 10**18
    return value is None or (isinstance(value, float) and math.isfinite(value))


def shown(node: ast.expr | None) -> str:
    """An expression as a comment shows it, in one short line."""
    if node is None:
        return ""
    try:
        text = ast.unparse(node)
    except (RecursionError, ValueError):  # ValueError: an integer of more digits than Python writes
        return "..."
    text = "".join(c if c.isprintable() else " " for c in text)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def _listed(function: FunctionOutline) -> tuple[Parameter, ...]:
    arguments = function.arguments
    by_position = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(by_position) - len(arguments.defaults)) + [*arguments.defaults, *arguments.kw_defaults]
    pairs = zip([*by_position, *arguments.kwonlyargs], defaults, strict=True)
    return tuple(Parameter(a.arg, shown(a.annotation), default, a in arguments.posonlyargs) for a, default in pairs)


def _fields(here: Here, names: Names) -> tuple[Parameter, ...]:
    found: dict[str, Parameter] = {}
    for node in (node for one in reversed(_classes(here, names)) for node in one.fields):
        annotation, default = shown(node.annotation), node.value
        if isinstance(default, ast.Call) and last_part(default.func) == "field":
            given = {word.arg: word.value for word in default.keywords}
            default = given.get("default") or given.get("default_factory")
        if isinstance(node.target, ast.Name) and not annotation.startswith(("ClassVar", "typing.ClassVar")):
            found[node.target.id] = Parameter(node.target.id, annotation, default)
    return tuple(found.values())
