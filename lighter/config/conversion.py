"""What a value of the config becomes for the argument that it is given to, where YAML has no word for that."""

import enum
import inspect
import pathlib
from collections.abc import Callable
from typing import Any, get_args, get_origin

from lighter.config.annotations import (
    BY_NAME,
    BY_POSITION,
    annotation_of,
    field_types,
    is_called,
    is_dataclass,
    is_model,
    options,
)
from lighter.config.fitting import Fit, fit, member
from lighter.config.plan import Argument, Constant, Items, Pairs
from lighter.config.signatures import faults, signature_of
from lighter.project.registry import Component


class Conversion:
    """What a callable's annotations make of the values that it is given."""

    def __init__(self, target: Callable[..., Any]) -> None:
        # A model of pydantic converts by itself, and by rules of its own.
        knows_itself = is_model(target) or (isinstance(target, Component) and target.config is not None)
        signature = signature_of(target) if not knows_itself else None
        parameters = list(signature.parameters.values()) if signature is not None else []
        self._target = target
        self._by_position = [one for one in parameters if one.kind in BY_POSITION]
        self._by_name = {one.name: one for one in parameters if one.kind in BY_NAME}

    def parameter(self, key: int | str) -> inspect.Parameter | None:
        """The parameter at a position, or of a name; None where that is not known."""
        if isinstance(key, str):
            return self._by_name.get(key)
        return self._by_position[key] if key < len(self._by_position) else None

    def of(self, key: int | str, value: object, argument: Argument | None) -> object:
        """What the parameter at a position or of a name gets; `argument` is what `value` was made of."""
        parameter = self.parameter(key)
        return value if parameter is None else converted(value, believed(self._target, parameter), argument)


def believed(target: Callable[..., Any], parameter: inspect.Parameter) -> Any:
    """The annotation of a parameter; Any where its own default contradicts it."""
    annotation, default = annotation_of(target, parameter), parameter.default
    if default is inspect.Parameter.empty or default is None:
        return annotation
    is_true = fit(default, annotation) is Fit.YES and converted(default, annotation) is default
    return annotation if is_true else Any


def converted(value: object, annotation: Any, argument: Argument | None = None) -> object:
    """The value as an annotation wants it; itself where it is that, or cannot be."""
    if isinstance(value, dict) and (kind := chosen(value, annotation)) is not None:
        return _made(value, kind, argument)
    fitting = [option for option in options(annotation) if fit(value, option) is Fit.YES]
    made = [_converted(value, option, argument) for option in fitting]
    # A number may become a text only where nothing else takes it.
    return (
        value if any(one is value for one in made) else min(made, key=lambda one: isinstance(one, str), default=value)
    )


def chosen(value: dict[Any, object], annotation: Any) -> Any:
    """The class that a mapping is made one of, of several the first that takes its keys; None where it stays one."""
    kinds = [option for option in options(annotation) if is_dataclass(option) or is_model(option)]
    if len(kinds) < len([option for option in options(annotation) if fit(value, option) is Fit.YES]):
        return None
    return next((kind for kind in kinds if is_dataclass(kind) and _takes(kind, value)), next(iter(kinds), None))


def _takes(kind: Any, value: dict[Any, object]) -> bool:
    signature = signature_of(kind)
    return signature is not None and not any(faults(kind.__name__, signature, 0, value, partial=False))


def _converted(value: Any, annotation: Any, argument: Argument | None) -> Any:
    kind, of = get_origin(annotation) or annotation, get_args(annotation)
    if not isinstance(kind, type) or isinstance(value, enum.Enum):
        return value
    if kind is int and type(value) is float:
        return int(value)
    if kind is str and type(value) in (int, float):
        return _written(value, argument)
    if issubclass(kind, enum.Enum) and isinstance(value, (str, int, float, list)):
        return member(kind, value)
    if issubclass(kind, pathlib.PurePath) and isinstance(value, str):
        return kind(value)
    if isinstance(value, list):
        return _converted_list(value, kind, of, argument)
    return _converted_mapping(value, kind, of, argument) if isinstance(value, dict) else value


def _written(value: float, argument: Argument | None) -> str:
    """A number as the config has it, leading and closing zeros included."""
    return (isinstance(argument, Constant) and argument.value == value and argument.written) or str(value)


def _converted_list(value: list[Any], kind: type, of: tuple[Any, ...], argument: Argument | None) -> list[Any]:
    if not of or issubclass(kind, dict):
        return value
    is_fixed = kind is tuple and of[-1] is not Ellipsis
    wanted = of if is_fixed else of[:1] * len(value)
    parts = argument.items if isinstance(argument, Items) else ()
    # An expression may have changed the list since: what is not as written is the number that it is.
    given = [*parts, *[None] * (len(value) - len(parts))]
    made = [converted(*one) for one in zip(value, wanted, given, strict=False)] + value[len(wanted) :]
    return value if all(one is old for one, old in zip(made, value, strict=True)) else made


def _converted_mapping(value: dict[Any, Any], kind: Any, of: tuple[Any, ...], argument: Argument | None) -> Any:
    parts = dict(argument.pairs) if isinstance(argument, Pairs) else {}
    if len(of) < 2 or not (issubclass(kind, dict) or is_called(kind, "collections.abc.Mapping")):
        return value
    made = {key: converted(one, of[1], parts.get(key)) for key, one in value.items()}
    return value if all(one is value[key] for key, one in made.items()) else made


def _made(value: dict[Any, Any], kind: Any, argument: Argument | None) -> object:
    if is_model(kind):
        return kind(**value)
    types, parts = field_types(kind), dict(argument.pairs) if isinstance(argument, Pairs) else {}
    return kind(**{key: converted(one, types.get(key, Any), parts.get(key)) for key, one in value.items()})
