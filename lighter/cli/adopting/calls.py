"""One call of a first config: its `_target_`, what the repository's scripts give it, and what is left to fill in."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lighter.cli.adopting.choosing import Choice
from lighter.cli.adopting.kinds import Kind
from lighter.cli.adopting.parameters import Parameter, is_dataclass, plain_value, shown
from lighter.cli.adopting.reading import Here
from lighter.cli.adopting.recognising import Candidate, Recognised
from lighter.cli.adopting.usage import Use
from lighter.config import tree
from lighter.config.dumping import in_line
from lighter.config.tree import CALLABLE, MODE, RESERVED, TARGET, Entry, Node, Scalar
from lighter.errors import Position, Source

_NOWHERE = Position(Source("adopted", has_lines=False))

MOST_ATTRIBUTES = 12
_BUNDLES = frozenset(
    {"args", "cfg", "conf", "config", "configs", "flags", "hparams", "hps", "opt", "options", "opts", "params"}
)
_NAMED = re.compile(r"(Arg|Args|Arguments|Config|Configs|Cfg|HParams|Hparams|Options|Params|Parameters|Settings)$")

MOST_OTHERS = 5
_MODELS = frozenset({"backbone", "encoder", "model", "net", "network"})
_NOT_TAKEN_OVER = frozenset({"ckpt", "device", "pretrained", "weights"})  # a first try downloads nothing


def written(value: Any) -> str:
    """A text, number, boolean, None, or a list or mapping of them, as it is written in a config."""
    return in_line(_node(value))


def _node(value: Any) -> Node:
    if isinstance(value, dict):
        return tree.Mapping({key: Entry(key, _node(below), _NOWHERE) for key, below in value.items()}, _NOWHERE)
    if isinstance(value, (list, tuple)):
        return tree.Sequence(tuple(map(_node, value)), _NOWHERE)
    return Scalar(value, _NOWHERE)


def dataclass_of(parameter: Parameter, candidate: Candidate, found: Recognised) -> Candidate | None:
    """The repository's dataclass that an argument is annotated with, or the only one of settings beside the class."""
    here = candidate.here
    if _is_dataclass(here, found):  # settings may hold settings of their own kind, without end
        return None
    meaning = found.names.meaning(here.file, parameter.annotation.strip("'\""))
    if not _is_dataclass(meaning, found) and parameter.name.strip("_") in _BUNDLES:
        beside = [Here(here.file, name) for name in found.repository.outlines[here.file].classes if _NAMED.search(name)]
        likely = [one for one in beside if _is_dataclass(one, found)]
        meaning = likely[0] if len(likely) == 1 else None
    if not isinstance(meaning, Here) or not _is_dataclass(meaning, found):
        return None
    return found.candidate(Kind.MODEL, meaning)


def attributes(parameter: Parameter, candidate: Candidate, found: Recognised) -> list[str]:
    """The names that a class reads of an argument that is called as settings are."""
    defined = found.repository.class_at(candidate.here)
    if defined is None or parameter.name.strip("_") not in _BUNDLES:
        return []
    text = found.repository.text_of(candidate.here.file, defined)
    read = re.findall(rf"\b{re.escape(parameter.name)}\.([A-Za-z]\w*)\b(?!\()", text)
    return list(dict.fromkeys(read))[:MOST_ATTRIBUTES]


def _is_dataclass(meaning: object, found: Recognised) -> bool:
    if not isinstance(meaning, Here):
        return False
    outline = found.repository.class_at(meaning)
    return outline is not None and is_dataclass(outline)


@dataclass(slots=True)
class Block:
    """Lines of a config, not indented yet, and the arguments in them that are left to fill in."""

    lines: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)

    def add(self, lines: Iterable[str], indent: int = 0) -> None:
        """More lines below."""
        self.lines += [" " * indent + line if line else line for line in lines]

    def add_block(self, key: str, block: "Block", place: str) -> None:
        """A block below a key."""
        self.lines.append(f"{key}:")
        self.add(block.lines, 2)
        self.open += [f"{place}::{one}" if one else place for one in block.open]


def call(candidate: Candidate, choice: Choice, bound: bool = False) -> Block:
    """The call of a candidate; `bound` where it is given as it is, to be called later."""
    block = Block([f"{TARGET}: {written(candidate.target)}  # {safe(candidate.place)}"])
    if bound:
        block.add([f"{MODE}: {CALLABLE}"])
    if candidate.parameters is None:
        block.add(["# what else it takes, a class from outside the repository says"])
    use = _best_use(candidate, choice)
    values = _taken_over(use, candidate) if use else {}
    given = {name: f"{written(value)}  # as in {safe(use.place)}" for name, value in values.items() if use}
    for parameter in candidate.parameters or ():
        if parameter.name not in RESERVED and not (bound and parameter.is_required):
            _add_argument(parameter, block, given, candidate, choice)
    return block


def others(candidates: Sequence[Candidate]) -> list[str]:
    """The candidates that were not chosen, as comments."""
    lines = [f"# or: {safe(one.target)}  # {safe(one.place)}" for one in candidates[:MOST_OTHERS]]
    left = len(candidates) - MOST_OTHERS
    return lines + ([f"# or one more, of {left} that 'lighter adopt' lists"] if left > 0 else [])


def safe(text: str) -> str:
    """A text as a comment may show it."""
    return "".join(c if c.isprintable() else "?" for c in text)


def _add_argument(
    parameter: Parameter, block: Block, given: Mapping[str, str], candidate: Candidate, choice: Choice
) -> None:
    name = parameter.name
    if name in given:
        block.add([f"{written(name)}: {given[name]}"])
    elif not parameter.is_required:
        plain, value = plain_value(parameter.default)
        block.add(
            [f"# {name}: {written(value)}" if plain else f"# {name}: ...  # default: {safe(shown(parameter.default))}"]
        )
    elif name in _MODELS and candidate.kind is Kind.LIGHTNING_MODULE and (model := choice.first(Kind.MODEL)):
        block.add_block(name, call(model, choice), name)
    elif settings := dataclass_of(parameter, candidate, choice.found):
        block.add_block(name, call(settings, choice), name)
    elif parameter.by_position_only:
        block.add([f"# _args_: [...]  # required: {name}"])
        block.open.append("_args_")
    else:
        block.add([_open(parameter, candidate, choice)])
        block.open.append(name)


def _open(parameter: Parameter, candidate: Candidate, choice: Choice) -> str:
    """The line of an argument that nobody but a person can give."""
    name, annotation = parameter.name, f": {parameter.annotation}" if parameter.annotation else ""
    read = attributes(parameter, candidate, choice.found)
    if not read:
        return f"# {name}: ...  # required{safe(annotation)}"
    listed = ", ".join(f"{attribute}: ..." for attribute in read)
    return f"# {name}: {{{TARGET}: argparse.Namespace, {listed}}}  # required"


def _best_use(candidate: Candidate, choice: Choice) -> Use | None:
    """The script's call that leaves least to fill in."""
    uses = choice.uses.of.get(candidate.here, [])[:10]
    required = {parameter.name for parameter in candidate.required}
    lacking = [(len(required - use.values(candidate).keys()), index) for index, use in enumerate(uses)]
    return uses[min(lacking)[1]] if lacking else None


def _taken_over(use: Use, candidate: Candidate) -> dict[str, Any]:
    """The plain values of a call that differ from the defaults."""
    values = use.values(candidate)
    found: dict[str, Any] = {}
    for parameter in candidate.parameters or ():
        name = parameter.name
        is_default = not parameter.is_required and (True, values.get(name)) == plain_value(parameter.default)
        is_empty = values.get(name, 0) is None
        if name in values and not (is_default or is_empty or parameter.by_position_only or name in _NOT_TAKEN_OVER):
            found[name] = values[name]
    return found
