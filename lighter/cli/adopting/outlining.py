"""What a Python file defines and imports at top level: an outline of its syntax tree, none of which is run."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

# What is called at import, by the last part of its name or, with a dot in it, by all of it.
_CALLED = {
    "reads the command line": ("parse_args", "parse_known_args"),
    "reads the terminal": ("input",),
    "prints": ("print",),
    "ends the process": ("exit", "quit", "sys.exit", "os._exit"),
    "downloads": (
        *("urlretrieve", "urlopen", "download_url", "load_state_dict_from_url", "from_pretrained"),
        *("requests.get", "wget.download", "gdown.download", "nltk.download"),
    ),
    "trains": ("backward",),
    "changes torch's defaults": ("set_default_tensor_type", "set_default_dtype"),
    "asks for CUDA": ("cuda",),
    "sets a seed": ("manual_seed",),
    "changes sys.path": ("sys.path.append", "sys.path.insert", "sys.path.extend"),
    "changes the working folder": ("os.chdir",),
    "makes a folder": ("os.makedirs", "os.mkdir"),
    "runs a command": (
        *("os.popen", "os.system"),
        *("subprocess.run", "subprocess.call", "subprocess.check_call", "subprocess.check_output"),
    ),
    "loads a file": ("torch.load", "np.load"),
    "opens a window": ("plt.show",),
}
_EFFECTS = {name: effect for effect, names in _CALLED.items() for name in names}
# Methods of these names do something else.
_FUNCTIONS = {"open": "opens a file"} | {name: _EFFECTS[name] for name in ("input", "print", "exit", "quit")}
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


@dataclass(frozen=True, slots=True)
class ImportEffect:
    """Something that importing a file does, and its first line."""

    what: str
    line: int


def import_effects(tree: ast.Module) -> tuple[ImportEffect, ...]:
    """What importing a file does, each once."""
    found: dict[str, int] = {}
    for node in _running(tree.body):
        what = _effect(node)
        if what:
            found.setdefault(what, node.lineno)
    return tuple(ImportEffect(what, line) for what, line in found.items())


def _running(body: list[ast.stmt]) -> Iterator[ast.expr]:
    """The expressions that run at import, in their order."""
    waiting: list[ast.AST] = list(reversed(body))
    while waiting:
        node = waiting.pop()
        if isinstance(node, _DEFINITIONS):
            continue
        if isinstance(node, ast.If) and asks_for_main(node.test):
            waiting.extend(reversed(node.orelse))
            continue
        if isinstance(node, ast.expr):
            yield node
        waiting.extend(reversed(list(ast.iter_child_nodes(node))))


def _effect(node: ast.expr) -> str:
    match node:
        case ast.Call(keywords=words) if any(_asks_for_download(word) for word in words):
            return "downloads"
        case ast.Call(func=ast.Name(id=name)) if name in _FUNCTIONS:
            return _FUNCTIONS[name]
        case ast.Call(func=func):
            last = func.attr if isinstance(func, ast.Attribute) else dotted(func)
            return _EFFECTS.get(dotted(func)) or ("" if last in _FUNCTIONS else _EFFECTS.get(last, ""))
        case ast.Attribute() if dotted(node) == "sys.argv":
            return "reads the command line"
        case ast.Subscript(value=value, ctx=ast.Store()) if dotted(value) == "os.environ":
            return "sets an environment variable"
    return ""


def _asks_for_download(word: ast.keyword) -> bool:
    return word.arg == "download" and isinstance(word.value, ast.Constant) and bool(word.value.value)


@dataclass(frozen=True, slots=True)
class Import:
    """`from ..module import name`, or `import module` where there is no name; optional where a failure is expected."""

    module: str
    level: int
    name: str
    line: int
    optional: bool = False


@dataclass(frozen=True, slots=True)
class FunctionOutline:
    """A function: where it is, and the arguments it takes."""

    name: str
    line: int
    last_line: int
    arguments: ast.arguments


@dataclass(frozen=True, slots=True)
class ClassOutline:
    """A class: where it is, its bases and decorators as they are written, its methods and its annotated fields."""

    name: str
    line: int
    last_line: int
    bases: tuple[str, ...]
    decorators: tuple[str, ...]
    methods: dict[str, FunctionOutline]
    fields: tuple[ast.AnnAssign, ...]
    is_abstract: bool


@dataclass(slots=True)
class Outline:
    """The names that a file binds at top level, and every import that runs when it is imported."""

    classes: dict[str, ClassOutline] = field(default_factory=dict)
    functions: dict[str, FunctionOutline] = field(default_factory=dict)
    bound: dict[str, Import] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    stars: list[Import] = field(default_factory=list)
    imports: list[Import] = field(default_factory=list)


def outline(tree: ast.Module) -> Outline:
    """The outline of a file."""
    found = Outline()
    for statement, is_optional in statements(tree.body):
        match statement:
            case ast.ClassDef():
                found.classes[statement.name] = _class(statement)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                found.functions[statement.name] = _function(statement)
            case ast.Import() | ast.ImportFrom():
                _note_imports(statement, is_optional, found)
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if written := dotted(value):
                found.aliases[name] = written
    return found


def statements(body: Iterable[ast.stmt], optional: bool = False) -> Iterator[tuple[ast.stmt, bool]]:
    """The statements that run on import, those within `if`, `try` and `with` too, and whether they may fail."""
    for statement in body:
        yield statement, optional
        match statement:
            case ast.If(test=test, body=then, orelse=otherwise):
                yield from statements([] if asks_for_main(test) else then, optional or _asks_for_types(test))
                yield from statements(otherwise, optional)
            case ast.Try(body=then, handlers=handlers, orelse=otherwise, finalbody=finally_):
                yield from statements(then, optional or any(map(_catches_absence, handlers)))
                for handler in handlers:  # what is imported here stands in for what was not there
                    yield from statements(handler.body, optional=True)
                yield from statements([*otherwise, *finally_], optional)
            case ast.With(body=then) | ast.For(body=then) | ast.While(body=then):
                yield from statements(then, optional)


def dotted(node: ast.expr | None) -> str:
    """`a.b.C` as it is written; empty for any other expression."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def asks_for_main(test: ast.expr) -> bool:
    """Whether this is the test for `__name__ == "__main__"`."""
    return isinstance(test, ast.Compare) and any(dotted(side) == "__name__" for side in (test.left, *test.comparators))


def _asks_for_types(test: ast.expr) -> bool:
    return dotted(test).rpartition(".")[2] == "TYPE_CHECKING"


def _catches_absence(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = {dotted(kind).rpartition(".")[2] for kind in kinds}
    return handler.type is None or bool(names & {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})


def _class(node: ast.ClassDef) -> ClassOutline:
    methods = [statement for statement, _ in statements(node.body) if isinstance(statement, ast.FunctionDef)]
    decorators = [dotted(d.func if isinstance(d, ast.Call) else d) for d in node.decorator_list]
    marks = {dotted(d).rpartition(".")[2] for method in methods for d in method.decorator_list}
    return ClassOutline(
        name=node.name,
        line=node.lineno,
        last_line=node.end_lineno or node.lineno,
        # Generic[T] and the like: what is before the bracket.
        bases=tuple(dotted(base.value if isinstance(base, ast.Subscript) else base) for base in node.bases),
        decorators=tuple(decorators),
        methods={method.name: _function(method) for method in methods},
        fields=tuple(statement for statement in node.body if isinstance(statement, ast.AnnAssign)),
        is_abstract="abstractmethod" in marks,
    )


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef) -> FunctionOutline:
    return FunctionOutline(node.name, node.lineno, node.end_lineno or node.lineno, node.args)


def _note_imports(node: ast.Import | ast.ImportFrom, is_optional: bool, found: Outline) -> None:
    for alias in node.names:
        if isinstance(node, ast.Import):
            made = Import(alias.name, 0, "", node.lineno, is_optional)
            found.imports.append(made)
            # `import a.b` binds `a`, `import a.b as c` binds all of it.
            top = made if alias.asname else Import(alias.name.partition(".")[0], 0, "", node.lineno, is_optional)
            found.bound[alias.asname or top.module] = top
            continue
        made = Import(node.module or "", node.level, alias.name, node.lineno, is_optional)
        found.imports.append(made)
        if alias.name == "*":
            found.stars.append(made)
        else:
            found.bound.setdefault(alias.asname or alias.name, made)
