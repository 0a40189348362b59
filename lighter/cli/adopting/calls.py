"""The calls of a first config: of a candidate, with what scripts give it, and what is left to fill in."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lighter.cli.adopting.choosing import Choice
from lighter.cli.adopting.parameters import Parameter, is_dataclass, plain_value, shown
from lighter.cli.adopting.reading import Here
from lighter.cli.adopting.recognising import Candidate, Kind, Recognised
from lighter.cli.adopting.settings import BUNDLES, is_settings_name
from lighter.cli.adopting.usage import Use
from lighter.config import tree
from lighter.config.dumping import in_line
from lighter.config.tree import CALLABLE, MODE, RESERVED, TARGET, Entry, Node, Scalar
from lighter.errors import Position, Source

MOST_ATTRIBUTES = 12
MOST_OTHERS = 5
_NOWHERE = Position(Source("adopted", has_lines=False))
_MODELS = frozenset({"backbone", "encoder", "model", "net", "network"})
_NOT_TAKEN_OVER = frozenset({"ckpt", "device", "pretrained", "weights"})  # a first try downloads nothing


@dataclass(slots=True)
class Block:
    """Lines of a config, not indented yet, and the arguments in them that are left to fill in."""

    lines: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)

    def add_block(self, key: str, block: "Block", more: Sequence[Candidate] = ()) -> None:
        """A block below a key, after candidates that were not chosen for it."""
        self.lines += [f"{key}:", *(f"  {line}" if line else line for line in [*others(more), *block.lines])]
        self.open += [f"{key}::{one}" if one else key for one in block.open]


def call(
    candidate: Candidate,
    choice: Choice,
    bound: bool = False,
    uses: Sequence[Use] | None = None,
    values: Mapping[str, Any] | None = None,
) -> Block:
    """The call of a candidate; `bound` where it is given as it is, to be called later.

    Its arguments are those of its uses, or of some of them, and other values over these.
    """
    block = Block([f"{TARGET}: {written(candidate.target)}  # {safe(candidate.place)}"])
    if bound:
        block.lines.append(f"{MODE}: {CALLABLE}")
    if candidate.parameters is None:
        block.lines.append("# what else it takes, a class from outside the repository says")
    given = _given(candidate, choice.uses_of(candidate) if uses is None else uses, values or {})
    for parameter in candidate.parameters or ():
        if parameter.name in RESERVED or (bound and parameter.is_required):
            continue
        if parameter.name in given:
            block.lines.append(f"{written(parameter.name)}: {given[parameter.name]}")
        else:
            _add_argument(parameter, block, candidate, choice)
    return block


def known_values(candidate: Candidate, uses: Sequence[Use], values: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The plain arguments of a candidate's call as a config gives it, its defaults too."""
    defaults = {one.name: plain_value(one.default) for one in candidate.parameters or ()}
    plain = {name: value for name, (is_plain, value) in defaults.items() if is_plain}
    use = _fullest(candidate, uses)
    of_use = {name: value for name, value in (use.values(candidate) if use else {}).items() if value is not None}
    return plain | {name: value for name, value in (of_use | dict(values or {})).items() if name in defaults}


def _fullest(candidate: Candidate, uses: Sequence[Use]) -> Use | None:
    """The call that leaves least to fill in."""
    required = {parameter.name for parameter in candidate.required}
    return min(uses[:10], key=lambda one: len(required - one.values(candidate).keys()), default=None)


def _given(candidate: Candidate, uses: Sequence[Use], values: Mapping[str, Any]) -> dict[str, str]:
    """What a script's call gives that differs from the defaults, and the values over that."""
    use, known = _fullest(candidate, uses), known_values(candidate, uses, values)
    place = f"  # as in {safe(use.place)}" if use else ""
    return {
        one.name: written(known[one.name]) + place * (one.name not in values)
        for one in candidate.parameters or ()
        if one.name in known.keys() - _NOT_TAKEN_OVER
        and not one.by_position_only
        and (True, known[one.name]) != plain_value(one.default)
    }


def _add_argument(parameter: Parameter, block: Block, candidate: Candidate, choice: Choice) -> None:
    name = parameter.name
    if not parameter.is_required:
        plain, value = plain_value(parameter.default)
        default = written(value) if plain else f"...  # default: {safe(shown(parameter.default))}"
        block.lines.append(f"# {name}: {default}")
    elif name in _MODELS and candidate.kind is Kind.LIGHTNING_MODULE and (model := choice.first(Kind.MODEL)):
        block.add_block(name, call(model, choice))
    elif settings := dataclass_of(parameter, candidate, choice.found):
        block.add_block(name, call(settings, choice))
    elif parameter.by_position_only:
        block.lines.append(f"# _args_: [...]  # required: {name}")
        block.open.append("_args_")
    else:
        listed = "".join(f", {attribute}: ..." for attribute in attributes(parameter, candidate, choice.found))
        annotation = safe(f": {parameter.annotation}" if parameter.annotation else "")
        line = f"{{{TARGET}: argparse.Namespace{listed}}}  # required" if listed else f"...  # required{annotation}"
        block.lines.append(f"# {name}: {line}")
        block.open.append(name)


def dataclass_of(parameter: Parameter, candidate: Candidate, found: Recognised) -> Candidate | None:
    """The repository's dataclass that an argument is annotated with, or the only one of settings beside the class."""
    file, class_at = candidate.here.file, found.repository.class_at
    outline = class_at(candidate.here)
    if outline is not None and is_dataclass(outline):  # settings may hold settings of their own kind, without end
        return None
    meaning = found.names.meaning(file, parameter.annotation.strip("'\""))
    outline = class_at(meaning)
    if isinstance(meaning, Here) and outline is not None and is_dataclass(outline):
        return found.candidate(Kind.MODEL, meaning)
    if parameter.name.strip("_") not in BUNDLES:
        return None
    classes = found.repository.outlines[file].classes
    beside = [Here(file, name) for name, one in classes.items() if is_settings_name(name) and is_dataclass(one)]
    return found.candidate(Kind.MODEL, beside[0]) if len(beside) == 1 else None


def attributes(parameter: Parameter, candidate: Candidate, found: Recognised) -> list[str]:
    """The names that a class reads of an argument that is called as settings are."""
    defined = found.repository.class_at(candidate.here)
    if defined is None or parameter.name.strip("_") not in BUNDLES:
        return []
    text = found.repository.text_of(candidate.here.file, defined)
    read = re.findall(rf"\b{re.escape(parameter.name)}\.([A-Za-z]\w*)\b(?!\()", text)
    return list(dict.fromkeys(read))[:MOST_ATTRIBUTES]


def others(candidates: Sequence[Candidate]) -> list[str]:
    """The candidates that were not chosen, as comments."""
    lines = [f"# or: {safe(one.target)}  # {safe(one.place)}" for one in candidates[:MOST_OTHERS]]
    left = len(candidates) - MOST_OTHERS
    return lines + ([f"# or one more, of {left} that 'lighter adopt' lists"] if left > 0 else [])


def safe(text: str) -> str:
    """A text as a comment may show it."""
    return "".join(c if c.isprintable() else "?" for c in text)


def written(value: Any) -> str:
    """A text, number, boolean, None, or a list, tuple or mapping of them, as it is written in a config."""
    return json.dumps(f"${value!r}", ensure_ascii=False) if isinstance(value, tuple) else in_line(_node(value))


def _node(value: Any) -> Node:
    if isinstance(value, dict):
        return tree.Mapping({key: Entry(key, _node(below), _NOWHERE) for key, below in value.items()}, _NOWHERE)
    if isinstance(value, tuple):  # YAML has no tuples, and code may tell them from lists
        return tree.Code(repr(value), _NOWHERE)
    if isinstance(value, list):
        return tree.Sequence(tuple(map(_node, value)), _NOWHERE)
    return Scalar(value, _NOWHERE)
