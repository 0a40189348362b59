"""What a model of pydantic's takes, as it says itself: its aliases, its validators, and what it makes of values."""

from collections.abc import Collection, Iterator, Mapping
from reprlib import Repr
from typing import Any, NamedTuple, get_args

from lighter.config.annotations import is_model, options
from lighter.config.signatures import Fault, missing_fault
from lighter.errors import listing, nearest

_SHORT = Repr()
_SHORT.maxstring = _SHORT.maxother = 60
_LACKING = ("missing", "missing_argument", "missing_keyword_only_argument")
_TOO_MUCH = ("extra_forbidden", "unexpected_keyword_argument")
_CHANGING = ("before", "wrap", "plain")


class ModelFault(NamedTuple):
    """What a model refuses: in its own words, where below its arguments, and what it says of that field."""

    said: str
    path: tuple[str, ...]
    help: str = ""


def may_be_asked(model: Any) -> bool:
    """Whether it is a model whose objects are made by pydantic alone: no code of its own would do more than check."""
    if not is_model(model):
        return False
    after = getattr(model, "model_post_init", None)
    is_pydantics = after is None or str(getattr(after, "__module__", "")).startswith("pydantic.")
    return is_pydantics and not getattr(model, "__pydantic_custom_init__", False)


def faults_of_names(name: str, model: Any, given: Collection[str], partial: bool) -> Iterator[Fault]:
    """The names that a model does not take, and those that it lacks; a partial call may lack some."""
    names = {one: _names(model, one, field) for one, field in model.__pydantic_fields__.items()}
    known = [one for of_field in names.values() for one in of_field]
    strange = [key for key in given if key not in known] if _is_closed(model) else []
    for key in strange:
        near = nearest(key, known)
        help = f"did you mean '{near}'?" if near else _takes(known)
        yield Fault(f"{name} takes no argument '{key}'", key, help, tuple(known))
    if partial or _changes_whole(model):
        return
    meant = {*given, *(nearest(key, known) for key in strange)}
    required = {one: of_field[0] for one, of_field in names.items() if model.__pydantic_fields__[one].is_required()}
    lacking = [first for one, first in required.items() if not meant & set(names[one])]
    if lacking:
        yield missing_fault(name, lacking)


def faults_of_values(model: Any, known: Mapping[str, object], is_whole: bool) -> Iterator[ModelFault]:
    """What a model refuses of the values that are known, and what it would drop of them without a word."""
    from pydantic import ValidationError

    if not is_whole and _changes_whole(model):
        return
    try:
        _validate(model, known)
    except ValidationError as error:
        for fault in error.errors(include_url=False):
            if _is_of_value(fault, is_whole):
                yield _fault(model, fault)
    except Exception as error:  # noqa: BLE001  # a validator of the user's own may raise anything
        if is_whole:
            yield ModelFault(f"{type(error).__name__}: {error}", ())
    yield from _dropped_below(model, known)


def _validate(model: Any, known: Mapping[str, object]) -> None:
    from pydantic_core import ArgsKwargs

    given = dict(known) if hasattr(model, "model_validate") else ArgsKwargs((), dict(known))
    model.__pydantic_validator__.validate_python(given)


def _is_of_value(fault: Any, is_whole: bool) -> bool:
    """Whether it is about a value: a rule about the whole cannot be asked as long as a part of it is not known."""
    loc = fault["loc"]
    return (len(loc) > 1 or fault["type"] not in (*_LACKING, *_TOO_MUCH)) if loc else is_whole


def _fault(model: Any, fault: Any) -> ModelFault:
    """The model's words, with the value that they are about."""
    said, path = fault["msg"][:1].lower() + fault["msg"][1:], tuple(map(str, fault["loc"]))
    return ModelFault(f"{said}; it is {_SHORT.repr(fault['input'])}" if path else said, path, _description(model, path))


def _description(model: Any, path: tuple[str, ...]) -> str:
    found = (field for name, field in _fields(model) if path and path[0] in (name, *_names(model, name, field)))
    return str(getattr(next(found, None), "description", None) or "")


def _dropped(annotation: Any, value: object, path: tuple[str, ...]) -> Iterator[ModelFault]:
    """The keys that a model within has no field for, and would leave out."""
    kinds = [one for one in options(annotation) if is_model(one)]
    if isinstance(value, dict) and len(kinds) == 1:
        for fault in faults_of_names(kinds[0].__name__, kinds[0], value, partial=True):
            yield ModelFault(fault.what, (*path, str(fault.argument)), fault.help)
        yield from _dropped_below(kinds[0], value, path)
        return
    for of in (get_args(option) for option in options(annotation)):
        if isinstance(value, (list, dict)) and len(of) == (1 if isinstance(value, list) else 2):
            for key, one in enumerate(value) if isinstance(value, list) else value.items():
                yield from _dropped(of[-1], one, (*path, str(key)))


def _dropped_below(model: Any, given: Mapping[str, object], path: tuple[str, ...] = ()) -> Iterator[ModelFault]:
    for name, field in _fields(model) if not _changes_whole(model) else ():
        for key in _names(model, name, field):
            if key in given and not _is_changed(model, field):
                yield from _dropped(field.annotation, given[key], (*path, key))


def _fields(model: Any) -> Collection[tuple[str, Any]]:
    fields: dict[str, Any] = model.__pydantic_fields__
    return fields.items()


def _names(model: Any, name: str, field: Any) -> tuple[str, ...]:
    """The names by which a field can be given."""
    alias, rules = field.validation_alias, _rules(model)
    choices = [] if alias is None else getattr(alias, "choices", [alias])
    aliases = [one if isinstance(one, str) else str(one.path[0]) for one in choices]
    by_name = not aliases or rules.get("populate_by_name") or rules.get("validate_by_name")
    by_alias = rules.get("validate_by_alias", True)
    return (*(aliases if by_alias else ()), *([name] if by_name else ()))


def _rules(model: Any) -> Mapping[str, Any]:
    return getattr(model, "model_config", None) or getattr(model, "__pydantic_config__", None) or {}


def _is_closed(model: Any) -> bool:
    """Whether a name that is no field's goes nowhere, and nobody has said that it may."""
    return _rules(model).get("extra") in (None, "forbid") and not _changes_whole(model)


def _changes_whole(model: Any) -> bool:
    """Whether a validator of the model's own sees all that is given before the fields do."""
    validators = model.__pydantic_decorators__.model_validators.values()
    return any(one.info.mode in _CHANGING for one in validators)


def _is_changed(model: Any, field: Any) -> bool:
    """Whether a validator may change what a field is given."""
    decorated = model.__pydantic_decorators__.field_validators.values()
    names = [name for name, one in _fields(model) if one is field]
    if any(one.info.mode in _CHANGING and {*names, "*"} & set(one.info.fields) for one in decorated):
        return True
    return any(type(one).__name__ in ("BeforeValidator", "WrapValidator", "PlainValidator") for one in field.metadata)


def _takes(names: Collection[str]) -> str:
    return f"it takes {listing(names)}" if names else "it takes no arguments"
