"""Which data a script speaks of, by the names that it gives and the values that it hands over: train, val or test."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from lighter.cli.adopting.parameters import Parameter, plain_value

TRAIN, VAL, TEST = "train", "val", "test"

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_DATA = r"(data|dataset|ds|dl|iter|loader|set)?"
_SPLITS = {
    TRAIN: re.compile(rf"(train|training|trainval){_DATA}"),
    VAL: re.compile(rf"(dev|eval|evaluation|val|valid|validation){_DATA}"),
    TEST: re.compile(rf"(test|testing){_DATA}"),
}
# The arguments of a dataset that say which part of the data it gives: by True or False, or by a word.
_FLAGS = {"train": TRAIN, "is_train": TRAIN, "training": TRAIN, "is_training": TRAIN, "train_mode": TRAIN}
_FLAGS |= {"val": VAL, "is_val": VAL, "validation": VAL, "test": TEST, "is_test": TEST, "test_mode": TEST}
_BY_WORD = frozenset({"image_set", "mode", "partition", "phase", "set_name", "split", "stage", "subset"})


def split_of_name(name: str) -> str:
    """The part of the data that a name says it is of; empty where it says none, or several."""
    words = [word.lower() for word in _WORD.findall(name)]
    found = {split for split, pattern in _SPLITS.items() if any(map(pattern.fullmatch, words))}
    return found.pop() if len(found) == 1 else ""


def split_of(values: Mapping[str, Any], named: str) -> str:
    """The part of the data that arguments ask for, or else the one that names around them speak of; empty for none."""
    asked = {_FLAGS[name] for name, value in values.items() if value is True and name in _FLAGS}
    asked |= {split_of_name(value) for name, value in values.items() if name in _BY_WORD and isinstance(value, str)}
    for split in (TEST, VAL, TRAIN):  # `train=True` may be a default, of which `test=True` makes nothing
        if split in asked:
            return split
    is_held_out = any(value is False and _FLAGS.get(name) == TRAIN for name, value in values.items())
    return (named if named in (VAL, TEST) else VAL) if is_held_out else named


def has_split(parameters: Iterable[Parameter]) -> bool:
    """Whether an argument says which part of the data is given."""
    return any(one.name in _FLAGS or one.name in _BY_WORD for one in parameters)


def values_for(split: str, parameters: Iterable[Parameter], text: str) -> dict[str, Any]:
    """The arguments with which a dataset gives a part of the data, by the words in its own text; empty if unknown."""
    for one in parameters:
        _, default = plain_value(one.default)
        # What has no default may be a path or a list; what has another one may be something else altogether.
        is_flag = type(default) is bool or one.annotation == "bool" or (one.is_required and one.name.startswith("is_"))
        is_word = one.is_required or (isinstance(default, str) and bool(split_of_name(default)))
        if is_flag and _FLAGS.get(one.name) == split:
            return {one.name: True}
        if is_flag and _FLAGS.get(one.name) == TRAIN and split == VAL:
            return {one.name: False}
        if is_word and one.name in _BY_WORD:
            words = re.findall(r"""["'](\w+)["']""", text)
            exact = [word for word in words if word == split]
            fitting = exact or [word for word in words if _SPLITS[split].fullmatch(word)]
            return {one.name: fitting[0]} if fitting else {}
    return {}
