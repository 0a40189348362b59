"""What a script's settings are by default: `args.lr` by `add_argument("--lr", default=0.1)`, and its constants.

Those of files that it imports, named as options are, count too: a config.py, an options/base.py.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from lighter.cli.adopting.naming import Names
from lighter.cli.adopting.outlining import Import, dotted, last_part
from lighter.cli.adopting.parameters import plain_value
from lighter.cli.adopting.reading import parsed

BUNDLES = frozenset(
    {"args", "cfg", "conf", "config", "configs", "flags", "hparams", "hps", "opt", "options", "opts", "params"}
)
is_settings_name = re.compile(
    r"(Arg|Args|Arguments|Config|Configs|Cfg|HParams|Hparams|Options|Params|Parameters|Settings)$"
).search
_OPTIONS_FILE = re.compile(
    r"(^|[/_])(args?|arguments|cfgs?|conf|configs?|configuration|constants|defaults?|hparams|opts?|options?|param(eter)?s"
    r"|settings)(_\w+)?(/|\.py$)"
).search


@dataclass(slots=True)
class Settings:
    """The plain defaults of a file's command line by name, and the names that it gives one plain value.

    `bundles` are the names of what holds the first, besides the usual ones; `mappings` the expressions in the mappings
    that are made once, `kw = dict(batch_size=args.batch_size)`, by name and key.
    """

    arguments: dict[str, Any] = field(default_factory=dict)
    constants: dict[str, Any] = field(default_factory=dict)
    bundles: set[str] = field(default_factory=set)
    mappings: dict[str, dict[str, ast.expr]] = field(default_factory=dict)

    def value(self, node: ast.expr | None) -> tuple[bool, Any]:
        """Whether it is known what an expression gives as the script stands, and that value."""
        match node:
            case ast.Attribute(value=bundle, attr=name) if self._holds(bundle):
                return name in self.arguments, self.arguments.get(name)
            case ast.Subscript(value=bundle, slice=ast.Constant(value=str(name))) if self._holds(bundle):
                return name in self.arguments, self.arguments.get(name)
            case ast.Name(id=name):
                return name in self.constants, self.constants.get(name)
        return plain_value(node)

    def words(self, call: ast.Call) -> list[tuple[str, ast.expr]]:
        """The arguments by name, those of `**kw` too, where it is known what that holds."""
        given = [(word.arg, word.value) for word in call.keywords if word.arg]
        for word in call.keywords:
            if word.arg is None:
                given += self.mappings.get(dotted(word.value), pairs(word.value)).items()
        return given

    def _holds(self, node: ast.expr) -> bool:
        name = last_part(node) or dotted(node)
        return name in self.bundles or name.lower().strip("_") in BUNDLES

    def add(self, name: str, imported: Import, other: "Settings", is_module: bool) -> None:
        """What a name of the script holds that is imported from a file of settings; the script's own come first."""
        constant = other.constants.get(imported.name)
        if constant is not None and not is_module:
            self.constants.setdefault(name, constant)
            return
        self.bundles.add(name)
        self.arguments = other.arguments | (other.constants if is_module else {}) | self.arguments


def settings_with_imports(file: str, tree: ast.Module, names: Names, seen: frozenset[str] = frozenset()) -> Settings:
    """The settings of a file, and of those that it imports and that are named as files of settings are."""
    found, outline = settings_of(tree), names.repository.outlines[file]
    bound = [*outline.bound.items(), *((one.name, one) for one in outline.stars)]
    for name, imported in bound:
        module = names.module(file, imported) or ""
        as_module = names.files.get(f"{module}.{imported.name}".strip(".") if imported.name else module)
        path = as_module or names.files.get(module, "")
        if path in seen or path == file or path not in names.repository.outlines or not _OPTIONS_FILE(path):
            continue
        text, _ = parsed(names.repository.texts[path])
        if text is not None:
            other = settings_with_imports(path, text, names, seen | {file})
            if imported.name == "*":
                found.constants = other.constants | found.constants
            found.add(name, imported, other, as_module is not None)
    return found


def settings_of(tree: ast.Module) -> Settings:
    """The settings of a script, by what its text says of them."""
    found, assigned = Settings(), list[tuple[str, ast.expr]]()
    for node in ast.walk(tree):
        found.arguments.update(_plain(_held(node)))
        match node:
            case ast.Call(func=ast.Attribute(attr="add_argument")):
                found.arguments.update(_argument(node))
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                assigned.append((name, value))
                if isinstance(value, ast.Call) and is_settings_name(last_part(value.func) or dotted(value.func)):
                    found.bundles.add(name)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                assigned.append((name, value))
            case ast.AugAssign(target=ast.Name(id=name), value=value):
                assigned += [(name, value)] * 2
    often = Counter(name for name, _ in assigned)
    for name, value in assigned:
        is_known, constant = found.value(value)
        if is_known and often[name] == 1:
            found.constants[name] = constant
        if often[name] == 1 and (held := pairs(value)):
            found.mappings[name] = held
    return found


def pairs(node: ast.expr) -> dict[str, ast.expr]:
    """The expressions of `{"lr": 0.1}` and of `dict(lr=0.1)`, by key; none of anything else."""
    match node:
        case ast.Dict(keys=keys, values=values):
            named = [key.value if isinstance(key, ast.Constant) else None for key in keys]
            return {key: value for key, value in zip(named, values, strict=True) if isinstance(key, str)}
        case ast.Call(func=ast.Name(id="dict"), args=[], keywords=words):
            return {word.arg: word.value for word in words if word.arg}
    return {}


def _plain(given: Iterable[tuple[str, ast.expr]]) -> dict[str, Any]:
    values = ((name, *plain_value(value)) for name, value in given)
    return {name: value for name, is_plain, value in values if is_plain}


def _held(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """What a class of settings holds, a dataclass too, and `args = {"lr": 0.1}` and `args = Namespace(lr=0.1)`."""
    match node:
        case ast.ClassDef(name=name, body=body) if is_settings_name(name):
            for statement in body:
                match statement:
                    case ast.Assign(targets=[ast.Name(id=name)], value=value):
                        yield name, value
                    case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                        yield name, value
        case ast.Call(func=ast.Attribute(attr="set_defaults"), keywords=words):
            yield from ((word.arg, word.value) for word in words if word.arg)
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if name.lower().strip("_") in BUNDLES:
            if isinstance(value, ast.Dict):
                yield from pairs(value).items()
            elif isinstance(value, ast.Call) and not value.args:
                yield from ((word.arg, word.value) for word in value.keywords if word.arg)


def _argument(call: ast.Call) -> dict[str, Any]:
    """The name and default of an `add_argument`; nothing where it has no plain one."""
    words = {word.arg: word.value for word in call.keywords}
    flags = [value for is_plain, value in map(plain_value, call.args) if is_plain and isinstance(value, str)]
    long = [flag for flag in flags if flag.startswith("--")] or flags
    _, dest = plain_value(words.get("dest"))
    name = str(dest or (long[0] if long else "")).lstrip("-").replace("-", "_")
    is_plain, value = plain_value(words.get("default"))
    action = plain_value(words.get("action"))[1]
    if not is_plain and action in {"store_true", "store_false"}:
        is_plain, value = True, action == "store_false"
    if isinstance(value, str) and dotted(words.get("type")) in {"int", "float"}:
        is_plain, value = plain_value(ast.Constant(value))  # argparse reads a text as it reads the command line
        try:
            value = int(value) if dotted(words.get("type")) == "int" else float(value)
        except ValueError:
            is_plain = False
    return {name: value} if name and is_plain and value is not None else {}
