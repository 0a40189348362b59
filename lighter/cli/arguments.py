"""The arguments of a target, with types, defaults and what its docs say of each; nothing is called."""

import dataclasses
import functools
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lighter.cli.argument_docs import argument_docs
from lighter.config.defaults import default_text
from lighter.config.signatures import function_of
from lighter.project.registry import Component

_MARKS: dict[Any, str] = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
_WIDEST = 60  # columns of the arguments before what is said of them


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument: its name with `*` or `**` where it takes all others; type and default as Python writes them."""

    name: str
    type: str = ""
    default: str | None = None
    is_required: bool = False
    description: str = ""

    @property
    def written(self) -> str:
        """As Python writes it: `width: int = 3`."""
        typed = f"{self.name}: {self.type}" if self.type else self.name
        return typed if self.default is None else f"{typed} = {self.default}"

    @property
    def as_mapping(self) -> dict[str, object]:
        """The same for programs."""
        return {
            "name": self.name,
            "type": self.type or None,
            "default": self.default,
            "required": self.is_required,
            "written": self.written,
            "description": self.description,
        }


def arguments(target: Any) -> list[Argument]:
    """The arguments of a target: the fields of a pydantic model, or the parameters of what is called."""
    model = target.config if isinstance(target, Component) else target
    docs = _docs(target.make if isinstance(target, Component) else target)
    if isinstance(model, type) and hasattr(model, "model_fields"):  # of pydantic
        return list(_of_model(model, docs))
    try:
        signature = inspect.signature(target)
    except Exception:  # noqa: BLE001  # a function in C may have none, and attributes of some object raise anything
        return [Argument("...")]
    factories = _factories(target)
    return [_of_parameter(p, factories.get(p.name), docs) for p in signature.parameters.values()]


def summary(target: Any) -> str:
    """The first line of what it says of itself; what Python makes up for a dataclass or inherits is passed over."""
    made = _inner(target)
    text = (getattr(made, "__doc__", None) or "").strip().partition("\n")[0]
    return "" if text.startswith(f"{getattr(made, '__name__', '')}(") and dataclasses.is_dataclass(made) else text


def shown(name: str, origin: str, target: Any) -> str:
    """A target as it is shown: its name, where it is from, what it is, and a line for each argument."""
    rows = arguments(target)
    width = min(max((len(row.written) for row in rows), default=0), _WIDEST)
    mark = len("required") if any(row.is_required for row in rows) else 0
    lines = [f"{name}  {origin}"]
    if said := summary(target):
        lines.append(f"  # {said}")
    for row in rows:
        required = f"{'required' if row.is_required else '':<{mark}}  " if mark else ""
        lines.append(f"  {row.written:<{width}}  {required}{row.description}".rstrip())
    return "\n".join(lines) + "\n"


def _inner(target: Any) -> Any:
    """What is called in the end, whose docs are meant."""
    made = target.make if isinstance(target, Component) else target
    while isinstance(made, functools.partial):
        made = made.func
    return made if isinstance(made, type) or hasattr(made, "__name__") else type(made)


def _docs(target: Any) -> dict[str, str]:
    """What is said of each argument, of a class also where it is inherited: the nearest docs first."""
    made = _inner(target)
    found: dict[str, str] = {}
    for one in made.__mro__ if isinstance(made, type) else (made,):
        own = [vars(one).get(name) for name in ("__init__", "__new__", "__call__")] if isinstance(one, type) else []
        for part in (one, *own):
            text = getattr(getattr(part, "__func__", part), "__doc__", None)  # of a `__new__`, which is a staticmethod
            found = {**argument_docs(text), **found} if isinstance(text, str) else found
    return found


def _factories(target: Any) -> dict[str, str]:
    """What makes the defaults of a dataclass."""
    made = _inner(target)
    fields = dataclasses.fields(made) if isinstance(made, type) and dataclasses.is_dataclass(made) else ()
    return {f.name: _made_by(f.default_factory) for f in fields if f.default_factory is not dataclasses.MISSING}


def _of_parameter(parameter: inspect.Parameter, made_by: str | None, docs: dict[str, str]) -> Argument:
    is_rest = parameter.kind in _MARKS
    has_default = parameter.default is not parameter.empty
    return Argument(
        f"{_MARKS.get(parameter.kind, '')}{parameter.name}",
        _type(parameter.annotation),
        (made_by or default_text(parameter.default)) if has_default else None,
        not has_default and not is_rest,
        docs.get(parameter.name, ""),
    )


def _of_model(model: Any, docs: dict[str, str]) -> Iterator[Argument]:
    for name, field in model.model_fields.items():
        default = None if field.is_required() else default_text(field.default)
        if field.default_factory is not None:
            default = _made_by(field.default_factory)
        said = field.description or docs.get(name, "")
        yield Argument(field.alias or name, _type(field.annotation), default, field.is_required(), said)
    if model.model_config.get("extra") == "allow":
        yield Argument("**more")


def _type(annotation: Any) -> str:
    if annotation is inspect.Parameter.empty:
        return ""
    return annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)


def _made_by(factory: Any) -> str:
    return f"{getattr(factory, '__name__', '...')}()"


def origin(target: Any) -> str:
    """Where a target is defined: a file and a line, or a module."""
    made = target.make if isinstance(target, Component) else inspect.unwrap(_inner(target))
    try:
        return f"{inspect.getsourcefile(made)}:{inspect.getsourcelines(made)[1]}"
    except (OSError, TypeError):
        return str(getattr(function_of(made), "__module__", None) or getattr(made, "__module__", None) or "")
