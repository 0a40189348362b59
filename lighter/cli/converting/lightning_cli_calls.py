"""`class_path` with `init_args` as `_target_` with the arguments beside it, wherever it stands in a file."""

import inspect
import re
from collections.abc import Callable, Sequence
from enum import Enum
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, get_args, get_origin

from lighter.cli.converting.parts import Part, literal, literal_key, with_comments
from lighter.config.annotations import annotation_of, options
from lighter.config.signatures import signature_of
from lighter.config.tree import CALLABLE, MODE, TARGET
from lighter.project.locating import locate
from lighter.project.project import ALIAS, Project
from lighter.training.lightnings import PACKAGES

CLASS_PATH, INIT_ARGS, DICT_KWARGS = "class_path", "init_args", "dict_kwargs"
REPLACED = "replaced"  # how a class is `written` that has taken another's place, and with it the arguments
_CALL = {CLASS_PATH, INIT_ARGS, DICT_KWARGS}
_ABOVE = 4  # folders above a file's in which the modules that it names are looked for
# Where classes are that a file calls by their last name, by the key above them.
_HOMES = {
    "callbacks": ("callbacks",),
    "logger": ("loggers",),
    "optimizer": ("torch.optim",),
    "lr_scheduler": ("torch.optim.lr_scheduler", "cli"),
    "plugins": ("plugins",),
    "profiler": ("profilers",),
    "strategy": ("strategies",),
}
_NAMED = (("model",), ("data",), ("optimizer",), ("lr_scheduler",))
_NAMED_IN_TRAINER = (("trainer", "callbacks"), ("trainer", "logger"))
_PLAIN = ("builtins", "collections.abc", "os", "pathlib", "types")  # of which a file has values alone
_LISTS = (list, tuple, Sequence)
_NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*\Z")
_REFERENCE = re.compile(r"\$\{([\w.]+)\}\Z")
_ENVIRONMENT = re.compile(r"\$\{(?:oc\.)?env:\s*(\w+)\s*\}\Z")


class Calls:
    """The calls of a config, rewritten. `names`: full names of classes; `folders`: where its modules may be."""

    def __init__(self, root: Part, names: dict[str, str], folders: list[Path], places: "dict[str, str]") -> None:
        self._names = names
        self._places = places
        self.package = PACKAGES[0]
        self._source = root
        self.left: list[str] = []
        self.defaults = 0  # left out
        self.is_full = False
        written = [part.entries[CLASS_PATH].text or "" for part in root.walk() if CLASS_PATH in part.entries]
        firsts = {one.partition(".")[0] for one in [*written, *names.values()] if "." in one}
        around = [above for folder in folders for above in [folder, *folder.parents][:_ABOVE]]
        self.root = next((one for one in around if any(_is_module(one, first) for first in firsts)), None)
        self._tops = {first for first in firsts if self.root and _is_module(self.root, first)}
        self._project = Project.open(str(self.root)) if self.root else None
        self.package = self._package([*written, *names.values()])

    def _package(self, written: list[str]) -> str:
        """Which of Lightning's packages the classes are of; neither takes what is the other's."""
        if find_spec("lightning") is None:
            return PACKAGES[0]
        mine = [self._object(name) for one in written if (name := self.target(one)).startswith(f"{ALIAS}.")]
        modules = [base.__module__ for kind in mine if isinstance(kind, type) for base in kind.__mro__]
        return PACKAGES[any(name.startswith(f"{PACKAGES[1]}.") for name in [*written, *modules])]

    def rewritten(self, part: Part, keys: tuple[str, ...]) -> Part:
        """A part of the file, and all below it, as it is written here. `keys` lead to it in the file."""
        if self._is_call(part):
            return self._call(part, keys)
        if isinstance(part.value, dict):
            part.value = {literal_key(key): self.rewritten(one, (*keys, str(key))) for key, one in part.value.items()}
        elif isinstance(part.value, list):
            part.value = [self.rewritten(item, (*keys, str(number))) for number, item in enumerate(part.value)]
        elif part.text is not None:
            is_class = _is_class_place(keys) and _NAME.match(part.text)
            if is_class and (target := self.target(part.text, keys)):
                part.value = {TARGET: Part(target)}
            else:
                part.value = self._text(part.text)
        return part

    def without_defaults(self, part: Part, target: str) -> Part:
        """The arguments without those that are what the target takes for them anyway, where all are written out."""
        signature = self._signature(target) if self.is_full else None
        for key, parameter in signature.parameters.items() if signature is not None else ():
            given = part.entries.get(key)
            if given is not None and not given.above and not given.beside and _is_default(given, parameter.default):
                part.value.pop(key)
                self.defaults += 1
        return part

    def default_of(self, target: str, argument: str) -> Any:
        """The value that an argument has where none is given; None where it has none that a config can hold."""
        signature = self._signature(target)
        parameter = signature.parameters.get(argument) if signature is not None else None
        default = parameter.default if parameter is not None else None
        return default if isinstance(default, bool | int | float | str | tuple | list) else None

    def target(self, written: str, keys: tuple[str, ...] = ()) -> str:
        """The `_target_` for a class; empty for the last name of one that is nowhere found."""
        written = self._names.get(written.removeprefix("__main__."), written)
        if "." not in written:
            written = _home_of(written, keys, self.package)
        elif written.startswith(f"{PACKAGES[1]}.") and find_spec("lightning") is None:
            written = written.replace(PACKAGES[1], PACKAGES[0], 1)
        return f"{ALIAS}.{written}" if written.partition(".")[0] in self._tops else written

    def place_of(self, dotted: str) -> str | None:
        """Where a value of the file is here, if there is one: `data.init_args.batch_size` is `data::batch_size`."""
        first, *rest = dotted.split(".")
        place = self._places.get(first)
        names = [key for key in rest if key not in _CALL]
        return "::".join([place, *names]) if place is not None else None

    def _is_call(self, part: Part) -> bool:
        return CLASS_PATH in part.entries and part.entries.keys() <= _CALL and bool(part.entries[CLASS_PATH].text)

    def _call(self, part: Part, keys: tuple[str, ...]) -> Part:
        name = part.entries[CLASS_PATH]
        written = name.text or ""
        name.value = target = self.target(written, keys) or written
        if "." not in target:
            self.left.append(f"'{written}' is the last name of a class: write all of it, with its module")
        arguments: dict[Any, Part] = {}
        for group in (INIT_ARGS, DICT_KWARGS):
            given = part.entries.get(group) or Part({})
            arguments |= given.entries
            name = with_comments(name, *([given] if given is not name else []))
            part.below += given.below
        if name.written == REPLACED and (signature := self._signature(target)) is not None:
            takes_all = any(one.kind is one.VAR_KEYWORD for one in signature.parameters.values())
            arguments = {key: one for key, one in arguments.items() if takes_all or key in signature.parameters}
        below = self.without_defaults(Part(arguments), target)
        rewritten = {
            literal_key(key): self._argument(one, target, (*keys, INIT_ARGS, str(key)))
            for key, one in below.entries.items()
        }
        part.value = {TARGET: name, **rewritten}
        part.is_inline = False
        return part

    def _argument(self, part: Part, owner: str, keys: tuple[str, ...]) -> Part:
        """An argument; of a function that makes an optimizer the function itself, as it is annotated."""
        annotation = self._annotation(owner, keys[-1])
        if part.text is not None or part.items:
            part = self._named(part, annotation)
        rewritten = self.rewritten(part, keys)
        named = rewritten.entries.get(TARGET)
        if MODE in rewritten.entries:  # a class itself, of which nobody makes an object here
            return rewritten
        if named is not None and self._is_handed_on(str(named.value), annotation):
            rewritten.value = {TARGET: named, MODE: Part(CALLABLE), **rewritten.value}
        if named is not None:
            rewritten.value |= self._of_default_class(rewritten, owner, keys[-1])
        return rewritten

    def _of_default_class(self, call: Part, owner: str, argument: str) -> dict[str, Part]:
        """What a class gets beside its arguments where another is the default: what that one would, as its defaults."""
        signatures = self._signature(owner), self._signature(str(call.entries[TARGET].value))
        taken = signatures[0].parameters.get(argument) if signatures[0] is not None else None
        default = taken.default if taken is not None and isinstance(taken.default, type) else None
        usual = signature_of(default) if default is not None and default is not inspect.Parameter.empty else None
        if default is None or usual is None or signatures[1] is None:
            return {}
        beside = f"the default of {default.__name__}, as LightningCLI has it"
        return {
            key: Part(one.default, beside=beside)
            for key, one in usual.parameters.items()
            if key in signatures[1].parameters
            and key not in call.entries
            and isinstance(one.default, bool | int | float | str)
            and not _is_default(Part(one.default), signatures[1].parameters[key].default)
        }

    def _named(self, part: Part, annotation: Any) -> Part:
        """A text, or each of a list, as the class or function that it names, where the annotation asks for one."""
        kinds = [*options(annotation)]
        if part.items:
            below = next((get_args(kind)[0] for kind in kinds if get_origin(kind) in _LISTS and get_args(kind)), Any)
            part.value = [self._named(item, below) for item in part.items]
            return part
        takes_class, takes_call = any(map(_is_type, kinds)), any(map(_is_callable, kinds))
        takes_made = takes_call or any(map(_is_made, kinds))
        if str in kinds or not (takes_class or takes_made) or not (part.text and _NAME.match(part.text)):
            return part
        target = self.target(part.text)
        found = self._object(target) if "." in target else None
        if isinstance(found, type) and takes_made and not takes_class:
            part.value = {CLASS_PATH: Part(part.text)}
        elif isinstance(found, type) if takes_class else callable(found) and takes_call:
            part.value = {TARGET: Part(target), MODE: Part(CALLABLE)}
        return part

    def _is_handed_on(self, target: str, annotation: Any) -> bool:
        if target.startswith("torch.optim."):  # which needs parameters, or an optimizer
            return True
        made, kind = _made_by(annotation), self._object(target)
        return isinstance(made, type) and isinstance(kind, type) and issubclass(kind, made)

    def _annotation(self, owner: str, argument: str) -> Any:
        """What an argument of a target is annotated with; Any where that is not known."""
        found, signature = self._object(owner), self._signature(owner)
        parameter = signature.parameters.get(argument) if signature is not None else None
        return annotation_of(found, parameter) if parameter is not None and callable(found) else Any

    def _text(self, text: str) -> str:
        if match := _ENVIRONMENT.match(text):
            return f"$env('{match[1]}')"
        match = _REFERENCE.match(text)
        if match and self._source.find(*match[1].split(".")) is not None and (place := self.place_of(match[1])):
            return f"%{place}"
        return literal(text)

    def _signature(self, target: str) -> inspect.Signature | None:
        found = self._object(target)
        return signature_of(found) if callable(found) else None

    def _object(self, target: str) -> object:
        try:
            return locate(target, self._project)
        except Exception:  # noqa: BLE001  # of the user's code, too: `lighter check` tells it of what is written
            return None


def _is_module(folder: Path, name: str) -> bool:
    return (folder / f"{name}.py").is_file() or any((folder / name).glob("*.py")) or (folder / name / name).is_dir()


def _is_class_place(keys: tuple[str, ...]) -> bool:
    """Whether a text that stands there alone is the name of a class."""
    return keys in _NAMED or (len(keys) <= 3 and keys[:2] in _NAMED_IN_TRAINER)


def _home_of(name: str, keys: tuple[str, ...], package: str) -> str:
    """The full name of a class of torch's or Lightning's that is called by its last; empty for any other."""
    parts = [part for key in reversed(keys) for part in _HOMES.get(key, ())]
    homes = [part if "." in part else f"{package}.{part}" for part in parts] or ["torch.optim", "torch.nn"]
    return next((f"{home}.{name}" for home in homes if isinstance(getattr(import_module(home), name, None), type)), "")


def _is_default(given: Part, default: Any) -> bool:
    if default is inspect.Parameter.empty:
        return False
    if isinstance(default, Enum):
        return bool(given.value == default.name)
    if isinstance(default, tuple | list):
        return bool(given.plain == list(default))
    return type(given.value) is type(default) and bool(given.value == default)


def _is_type(kind: Any) -> bool:
    return type in (kind, get_origin(kind))


def _is_callable(kind: Any) -> bool:
    return Callable in (kind, get_origin(kind))


def _is_made(kind: Any) -> bool:
    """Whether an annotation asks for an object of a class that is no plain value."""
    return isinstance(kind, type) and kind is not Any and kind.__module__ not in _PLAIN


def _made_by(annotation: Any) -> Any:
    """What a function of this type makes: of `Callable[[Iterable], Optimizer] | None` the Optimizer."""
    for one in options(annotation):
        arguments = get_args(one)
        if len(arguments) == 2 and (isinstance(arguments[0], list) or arguments[0] is ...):
            return arguments[1]
    return None
