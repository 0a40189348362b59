"""A `_target_` without dots: a registered component, one of MONAI's, found as MONAI finds it, or a builtin."""

import builtins
import importlib
import importlib.util
import sys
import warnings
from contextlib import suppress
from functools import cache
from types import FunctionType, ModuleType
from typing import Any

from lighter.errors import nearest, suggestion
from lighter.project.locating import locate
from lighter.project.project import Project
from lighter.project.registry import SEPARATOR, ComponentNotFound, current
from lighter.project.target_not_found import TargetNotFound

# Where people know classes from by their last names; only a mistake looks there.
_HOMES = (
    "torch.nn",
    "torch.optim",
    "torch.optim.lr_scheduler",
    "torch.utils.data",
    "torchmetrics",
    "pytorch_lightning",
    "pytorch_lightning.callbacks",
    "pytorch_lightning.loggers",
    "lighter",
)


class UnknownShortName(TargetNotFound):
    """A name without dots that is no registered component, as `model/tiny` may be, none of MONAI's and no builtin."""

    @property
    def what(self) -> str:
        """The fault alone, without a cure."""
        if SEPARATOR in self.dotted:
            return f"nothing is registered as '{self.dotted}'"
        return f"a name without dots is a component of MONAI or a builtin, and '{self.missing}' is neither"


def locate_target(name: str, project: Project | None = None) -> object:
    """The object that a `_target_` names; only a name without dots imports MONAI. Raises what `locate` raises."""
    if SEPARATOR in name:
        return _component(name)
    if not name.isidentifier() or (project is not None and project.owns(name)):
        return locate(name, project)
    module = _monai_module(name)
    if module is not None:
        return getattr(importlib.import_module(module), name)
    if hasattr(builtins, name):
        return getattr(builtins, name)
    raise UnknownShortName(name, name, "", _components(), "attribute", _hint(name, project))


def _component(written: str) -> object:
    """What is registered, itself; with a model of its arguments, what asks that first."""
    try:
        return current().find(written).called
    except ComponentNotFound as error:
        kind = written.partition(SEPARATOR)[0]
        of_kind = [name for name in error.candidates if name.startswith(f"{kind}{SEPARATOR}")]
        known = of_kind or error.candidates
        hint = suggestion(written, known, "registered are") or "nothing is registered: is its module imported?"
        raise UnknownShortName(written, written, "", error.candidates, "attribute", hint) from error


@cache
def _monai_module(name: str) -> str | None:
    """The module of MONAI that defines a component; of several the first, as MONAI has it, and it is said once."""
    modules: list[str] | str | None = _locator().get_component_module_name(name)
    if not isinstance(modules, list):
        return modules
    first, *others = [f"'{module}.{name}'" for module in modules]
    what = f"'{name}' means {first}, the first of several in MONAI: write that, or {' or '.join(others)}"
    warnings.warn(what, stacklevel=2)
    return str(modules[0])


@cache
def _locator() -> Any:
    from monai.bundle import ComponentLocator  # imports all of MONAI

    return ComponentLocator()


def _components() -> list[str]:
    """The names of MONAI's components, without its inner works and second names for the same."""
    modules = [module for name, module in sys.modules.items() if name.partition(".")[0] == "monai"]
    values = [value for module in modules for value in vars(module).values()]
    names = {value.__name__ for value in values if isinstance(value, (type, FunctionType))}
    return sorted(name for name in names if name[:1] != "_" and _locator().get_component_module_name(name) is not None)


def _hint(name: str, project: Project | None) -> str:
    from lighter.project.searching import Search  # only a mistake pays for these
    from lighter.project.short_names import full_name

    if homes := [f"'{home}'" for home in Search(project).homes(name)[:3]] if project is not None else []:
        return f"the project has it: write {' or '.join(homes)}"
    if full := full_name(name):
        return full
    if what := _installed(name):
        home = next((home for home in _HOMES if home.partition(".")[0] == name), name)
        return f"it is a {what}: name what is in it, '{home}.Name'"
    if found := _at_home(name):
        return f"write '{found}'"
    near = nearest(name, _components())
    whole = f"write the whole name, such as 'my_project.models.{name}'"
    return f"did you mean '{near}'? Otherwise {whole}" if near else whole


def _installed(name: str) -> str:
    """Whether the name is of a package or a module, as a word; empty for neither."""
    with suppress(ValueError, ImportError):  # what says no more than its name, as '__main__', or is half installed
        spec = importlib.util.find_spec(name)
        return "" if spec is None else "module" if spec.submodule_search_locations is None else "package"
    return ""


def _at_home(name: str) -> str:
    """The full name of a class by its last name, also as it is said: `adam`, `cross_entropy`."""
    homes = [importlib.import_module(home) for home in _HOMES]
    if exact := next((home for home in homes if hasattr(home, name)), None):
        return f"{exact.__name__}.{name}"
    said = {name.replace("_", "").lower() + ending for ending in ("", "loss", "lr")}
    known = ((home, one) for home in homes for one in dir(home) if one[:1].isupper())
    return next((f"{home.__name__}.{one}" for home, one in known if one.lower() in said), "")


def within(dotted: str, module: object) -> str:
    """What to write for the name of a module that is meant for the class in it; empty where there is not just one."""
    if not isinstance(module, ModuleType):
        return ""
    own = [name for name, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__]
    classes = [name for name in own if isinstance(getattr(module, name), type) and not name.startswith("_")]
    said = dotted.rpartition(".")[2].replace("_", "").lower()
    meant = [name for name in classes if name.lower() == said] or classes
    return f"write '{dotted}.{meant[0]}'" if len(meant) == 1 else ""
