"""Who may be called by a limited config: one judge for names, for functions and classes, and for calls.

Judged is what a thing is, not how it was reached: its own module and name, and those of all that it wraps.
"""

import inspect
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import islice
from types import (
    BuiltinFunctionType,
    ClassMethodDescriptorType,
    CodeType,
    FrameType,
    FunctionType,
    GenericAlias,
    MethodDescriptorType,
    MethodType,
    MethodWrapperType,
    ModuleType,
    TracebackType,
    WrapperDescriptorType,
)
from typing import Any

from lighter.config.allowlist.names import (
    ALWAYS,
    FLAGS,
    PASSAGES,
    TOLD_WEIGHTS_ONLY,
    is_harmless,
    is_left_out,
    is_passage,
    leads_to_harmless,
    reason_against,
)
from lighter.config.allowlist.refusal import (
    Refusal,
    TooLarge,
    check_call,
    flag_refusal,
    is_bounded,
    is_inner,
    module_refusal,
    text_refusal,
)
from lighter.config.signatures import function_of
from lighter.errors import UsageError, listing
from lighter.project.files import find_root
from lighter.project.importable import make_importable
from lighter.project.libraries import is_installed, is_protected
from lighter.project.project import ALIAS, Project
from lighter.project.registry import SEPARATOR, Component

DEEPEST = 16  # functions that wrap one another
WALKED = 1000  # values of a list or mapping that are looked at

_OF_CLASSES = (ClassMethodDescriptorType, MethodDescriptorType, MethodWrapperType, WrapperDescriptorType)


def own_names(value: Any, called: bool = False) -> Iterator[str]:
    """The name of a function, class or module, and of what it wraps; of another object, `called`, that of its class."""
    for _ in range(DEEPEST):
        value = _unwrapped(value)
        if isinstance(value, ModuleType):
            yield value.__name__
        elif _is_named(value):
            yield _own_name(value)
        elif called:
            yield _name_of_class(type(value))
        # Looked up in the object's own mapping: no code of its class is run.
        held = None if isinstance(value, type) else getattr(value, "__dict__", None)
        if type(held) is not dict or "__wrapped__" not in held:
            return
        value = held["__wrapped__"]
    yield "more functions than can be followed"


def walked(value: Any, most: int = WALKED) -> Iterator[Any]:
    """A value and, if it is a list or mapping, those in it, as many as `most`; no other object is opened."""
    pending = deque([value])
    for _ in range(most):
        if not pending:
            return
        value = pending.popleft()
        yield value
        if type(value) in (list, tuple, set, frozenset, dict):
            pending.extend(islice(value, most))
        if type(value) is dict:
            pending.extend(islice(value.values(), most))


def _unwrapped(value: Any) -> Any:
    """What is behind methods, aliases, partial calls and components."""
    for _ in range(DEEPEST):
        if isinstance(value, (MethodType, classmethod, staticmethod)):
            value = value.__func__
        elif isinstance(value, GenericAlias):
            value = value.__origin__
        elif isinstance(value, partial):
            value = value.func
        elif isinstance(value, Component):
            value = value.make
        else:
            break
    return value


def _is_named(value: Any) -> bool:
    """Whether it is a function or class, Python's own kind or one that has a name as they have."""
    if isinstance(value, (type, FunctionType, BuiltinFunctionType, *_OF_CLASSES)):
        return True
    return callable(value) and isinstance(getattr(value, "__qualname__", None), str)


def _own_name(value: Any) -> str:
    name = str(getattr(value, "__qualname__", None) or value.__name__)
    if isinstance(value, type):
        return _name_of_class(value)
    if isinstance(value, _OF_CLASSES):
        return f"{_name_of_class(value.__objclass__)}.{value.__name__}"
    module = getattr(value, "__module__", None)
    if isinstance(module, str) or not isinstance(value, BuiltinFunctionType):
        return f"{module}.{name}"
    owner = value.__self__
    if owner is None:  # a static method of a type written in C
        return f"?.{name}"
    classes = (*(owner.__mro__ if isinstance(owner, type) else ()), *type(owner).__mro__)
    return f"{_name_of_class(next((c for c in classes if value.__name__ in vars(c)), classes[0]))}.{value.__name__}"


def _name_of_class(value: type) -> str:
    return f"{value.__module__}.{value.__qualname__}"


# What a lambda of a limited config has for its module; no module can be called so.
LAMBDAS = "<limited config>"
# Bounded, yet worth handing on, as in map(sum, ...) and isinstance(x, range).
_HANDED_ON = {f"builtins.{name}" for name in ("bytes", "iter", "range", "round", "sum")} | {"math.lcm", "math.prod"}


def read_allow(allow: str | Iterable[str]) -> tuple[str, ...]:
    """The packages of a list, or of a text with commas. Raises UsageError for what is no name of a package."""
    names = [name.strip() for name in (allow.split(",") if isinstance(allow, str) else allow)]
    for name in names:
        if not all(part.replace("-", "_").isidentifier() for part in name.split(".")):
            raise UsageError(f"'--allow' takes names of packages, {name!r} is none; write --allow=torch,my_project")
    return tuple(dict.fromkeys(names))


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a limited config may name, have and call; its project is None where the list does not name it."""

    packages: tuple[str, ...]
    project: Project | None = None

    @classmethod
    def of(cls, packages: tuple[str, ...], project: Project | None) -> "Allowed":
        """What a list allows to a config with this project."""
        return cls(packages, project if project is not None and _names_project(packages, project) else None)

    def name(self, dotted: str, is_target: bool = False) -> Refusal | None:
        """Why what a dotted name names may not even be imported; only a target's name may be without dots."""
        inside = text_refusal(dotted)
        if inside is not None or self._is_of_project(dotted):
            return inside
        # What a registered name stands for was imported before, and is judged by its own name.
        if is_passage(dotted) or (is_target and SEPARATOR in dotted):
            return None
        is_short = is_target and "." not in dotted
        why = reason_against(f"builtins.{dotted}" if is_short else dotted)
        if why:
            return _refused(dotted, why)
        if is_short:
            return None if self._is_listed("monai") else self._short(dotted)
        if is_harmless(dotted) or leads_to_harmless(dotted) or self._is_listed(dotted) or self._leads_to_listed(dotted):
            return None
        return self._not_listed(dotted)

    def thing(self, value: Any, written: str = "", called: bool = False) -> Refusal | None:
        """Why a function, class or module may not be had (or, `called`, be called); None for any other value."""
        if isinstance(value, partial):
            bound = map(self.thing, (*value.args, *value.keywords.values()))
            return self.call(value) or next(filter(None, bound), None)
        if isinstance(value, (CodeType, FrameType, TracebackType)):
            return Refusal(f"a {type(value).__name__} reaches into the running program")
        if isinstance(value, ModuleType):
            return None if self._is_from_project(value.__name__) else self._module(value.__name__, written)
        judged = (self._named(name, written, called) for name in own_names(value, called))
        return next(filter(None, judged), None)

    def attribute(self, value: Any, name: str, written: str = "") -> Refusal | None:
        """Why what a module has under a name may not be had, though the module may be gone through."""
        if not isinstance(value, ModuleType) or name in PASSAGES.get(value.__name__, (name,)):
            return None
        full = f"{value.__name__}.{name}"
        return _refused(full, reason_against(full), written)

    def call(
        self, function: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None, written: str = ""
    ) -> Refusal | None:
        """Why a function may not be called with these arguments."""
        kwargs = kwargs or {}
        while isinstance(function, partial):
            args, kwargs, function = (*function.args, *args), {**function.keywords, **kwargs}, function.func
        refusal = self.thing(function, written, called=True) or _of_arguments(function, args, kwargs)
        if refusal is not None:
            return refusal
        names = (name for name in own_names(function, called=True) if not self._is_from_project(name))
        return next(filter(None, (_of_call(name, function, args, kwargs) for name in names)), None)

    def debugger(self) -> Refusal:
        """Why no call may be made under a debugger."""
        return Refusal("'_mode_: debug' reads commands, also from a file", "run it without --allow")

    def outcome(self, value: Any) -> Refusal | None:
        """Why what a call has given may not be used: it is, or holds, what is refused whatever the list says."""
        for part in walked(value):
            for name in own_names(part):
                why = "" if self._is_from_project(name) else reason_against(name)
                if why:
                    return Refusal(f"this gives {name}, which {why}: no limited config may do that")
        return None

    def _module(self, name: str, written: str) -> Refusal | None:
        refusal = self.name(name)
        if refusal is None or written in {"", name}:
            return refusal
        return Refusal(refusal.what.replace(f"'{name}'", f"'{written}' is the module {name}, which", 1), refusal.help)

    def _named(self, name: str, written: str, called: bool) -> Refusal | None:
        if self._is_from_project(name) or name.startswith(f"{LAMBDAS}."):
            return None
        if not called and (_is_told(name) or (is_bounded(name) and name not in _HANDED_ON)):
            return Refusal(f"'{name}' may be called, not handed on", "write 'lambda x: ...' with the call in it")
        why = "" if _is_told(name) else reason_against(name)
        if not why and is_inner(name.rpartition(".")[2]):
            why = "leads into the inside of objects"
        if why:
            return _refused(name, why, written)
        if is_harmless(name) or self._is_listed(name, whole=_is_told(name)):
            return None
        return self._not_listed(name, written)

    def is_listed(self, name: str) -> bool:
        """Whether the list itself names a package that a dotted name begins with."""
        return any(_is_under(name, entry) for entry in self.packages)

    def _is_listed(self, name: str, whole: bool = True) -> bool:
        """Whether the list, or what needs no listing, has the name; of some packages not the `whole` is meant."""
        for entry in (*ALWAYS, *self.packages):
            if _is_under(name, entry) and (whole or not is_left_out(name) or is_left_out(entry)):
                return True
        return False

    def _leads_to_listed(self, name: str) -> bool:
        return any(_is_under(entry, name) for entry in self.packages)

    def _not_listed(self, name: str, written: str = "") -> Refusal:
        root = name.partition(".")[0]
        if root == "builtins":
            return Refusal(f"{_subject(name, written)} not among the builtins that a limited config may use")
        if self._is_listed(name):
            what = f"{_subject(name, written)} in no part of '{root}' that limited configs may use"
            return Refusal(what, f"add '{name.rpartition('.')[0]}' to --allow, if you trust it")
        listed = listing(self.packages) or "nothing"
        what = f"{_subject(name, written)} under no package that --allow lists ({listed})"
        return Refusal(what, f"add '{root}' to --allow, if you trust it")

    def _short(self, name: str) -> Refusal:
        if is_harmless(f"builtins.{name}"):
            return Refusal(f"'{name}' without dots is looked up in MONAI first", f"write 'builtins.{name}'")
        what = f"'{name}' without dots is looked up in MONAI, which --allow does not list"
        return Refusal(what, "add 'monai' to --allow, if you trust it, or write the whole name")

    def _is_of_project(self, dotted: str) -> bool:
        """Whether a name as it is written is of the project, and of a part of it that is listed."""
        split = self.project.split(dotted) if self.project is not None else None
        listed = (self.project.split(entry) for entry in self.packages) if self.project is not None else ()
        return split is not None and any(_is_under(f".{split[1]}", f".{e[1]}") for e in listed if e is not None)

    def _is_from_project(self, name: str) -> bool:
        """The same of a name as the modules of the project have it."""
        if self.project is None:
            return False
        package = _package(self.project)
        return _is_under(name, package) and self._is_of_project(ALIAS + name[len(package) :])


@cache
def _package(project: Project) -> str:
    """The package that a project's modules are in; asked once, for serving one project sets another aside."""
    return make_importable(project)


def _names_project(packages: tuple[str, ...], project: Project) -> bool:
    """Whether the list means the project: an installed package of the same name must not be taken for it."""
    named = {split[0] for split in map(project.split, packages) if split is not None}
    if ALIAS in named or not named or "." in project.name or not project.name.isidentifier():
        return bool(named)
    root = find_root(project)
    return not is_protected(project.name) and not is_installed(project.name, (root and root.file) or "")


def _of_call(name: str, function: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Refusal | None:
    if _is_told(name) and kwargs.get("weights_only") is not True:
        return Refusal(f"'{name}' reads pickled objects, which bring code", "write 'weights_only: true' beside it")
    if is_bounded(name) and args:
        try:
            check_call(name, function, args, kwargs)
        except TooLarge as error:
            return Refusal(str(error))
        except (AttributeError, TypeError, ValueError):  # the call itself will say what is wrong with it
            return None
    return None


def _of_arguments(function: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Refusal | None:
    for value in walked([*args, {**_by_name(function, args), **kwargs}]):
        refused = [flag_refusal(name, given) for name, given in value.items()] if type(value) is dict else []
        refused += [module_refusal(value), text_refusal(value) if isinstance(value, str) else None]
        if any(refused):
            return next(filter(None, refused))
    return None


def _by_name(function: Any, args: Sequence[Any]) -> dict[str, Any]:
    """What a call gives by position, by the names of the arguments; nothing where none of them is a flag."""
    plain = function_of(getattr(function, "__func__", function)) if args else None
    code = getattr(inspect.unwrap(plain), "__code__", None) if callable(plain) else None
    if code is None or FLAGS.keys().isdisjoint(code.co_varnames):  # signatures are slow
        return {}
    try:
        return dict(inspect.signature(function).bind_partial(*args).arguments)
    except (TypeError, ValueError):
        return {}


def _is_told(name: str) -> bool:
    return name in TOLD_WEIGHTS_ONLY or name.rpartition(".")[2] in TOLD_WEIGHTS_ONLY


def _is_under(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.") or package == "."


def _subject(name: str, written: str) -> str:
    return f"'{written}' is {name}, which is" if written and written != name else f"'{name}' is"


def _refused(name: str, why: str, written: str = "") -> Refusal:
    subject = f"'{written}' is {name}, which" if written and written != name else f"'{name}'"
    return Refusal(f"{subject} {why}: no limited config may do that")
