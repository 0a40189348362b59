"""Components as other tools write them where ours are meant: `class_path:`, `target:`, `component_key:`, `_targt_:`."""

import re
from collections.abc import Iterator

from lighter.config.key_path import SEPARATOR, KeyPath, text
from lighter.config.schema import ADAPTERS, DATA, SYSTEM, TRAINER
from lighter.config.tree import TARGET, Mapping, Scalar, find, walk
from lighter.errors import Edit, Problem, nearest

_CLASS_PATH, _INIT_ARGS = "class_path", "init_args"
_COMPONENT = (_KIND, _NAME) = ("component_key", "variant_key")
_TARGETS = frozenset({"target", "_target", "target_", "__target__", "_class_", "class_name"})
_ARGUMENTS = frozenset({_INIT_ARGS, "args", "dict_kwargs", "kwargs", "params"})  # what has the arguments in it
_LIBRARIES = frozenset({"lighter", "lightning", "monai", "pytorch_lightning", "torch", "torchmetrics", "torchvision"})
_DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+\Z")


def foreign_keys(tree: Mapping) -> Iterator[Problem]:
    """The mappings that make nothing here, and would make a component elsewhere.

    What is an argument of a call may be read by its own code: that is a warning.
    """
    for place, node in walk(tree):
        if isinstance(node, Mapping) and not node.is_call and (key := _mistaken(tree, place, node)):
            yield _problem(place, node, key, is_warning=_is_argument(tree, place))


def is_within(problem: Problem, mistaken: Problem) -> bool:
    """Whether what is wrong is so because a mapping is no component."""
    place = mistaken.place.rpartition(SEPARATOR)[0]
    return not mistaken.is_warning and (problem.place == place or problem.place.startswith(f"{place}{SEPARATOR}"))


def _mistaken(tree: Mapping, place: KeyPath, node: Mapping) -> str:
    """The key by which a mapping would be a component elsewhere, and none here; empty where it may be a plain one."""
    keys = node.entries.keys()
    for key in keys:
        if key[:1] == key[-1:] == "_" and nearest(key, [TARGET]) and _is_dotted(node, key):
            return key
    if SYSTEM not in tree.entries or place[:1] not in ((SYSTEM,), (DATA,), (TRAINER,)) or place[:2] == ADAPTERS:
        return ""
    if all(_text(node, key) for key in _COMPONENT):
        return _KIND
    if _is_dotted(node, _CLASS_PATH) and not keys - {_CLASS_PATH} - _ARGUMENTS:
        return _CLASS_PATH
    return next((key for key in keys & _TARGETS if _is_dotted(node, key) and _is_whole(tree, place, keys - {key})), "")


def _is_whole(tree: Mapping, place: KeyPath, others: set[str]) -> bool:
    """Whether a mapping can mean nothing else: what is beside its target are arguments."""
    return not others - _ARGUMENTS or not _is_argument(tree, place)


def _is_argument(tree: Mapping, place: KeyPath) -> bool:
    """Whether a mapping goes into a call of somebody's own code, which may make of it what it likes."""
    above = (find(tree, place[:depth]) for depth in range(1, len(place)))
    targets = (node.get(TARGET) for node in above if isinstance(node, Mapping) and node.is_call)
    return any(not isinstance(one, Scalar) or str(one.value).partition(".")[0] not in _LIBRARIES for one in targets)


def _problem(place: KeyPath, node: Mapping, key: str, is_warning: bool) -> Problem:
    entry = node.entries[key]
    written, edit = _text(node, key), None
    if key == _KIND:
        written = f"{written}/{_text(node, _NAME)}"
    elif not node.entries.keys() & _ARGUMENTS:
        edit = Edit(entry.position, key, TARGET)
    holders = [one for one in ("config", *sorted(_ARGUMENTS)) if one in node.entries]
    beside = f", and beside it what is below '{holders[0]}:'" if holders else ""
    what = f"'{text(place)}' is a plain mapping: '{key}' makes nothing"
    at = text((*place, key))
    help = f"write '{TARGET}: {written}'{beside}"
    return Problem(what, entry.position, at, help, code="foreign", edit=edit, is_warning=is_warning)


def _text(node: Mapping, key: str) -> str:
    value = node.get(key)
    return value.value if isinstance(value, Scalar) and isinstance(value.value, str) else ""


def _is_dotted(node: Mapping, key: str) -> bool:
    return _DOTTED.match(_text(node, key)) is not None
