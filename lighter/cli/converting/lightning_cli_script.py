"""What the script that calls LightningCLI says: classes, defaults and linked arguments; it is read, not run."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lighter.cli.adopting.outlining import dotted, last_part
from lighter.cli.converting.parts import Part, as_part
from lighter.config.loading import read_text
from lighter.errors import UsageError, shown_path

_CLI = "LightningCLI"
_BASES = ("LightningModule", "LightningDataModule")
_UNKNOWN = object()
_HOOKS = {"before": "start", "after": "end"}  # of a callback's hook, where a script calls it before or after a stage
_STAGES = {"fit": "fit", "validate": "validation", "test": "test", "predict": "predict"}


@dataclass(frozen=True, slots=True)
class Link:
    """Two places that have one value: `data.batch_size` and `model.batch_size`; `reason`: why it cannot be so here."""

    source: str
    target: str
    is_built: bool = False  # the source is an attribute of what is built there
    reason: str = ""


@dataclass(slots=True)
class Script:
    """What is known beside the files: the classes of sections by their key, values that lie below the files, links."""

    classes: dict[str, str] = field(default_factory=dict)
    defaults: Part = field(default_factory=lambda: Part({}))
    links: list[Link] = field(default_factory=list)
    callbacks: list[str] = field(default_factory=list)  # sections that are callbacks
    names: dict[str, str] = field(default_factory=dict)  # what a class is called in the script, and its full name
    left: list[str] = field(default_factory=list)


def read_script(path: Path) -> Script:
    """What the first call of LightningCLI in a file says. Raises UsageError where there is none."""
    try:
        tree = ast.parse(read_text(path))
    except SyntaxError as error:
        raise UsageError(f"'{shown_path(path)}' is no Python file: {error.msg}, line {error.lineno}") from error
    clis: dict[str, ast.ClassDef] = {}
    for node in (one for one in ast.walk(tree) if isinstance(one, ast.ClassDef)):
        if any(base.endswith("CLI") or base in clis for base in map(last_part, node.bases)):
            clis[node.name] = node
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    call = next((one for one in calls if last_part(one.func) in (_CLI, *clis)), None)
    if call is None:
        help = "give the script that does, or --model=my_module.MyModel"
        raise UsageError(f"'{shown_path(path)}' calls no {_CLI}: {help}")
    script = Script(names=dict(_names(tree, path.stem)))
    reader = _Reader(script)
    reader.read_call(call)
    for one in reversed([*_with_bases(last_part(call.func), clis)]):
        reader.read_class(one)
    return script


def _with_bases(name: str, clis: dict[str, ast.ClassDef]) -> Iterator[ast.ClassDef]:
    """The class of a name, and those of the file that it comes from."""
    while name in clis:
        node = clis[name]
        yield node
        clis = {key: one for key, one in clis.items() if key != name}
        name = next((base for base in map(last_part, node.bases) if base in clis), "")


def _names(tree: ast.Module, module: str) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                yield name, f"{module}.{name}"
            case ast.ImportFrom(module=str(home), names=aliases):
                yield from ((alias.asname or alias.name, f"{home}.{alias.name}") for alias in aliases)
            case ast.Import(names=aliases):
                for alias in aliases:
                    first = alias.name.partition(".")[0]
                    yield (alias.asname, alias.name) if alias.asname else (first, first)


class _Reader:
    def __init__(self, script: Script) -> None:
        self._script = script

    def read_call(self, call: ast.Call) -> None:
        names = ("model_class", "datamodule_class")
        given = dict(zip(names, call.args, strict=False)) | {word.arg: word.value for word in call.keywords}
        for key, name in zip(("model", "data"), names, strict=True):
            is_base = _value(given.get(f"subclass_mode_{key}")) is True
            full = self._full(given.get(name))
            if full and not is_base and full.rpartition(".")[2] not in _BASES:
                self._script.classes[key] = full
        seed, defaults = given.get("seed_everything_default"), given.get("trainer_defaults")
        if seed is not None and (value := _value(seed)) is not _UNKNOWN:
            self._script.defaults.value["seed_everything"] = Part(value)
        if isinstance(defaults, ast.Dict | ast.Call):
            self._script.defaults.value["trainer"] = self._trainer_defaults(defaults)

    def _trainer_defaults(self, node: ast.Dict | ast.Call) -> Part:
        pairs: list[tuple[Any, ast.expr]] = (
            [(_value(key), value) for key, value in zip(node.keys, node.values, strict=True) if key is not None]
            if isinstance(node, ast.Dict)
            else [(word.arg, word.value) for word in node.keywords]
        )
        found: dict[Any, Part] = {}
        for key, value in pairs:
            part = self._part(value)
            if part is None:
                told = f"'trainer_defaults' of the script has '{key}: {ast.unparse(value)}'"
                self._script.left.append(f"{told}, which is not carried over")
            else:
                found[key] = Part([part]) if key == "callbacks" and not isinstance(part.value, list) else part
        return Part(found)

    def _part(self, node: ast.expr | None) -> Part | None:
        """A value of the script as a config has it: plain, or the call of a class with such arguments."""
        if isinstance(node, ast.Call):
            arguments = {word.arg: self._part(word.value) for word in node.keywords if word.arg}
            name, is_known = self._full(node.func), None not in arguments.values()
            if node.args or len(arguments) < len(node.keywords) or not (is_known and name):
                return None
            return Part({"class_path": Part(name), "init_args": Part(arguments)})
        if isinstance(node, ast.List | ast.Tuple):
            items = [self._part(item) for item in node.elts]
            return Part(items) if None not in items else None
        value = _value(node)
        return None if value is _UNKNOWN else as_part(value)

    def read_class(self, node: ast.ClassDef) -> None:
        """What `add_arguments_to_parser` adds; other methods are code, which is told by its name."""
        for one in node.body:
            if isinstance(one, ast.FunctionDef) and one.name != "add_arguments_to_parser":
                when, _, stage = one.name.partition("_")
                hook = f"on_{_STAGES[stage]}_{_HOOKS[when]}" if when in _HOOKS and stage in _STAGES else ""
                cure = f"write a callback with '{hook}'" if hook else "what it does is not carried over"
                self._script.left.append(f"'{one.name}' of {node.name} is code of the script: {cure}")
        for call in (one for one in ast.walk(node) if isinstance(one, ast.Call)):
            words = {word.arg: word.value for word in call.keywords if word.arg}
            method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
            if method == "link_arguments":
                self._read_link(call.args, words)
            elif method in ("add_optimizer_args", "add_lr_scheduler_args", "add_lightning_class_args"):
                self._read_section(method, call.args, words)
            elif method == "set_defaults":
                defaults = _value(call.args[0]) if call.args else {word: _value(value) for word, value in words.items()}
                for place, value in defaults.items() if isinstance(defaults, dict) else ():
                    self._script.defaults.put(place.split("."), as_part(value))

    def _read_link(self, args: list[ast.expr], words: dict[str, ast.expr]) -> None:
        given = dict(zip(("source", "target", "compute_fn", "apply_on"), args, strict=False)) | words
        source, target = _value(given.get("source")), _value(given.get("target"))
        if not (isinstance(source, str) and isinstance(target, str)):
            self._script.left.append(f"'{ast.unparse(given['source'])}' is linked by the script to several, or by code")
            return
        function = given.get("compute_fn")
        reason = f"it is computed from '{source}' by {ast.unparse(function)}" if function is not None else ""
        self._script.links.append(Link(source, target, _value(given.get("apply_on")) == "instantiate", reason))

    def _read_section(self, method: str, args: list[ast.expr], words: dict[str, ast.expr]) -> None:
        kind = method.removeprefix("add_").removesuffix("_args")
        of_kind = {"optimizer": "optimizer_class", "lr_scheduler": "lr_scheduler_class"}
        name = of_kind.get(kind, "lightning_class")
        given = dict(zip((name, "nested_key"), args, strict=False)) | words
        key = _value(given["nested_key"]) if "nested_key" in given else kind
        full = self._full(given.get(name))
        if full and isinstance(key, str):
            self._script.classes[key] = full
            self._script.callbacks += [key] if kind == "lightning_class" else []

    def _full(self, node: ast.expr | None) -> str:
        """The full name of a class that the script names."""
        first, dot, rest = dotted(node).partition(".")
        return f"{self._script.names[first]}{dot}{rest}" if first in self._script.names else ""


def _value(node: ast.expr | None) -> Any:
    try:
        return ast.literal_eval(node) if node is not None else _UNKNOWN
    except (ValueError, TypeError):
        return _UNKNOWN
