"""What a limited config may call: what is on the list, and code that its user trusts. All else is refused.

Judged is what a thing is, not what it is called: the list is one of objects.
"""

import functools
import importlib
import inspect
import math
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import zip_longest
from pathlib import Path
from types import BuiltinFunctionType, FunctionType, MethodDescriptorType, MethodType, MethodWrapperType, ModuleType
from typing import Any

import yaml

from lighter.config.expressions import ENVIRONMENT, KNOWN
from lighter.config.reach import is_within
from lighter.errors import Position, Problem, RunError, UsageError, listing, nearest
from lighter.project.files import find_root
from lighter.project.importable import make_importable
from lighter.project.libraries import is_installed, is_protected
from lighter.project.project import ALIAS, Project
from lighter.project.registry import SEPARATOR, Component

_LIST = yaml.safe_load(Path(__file__).with_name("listed.yaml").read_text(encoding="utf-8"))
FLAGS, ALWAYS, RULES = _LIST["flags"], {"lightning", *_LIST["always"].split()}, _LIST["rules"]
LISTED: dict[str, str] = _LIST["names"]
for _of_names in (LISTED, RULES):  # the same by the other name of the package
    _of_names |= {f"lightning.pytorch{k[17:]}": v for k, v in _of_names.items() if k.startswith("pytorch_lightning")}
RULES[""] |= {name: [value] for name, value in FLAGS.items()}  # also where they are given by position, or by default
_MAKERS = _LIST["makers"].split()
INSIDE, NO_TEXT, FEW = "<inside>", "<no text>", "<few>"

LARGEST = 100_000  # items of a value in an expression, what it holds several times counted each time
MOST = 600_000  # of what a call is given: a config may hold long lists
DEEPEST = 110  # lists in lists
BUDGET = 1_000_000  # values that the expressions of a config look at
UNKNOWN = object()  # an argument that only the run knows
OWN_CODE = "write a function in your project that does it"
MOST_SIDES = 64  # of an array: a longer list is none of sizes
MANY = 10_000  # samples or features of data that is made up
LONGEST_PATH = 4096  # characters that a system takes
ELEMENTS = 10**7  # of a tensor or array that a function makes
_ROOTS = {module.partition(".")[0] for module in LISTED}
_CODE: tuple[type, ...] = (type, partial, Component, ModuleType, FunctionType, BuiltinFunctionType, MethodType)
_CODE += (MethodDescriptorType, MethodWrapperType, type(functools.cache(len)), type(object.__init__))
# Names of inner parts, also those of frames, which begin with no underscore.
_INNER = re.compile(
    r"(?<!\w)(?:__\w+__|(?:ag|cr|gi)_(?:await|code|frame)|tb_(?:frame|next)"
    r"|f_(?:back|builtins|code|globals|locals|trace))(?!\w)"
)
_ADDRESS = re.compile(r"\w\w:/|^registry:", re.IGNORECASE)  # the other is Lightning's store of models
_FORMAT = re.compile(r"\{[^{}:]*:([^}]*)")
# Of a number as a number; `c` would write the character that has it.
_OF_NUMBERS = re.compile(r"[ ,_+\-<>=^]*\d{0,3}[,_]?(?:\.\d{1,3})?[deEfFgGn%]?")
_LEADS_OUT = re.compile(r"^[/\\~]|(?:^|[/\\])\.\.(?:[/\\]|$)|\w:[/\\]")


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a limited config asks for and does not get: what and why, and what may be done about it."""

    what: str
    help: str = OWN_CODE

    def problem(self, position: Position | None, place: str) -> Problem:
        """The same as a mistake of the config, at its place."""
        return Problem(self.what, position, place, self.help, code="limit")


class Refused(Exception):  # noqa: N818  # what is wrong is in the name
    """What an expression would do, or hold, and may not."""

    def __init__(self, what: str, help: str = "make it smaller") -> None:
        self.refusal = Refusal(what, help)


def read_allow(allow: str | Iterable[str]) -> tuple[str, ...]:
    """The packages of a list, or of a text with commas; absolute paths are files and folders that may be read.

    Raises UsageError for what is neither.
    """
    names = [name.strip() for name in (allow.split(",") if isinstance(allow, str) else allow)]
    for name in names:
        if not os.path.isabs(name) and not all(part.replace("-", "_").isidentifier() for part in name.split(".")):
            raise UsageError(f"'--allow' takes names of packages, {name!r} is none; write --allow=torch,my_project")
    return tuple(dict.fromkeys(names))


def shape_of(value: Any) -> tuple[int, ...]:
    """The shape of a tensor, array or range; of all else an empty one. Raises Refused for an array of objects."""
    if isinstance(value, range):
        return (len(value),)
    shape = getattr(value, "shape", ()) if not isinstance(value, _CODE) else ()
    if getattr(getattr(value, "dtype", None), "hasobject", False) is True:  # of which each operator does what it likes
        raise Refused("this array holds no numbers", "write numbers of which numpy has a type")
    return shape if isinstance(shape, tuple) and all(isinstance(size, int) for size in shape) else ()


def require_few(values: Any, times: float = 1) -> None:
    """Raises Refused where what comes of these tensors, one after the other or broadcast, is much larger than they."""
    shaped = [(value, shape) for value in weigh(values, MOST) if (shape := shape_of(value) or _length(value))]
    shapes = [shape[::-1] for _, shape in shaped]
    broadcast = math.prod(max(sizes) for sizes in zip_longest(*shapes, fillvalue=1))
    # Elements that are in the memory already; those of a range or a dataset come only when they are asked for.
    held = {id(value): math.prod(shape) for value, shape in shaped if hasattr(value, "dtype")}
    if max(sum(math.prod(shape) for _, shape in shaped), broadcast) * times > max(ELEMENTS, 2 * sum(held.values())):
        raise Refused(f"this may have more than {ELEMENTS:,} elements")


def _length(value: Any) -> tuple[int, ...]:
    """The length of a dataset or another thing that gives items of its own; empty for what `weigh` looks into."""
    if isinstance(value, (str, list, tuple, dict)) or not hasattr(type(value), "__getitem__"):
        return ()
    with suppress(TypeError, NotImplementedError):
        return (len(value),)
    return ()


def weigh(value: Any, most: int = LARGEST) -> Iterator[Any]:
    """All that is in a value, each as often as it is there. Raises Refused where that is too much to print."""
    pending, weight = [(value, 0)], 0
    while pending:
        value, depth = pending.pop()
        size = len(value) if isinstance(value, str) else value.bit_length() if isinstance(value, int) else 0
        weight += 1 + size // 32
        if weight > most or depth > DEEPEST:
            raise Refused(f"this holds more than {most:,} values, or nests more than {DEEPEST} levels deep")
        yield value
        pending += [(one, depth + 1) for one in _held(value)]


def _held(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return (*value, *value.values())
    if isinstance(value, partial):
        return (value.args, value.keywords, *(() if isinstance(value, Judged) else (value.func,)))
    if isinstance(value, slice):
        return value.start, value.stop, value.step
    return value if isinstance(value, (list, tuple, set, frozenset)) else ()


@cache
def things(package: str) -> dict[str, Any]:
    """All that the list has of a package, by the names that it may be written by: its own, and those of the list."""
    found: dict[str, Any] = {}
    for module, names in LISTED.items():
        if module.partition(".")[0] == package:
            try:
                home = importlib.import_module(module)
            except ImportError:  # not installed, or of another version
                continue
            listed = {name: getattr(home, name) for name in _names(module, names, vars(home)) if hasattr(home, name)}
            ids = set(map(id, listed.values()))
            listed |= {name: value for name, value in vars(home).items() if id(value) in ids}
            found |= {f"{module}.{name}": value for name, value in listed.items()}
    named = [value for value in found.values() if isinstance(value, (type, FunctionType))]
    return {own_name(value): value for value in named} | found


def _names(module: str, names: str, public: Mapping[str, Any]) -> Iterator[str]:
    for name in names.split():
        home, _, last = name[1:-1].rpartition(".")
        if name[0] == "<":
            base = getattr(importlib.import_module(home), last)
            yield from (k for k, v in public.items() if k[0] != "_" and isinstance(v, type) and issubclass(v, base))
        else:
            yield from (name, f"{name}d") if module == "monai.transforms" else (name,)


@cache
def _listed_names(package: str) -> dict[int, str]:
    known = things(package)  # of several names of one thing, that with rules counts
    return {id(known[name]): name for name in sorted(known, key=RULES.__contains__)}


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a limited config may name, have and call; its project is None where the list does not name it."""

    packages: tuple[str, ...]
    project: Project | None = None
    folders: tuple[str, ...] = ()  # where its files may lie
    spent: list[int] = field(default_factory=lambda: [0])  # values that its expressions have looked at

    @classmethod
    def of(cls, allow: tuple[str, ...], project: Project | None, files: Iterable[Path] = ()) -> "Allowed":
        """What a list allows to a config with this project, which was read from these files."""
        packages = tuple(name for name in allow if not os.path.isabs(name))
        project = project if project is not None and _names_project(packages, project) else None
        folders: list[str | Path] = [
            Path(),
            *(path.parent for path in files),
            *(name for name in allow if name not in packages),
        ]
        folders += [project.root] if project is not None else []
        return cls(packages, project, tuple(os.path.realpath(folder) for folder in folders))

    def name(self, dotted: str, is_target: bool = False) -> Refusal | None:
        """Why what a dotted name names may not even be imported; only a target's name may be without dots."""
        root, _, rest = dotted.partition(".")
        if (inner := self.text(dotted)) is not None or self.trusts(dotted) or (is_target and SEPARATOR in dotted):
            return inner  # what a registered name stands for is judged by what it is
        if is_target and not rest and "monai" in self.packages:
            return None if any(one.endswith(f".{root}") for one in things("monai")) else _unlisted(dotted)
        is_module = not is_target and any(f"{module}.".startswith(f"{dotted}.") for module in LISTED)
        if (
            root in _ROOTS
            and self._picks(dotted)
            and (is_module or dotted in things(root) or (is_target and root == "lighter"))
        ):
            return None
        if is_target and not rest:
            is_ours = f"builtins.{root}" in things("builtins")
            help = f"write 'builtins.{root}'" if is_ours else "add 'monai' to --allow, if you trust it"
            return Refusal(f"'{root}' without dots is looked up in MONAI, which --allow does not list", help)
        if root in sys.stdlib_module_names or (root in _ROOTS and self._picks(dotted)):
            return _unlisted(dotted)
        what = f"'{dotted}' is under no package that --allow lists ({listing(self.packages) or 'nothing'})"
        return Refusal(what, f"add '{root}' to --allow, if you trust it")

    def call(self, function: Any, args: Any = (), kwargs: Any = None, written: str = "") -> Refusal | None:
        """Why a function may not be had, or be called with these arguments, of which some may be UNKNOWN."""
        kwargs = kwargs or {}
        while isinstance(function, partial):
            args, kwargs, function = (*function.args, *args), {**function.keywords, **kwargs}, function.func
        if isinstance(function, ModuleType):
            name = function.__name__
            return Refusal(f"the module '{name}' is handed on, with all in it", f"name what it is for: '{name}....'")
        function = function.make if isinstance(function, Component) else function
        function = function.__func__ if isinstance(function, MethodType) else function
        name = self._listed_name(function)
        if not name and not self.trusts(own_name(function)):
            return _unlisted(own_name(function), written)
        try:
            judged = map(self._argument, {id(one): one for one in weigh([args, kwargs], MOST)}.values())
            return next(filter(None, judged), None) or (_of_rules(name, function, args, kwargs) if name else None)
        except Refused as error:
            return error.refusal

    def handed_on(self, bound: partial[Any]) -> Any:
        """What is given to whoever will call it: of a thing with rules one that judges each call by them."""
        name = self._listed_name(bound.func)
        if not name or not _has_rules(name, bound.func):
            return bound if bound.args or bound.keywords else bound.func
        judged = Judged(bound.func, *bound.args, **bound.keywords)
        judged.name = name
        return judged

    def _argument(self, value: Any) -> Refusal | None:
        if isinstance(value, (type, FunctionType)) and (name := self._listed_name(value)) and _has_rules(name, value):
            return Refusal(f"'{name}' is handed on as it is", f"write '{{_target_: {name}, _mode_: callable}}'")
        if isinstance(value, dict):
            return next(filter(None, (flag_refusal(name, given) for name, given in value.items())), None)
        if isinstance(value, partial):  # what it holds is judged by itself
            name = self._listed_name(value.func)
            return _of_rules(name, value.func, value.args, value.keywords) if name else None
        return self.call(value) if isinstance(value, _CODE) else None

    def result(self, function: Any, value: Any) -> Refusal | None:
        """Why what a listed function gives may not be had: it has read the path of a file elsewhere."""
        if self.trusts(own_name(function)) or not isinstance(value, (str, dict, list, tuple)):
            return None
        try:
            return self.texts(value, MOST)
        except Refused as error:
            return error.refusal

    def texts(self, value: Any, most: int = LARGEST) -> Refusal | None:
        """Why a text in a value may not be handed on. Raises Refused where the value holds too much."""
        found = dict.fromkeys(part for part in weigh(value, most) if isinstance(part, str))
        return next(filter(None, map(self.text, found)), None)

    def text(self, text: str) -> Refusal | None:
        """Why a text may not be handed on: it names an inner part, or a file elsewhere."""
        if inner := _INNER.search(text):
            what = f"a text with '{inner[0]}' in it leads into the inside of objects"
            return Refusal(what, "leave it out, or do it in your project's own code")
        may_lead_out = _LEADS_OUT.search(text) or os.path.lexists(text)
        is_short = len(text) <= LONGEST_PATH  # enough for any path, and soon followed
        if not _ADDRESS.search(text) and (not may_lead_out or (is_short and is_within(text, self.folders))):
            is_endless = os.path.exists(text) and not (os.path.isfile(text) or os.path.isdir(text))
            return Refusal(f"'{text}' is neither a file nor a folder", "name a file") if is_endless else None
        return Refusal(f"'{text}' lies outside of this config's folders", "name it in --allow-files, if you trust it")

    def spend(self, value: Any) -> None:
        """Counts what looking at a value takes. Raises Refused where it is too much, alone or with those before."""
        self.spent[0] += sum(1 for _ in weigh(value)) + math.prod(shape_of(value)) // 100
        if self.spent[0] > BUDGET:
            raise Refused(f"the expressions of this config take more than {BUDGET:,} steps")

    def trusts(self, name: str) -> bool:
        """Whether a name, as it is written or as an object has it, is of code that the user trusts as a whole."""
        if any(_is_under(name, entry) for entry in self.packages if _is_whole(entry)):
            return True
        if self.project is None:
            return False
        package = _package(self.project)
        split = self.project.split(ALIAS + name[len(package) :] if _is_under(name, package) else name)
        entries = filter(None, map(self.project.split, self.packages))
        return split is not None and any(_is_under(f".{split[1]}", f".{entry[1]}") for entry in entries)

    def _listed_name(self, value: Any) -> str:
        """The name that the list has for an object; empty for all others. Only of what is loaded it can be one."""
        names = (_listed_names(root).get(id(value), "") for root in _ROOTS if root in sys.modules and self._picks(root))
        return next((name for name in names if name and self._picks(name)), "")

    def _picks(self, dotted: str) -> bool:
        picked = any(_is_under(dotted, entry) or _is_under(entry, dotted) for entry in self.packages)
        return picked or dotted.partition(".")[0] in ALWAYS


class Judged(partial[Any]):
    """A function whose arguments have rules, for code that calls it with data: each call is judged as a config's."""

    name: str

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        """What the function gives. Raises RunError for arguments that it may not have."""
        try:
            refusal = _of_rules(self.name, self.func, (*self.args, *args), {**self.keywords, **kwargs})
        except Refused as error:
            refusal = error.refusal
        if refusal is not None:
            raise RunError(f"{refusal.what}, which data or a library gives it here; {refusal.help}")
        return super().__call__(*args, **kwargs)


@cache
def _has_rules(name: str, function: Any) -> bool:
    with suppress(TypeError, ValueError):
        return name in RULES or bool(RULES[""].keys() & inspect.signature(function).parameters.keys())
    return name in RULES


DEBUGGER = Refusal("'_mode_: debug' reads commands, also from a file", "run it without --allow")


def flag_refusal(name: object, value: object) -> Refusal | None:
    """Why an argument may not have a value, whoever is called."""
    if name not in FLAGS or value is FLAGS[str(name)]:
        return None
    return Refusal(f"'{name}: {str(value).lower()}' may let data bring code with it", f"leave '{name}' out")


def _of_rules(name: str, function: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Refusal | None:
    given = kwargs
    with suppress(TypeError, ValueError):  # the call itself will say what is wrong with it
        bound = inspect.signature(function).bind_partial(*args, **kwargs)
        bound.apply_defaults()
        given = {**bound.arguments, **kwargs}
    rules = RULES[""] | RULES.get(name, {})
    for argument in rules.keys() & given.keys():
        values = (one for one in weigh(given[argument], MOST) if not isinstance(one, (list, tuple, dict)))
        if not all(_is_permitted(one, rules[argument]) for one in values):
            can = " or ".join(str(one).lower() for one in rules[argument] if type(one) is bool)
            can = f"up to {MANY:,}" if FEW in rules[argument] else can
            cure = f"write '{argument}: {can}' beside it" if can else f"leave '{argument}' out"
            return Refusal(f"'{argument}' of '{name}' may not be this under --allow", cure)
    root, _, last = name.rpartition(".")
    inside = [*weigh([args, [*kwargs.values()]], MOST)]
    if not isinstance(function, type):
        require_few([args, kwargs], _times(last, inside) if last in _MAKERS else 1)
    if root == "numpy" and last != "load" and any(isinstance(one, str) for one in inside):
        return Refusal(f"'{name}' takes no text under --allow", "write a type as np.float32")
    return None


def _times(name: str, inside: Sequence[Any]) -> float:
    """How many elements come of each that a function is given with these numbers, in a list or one for each side."""
    if name == "decollate_batch":  # an object for each
        return 100
    sizes = [abs(one) for value in inside for one in _numbers(value)]
    sizes += [len(one) for one in inside if isinstance(one, list) and len(one) > MOST_SIDES]
    logs = [abs(math.log(size)) for size in sizes if 0 < size < math.inf]
    sides = 2 if name.endswith("2d") else max([len(shape_of(one)) - 2 for one in inside], default=1)
    sides = sides if len(logs) == 1 else 1
    return round(math.exp(min(sum(logs) * max(1, sides), 99)), 3)


def _numbers(value: Any) -> list[int | float]:
    """A number, or those of a scalar or short row of torch or numpy, which may be sizes as well."""
    values = [value]
    if getattr(value, "ndim", None) in (0, 1) and math.prod(shape_of(value)) <= MOST_SIDES:
        values = value.tolist() if value.ndim else [value.item()]
    return [one for one in values if isinstance(one, (int, float))]


def _is_permitted(value: Any, permitted: list[object]) -> bool:
    if FEW in permitted and isinstance(value, (int, float)):
        return abs(value) <= MANY
    if isinstance(value, str):
        is_inside = len(value) <= LONGEST_PATH and not _LEADS_OUT.search(value)
        is_inside = is_inside and all(map(_OF_NUMBERS.fullmatch, _FORMAT.findall(value)))
        return is_inside if INSIDE in permitted else value in permitted and value != NO_TEXT
    if any(value is one or (type(value) is type(one) is int and value == one) for one in permitted):
        return True
    return NO_TEXT in permitted or (INSIDE in permitted and value is not UNKNOWN)


def own_name(value: Any) -> str:
    """The dotted name of a class or function, also of one with arguments bound, or of the class of anything else."""
    while isinstance(value, (Component, partial)):
        value = value.make if isinstance(value, Component) else value.func
    home: Any = value if isinstance(value, _CODE) else type(value)
    module = getattr(home, "__module__", None)
    module = module if isinstance(module, str) else type(getattr(home, "__self__", home)).__module__
    return f"{module}.{home.__qualname__}"


def _unlisted(name: str, written: str = "") -> Refusal:
    home, _, last = name.rpartition(".")
    root = name.partition(".")[0] if name.partition(".")[0] in _ROOTS else "monai"
    known = {one.rpartition(".")[2]: one for one in things(root)}
    near = last if last in known else nearest(last, [n for n, one in known.items() if one == f"{home}.{n}" or not home])
    cure = f"did you mean '{known[near]}'? Else {OWN_CODE}" if near else OWN_CODE
    if name == KNOWN[ENVIRONMENT]:  # which reads what may be secrets
        cure = f"add '{home}' to --allow, if you trust it"
    subject = f"'{written}' is {name}, which" if written not in ("", name) else f"'{name}'"
    return Refusal(f"{subject} is not on the list of what limited configs may use", cure)


def _is_whole(entry: str) -> bool:
    """Whether an entry trusts all code of its name: it picks nothing from the list, and is not Python's own."""
    root = entry.partition(".")[0]
    if root in sys.stdlib_module_names or entry in _ROOTS:
        return False
    return root not in _ROOTS or not any(_is_under(name, entry) for name in (*LISTED, *things(root)))


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


def _is_under(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.") or package == "."
