"""The parameters of a sweep as they are written: lists of choices and ranges, in its file or on the command line."""

import math
from collections.abc import Iterable, Iterator
from collections.abc import Sequence as AbstractSequence
from decimal import Decimal
from pathlib import Path

from lighter.config.bases import Reader
from lighter.config.dumping import plain
from lighter.config.groups import first_there
from lighter.config.key_path import parse_path, text
from lighter.config.loading import load_value
from lighter.config.nodes import split_mark
from lighter.config.scalars import split_file
from lighter.config.tree import Entry, Mapping, Node, Scalar, Sequence
from lighter.errors import ConfigError, Position, Problem, Source, respelt, suggestion
from lighter.runs.sweeps.space import Choice, Parameter, Place, Range, labels_of

_Files = dict[int, tuple[Path, str]]  # by the id of a node, the file that it names, and the place in it

PARAMETERS, ZIP = "parameters", "zip"
_ENDS = (_LOW, _HIGH) = ("low", "high")
_RANGE = (*_ENDS, "log", "step")
_MOST_STEPS = 10**15  # which a float tells apart
_FORM = "write a list of choices, or '{low: ..., high: ...}'"
_OPEN, _CLOSE, _QUOTES = "([{", ")]}", "\"'"


def read_parameters(tree: Mapping, problems: list[Problem]) -> list[Parameter]:
    """The parameters of a sweep's file, those of its `zip` put together."""
    node = tree.get(PARAMETERS)
    if node is None:
        return []
    if not isinstance(node, Mapping):
        help = f"write '{PARAMETERS}:' and below it 'a::b: [1, 2]' for each"
        problems.append(Problem(f"'{PARAMETERS}' takes places with their values", node.position, PARAMETERS, help))
        return []
    found = {}
    for key, entry in node.entries.items():
        parameter = _parameter(key, entry.value, entry.position, entry.mark, problems)
        if parameter is not None:
            found[parameter.name] = parameter
    return _zipped(found, tree.get(ZIP), problems)


def read_words(word: str, folder: Path = Path()) -> Parameter | None:
    """The parameter that a word of the command line lists the choices of: `a::b=1,2`; None of an override.

    Files among them are looked for as those of an override are, first in the config's folder.
    """
    source = Source(f"command line: {word}", has_lines=False)
    position = Position(source)
    mark, rest = split_mark(word)
    name, _, values = rest.partition("=")
    parts = _listed(values)
    if len(parts) < 2:
        return None
    problems: list[Problem] = []
    if not all(parts):
        problems.append(Problem("a choice is empty", position, help=f"write '{name}=a,b', or '{name}=a,\"\"'"))
    parts = [part for part in parts if part]
    nodes = Sequence(tuple(load_value(part, source) for part in parts), position)
    bare = (node for part, node in zip(parts, nodes.items, strict=True) if part[0] not in _QUOTES)
    parameter = _parameter(name, nodes, position, mark, problems, files=_files_among(bare, (folder, Path())))
    if problems:
        raise ConfigError(problems)
    return parameter


def _files_among(items: Iterable[Node], folders: AbstractSequence[Path] = ()) -> _Files:
    """Which of the choices name files: in the first of the folders that has them, or in that of their source."""
    found: _Files = {}
    for item in items:
        named = split_file(item.value) if isinstance(item, Scalar) and isinstance(item.value, str) else None
        if named is not None:
            found[id(item)] = (first_there(named[0], folders or (item.position.source.folder,)), named[1])
    return found


def _listed(values: str) -> list[str]:
    """The parts between commas that stand outside of brackets and quotes."""
    parts, depth, quote = [""], 0, ""
    for letter in values:
        if quote:
            quote = "" if letter == quote else quote
        elif letter in _QUOTES and (depth or not parts[-1].strip()):  # within a word it is an apostrophe
            quote = letter
        depth += (not quote and letter in _OPEN) - (not quote and letter in _CLOSE)
        if letter == "," and depth <= 0 and not quote:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]


def _parameter(
    key: str, node: Node, position: Position, mark: str, problems: list[Problem], *, files: _Files | None = None
) -> Parameter | None:
    try:
        place = Place(parse_path(key), position, mark)
    except ValueError as error:
        problems.append(Problem(str(error), position, PARAMETERS, "write 'a::b'"))
        return None
    before = len(problems)
    if mark == "~":
        problems.append(Problem(f"'~{key}' removes a place, and nothing is chosen there", position, key, _FORM))
    if isinstance(node, Sequence):
        choices = _choices(place, node, problems, files if files is not None else _files_among(node.items))
        return Parameter((place,), tuple(choices)) if len(problems) == before else None
    if isinstance(node, Mapping) and not node.is_call and set(_ENDS) & node.entries.keys():
        found = _range(key, node, problems)
        return Parameter((place,), range=found) if found is not None and len(problems) == before else None
    problems.append(Problem(f"'{key}' says nothing to choose from", node.position, key, _FORM))
    return None


def _choices(place: Place, node: Sequence, problems: list[Problem], files: _Files) -> Iterator[Choice]:
    key = text(place.path)
    if not node.items:
        problems.append(Problem(f"'{key}' has no choices", node.position, key, _FORM))
    names: dict[int, str] = {}
    made = []
    for item in node.items:
        value = item
        if id(item) in files:
            try:
                entry = Entry(place.path[-1], item, item.position)
                value = Reader().placed(place.path, entry, files[id(item)]).entry.value
            except ConfigError as error:
                problems.extend(error.problems)
                continue
            file, below = files[id(item)]
            stem = below or file.stem
            names[id(value)] = stem if stem not in names.values() else str(plain(item))
        made.append((value, item))
    labels = labels_of([(value,) for value, _ in made], names)
    first: dict[str, Node] = {}
    for label, (value, item) in zip(labels, made, strict=True):
        if (other := first.setdefault(repr(label), item)) is not item:
            also = (("first written here", other.position),)
            problems.append(Problem(f"'{key}' has the same choice twice", item.position, key, "keep one", also))
        yield Choice(label, (value,), (value is not item,))


def _range(key: str, node: Mapping, problems: list[Problem]) -> Range | None:
    for name, entry in node.entries.items():
        if name not in _RANGE:
            help = suggestion(name, _RANGE, "it has")
            edit = respelt(name, _RANGE, entry.position)
            problems.append(Problem(f"a range has no '{name}'", entry.position, key, help, code="key", edit=edit))
    numbers: dict[str, float] = {}
    for name in (*_ENDS, "step"):
        one = node.get(name)
        value = one.value if isinstance(one, Scalar) else None
        if one is None and name == "step":
            continue
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            at = one.position if one is not None else node.position
            what = f"the '{name}' of a range is a number" if one is not None else f"the range has no '{name}'"
            problems.append(Problem(what, at, key, f"write '{name}: 1', say"))
        else:
            numbers[name] = value
    log = node.get("log")
    is_log = isinstance(log, Scalar) and log.value is True
    if log is not None and not (isinstance(log, Scalar) and isinstance(log.value, bool)):
        problems.append(Problem("the 'log' of a range is true or false", log.position, key, "write 'log: true'"))
    if not set(_ENDS) <= numbers.keys():
        return None
    found = Range(numbers[_LOW], numbers[_HIGH], node.position, is_log, numbers.get("step"))
    problems.extend(_range_problems(key, found, node))
    return found


def _range_problems(key: str, found: Range, node: Mapping) -> Iterator[Problem]:
    low, high, step = found.low, found.high, found.step
    at = node.entries[_LOW].value.position
    if low >= high:
        what = f"the range of '{key}' is empty: its low end {low} is not below its high end {high}"
        yield Problem(
            what, at, key, f"write '{{low: {high}, high: {low}}}'" if low > high else "write a list of choices"
        )
    elif found.log and low <= 0:
        help = "write a low end above 0, or leave 'log' out"
        yield Problem(f"a range by its logarithm begins above 0, not at {low}", at, key, help)
    elif step is not None and (step <= 0 or found.log):
        what = "a range by its logarithm takes no step" if found.log else "the step of a range is above 0"
        help = "leave it out" if found.log else f"write 'step: {_fitting_step(found)}'"
        yield Problem(what, node.entries["step"].value.position, key, help)
    elif step is not None and Decimal(str(step)) > Decimal(str(high)) - Decimal(str(low)):
        what = f"a step of {step} does not fit between {low} and {high}"
        yield Problem(what, node.entries["step"].value.position, key, f"write 'step: {_fitting_step(found)}'")
    elif step is not None and (high - low) / step > _MOST_STEPS:
        what = f"steps of {step} are too many from {low} to {high}"
        yield Problem(what, node.entries["step"].value.position, key, "leave 'step' out")
    elif step is not None and (Decimal(str(high)) - Decimal(str(low))) % Decimal(str(step)):
        begin, width = Decimal(str(low)), Decimal(str(step))
        last = begin + (Decimal(str(high)) - begin) // width * width
        what = f"steps of {step} from {low} do not come to {high}, the last is {last}"
        yield Problem(what, node.entries[_HIGH].value.position, key, f"write 'high: {last}'")


def _fitting_step(chosen: Range) -> str:
    """A step with which a range comes to its high end: the one that is written, without its sign, 1, or a tenth."""
    width, step = Decimal(str(chosen.high)) - Decimal(str(chosen.low)), abs(Decimal(str(chosen.step)))
    if step and not width % step:
        return str(step)
    is_whole = isinstance(chosen.low, int) and isinstance(chosen.high, int)
    return "1" if is_whole else f"{(width / 10).normalize():f}"


def _zipped(found: dict[str, Parameter], node: Node | None, problems: list[Problem]) -> list[Parameter]:
    """The parameters, in their order; those that walk together are one, at the place of its first."""
    groups = node.items if isinstance(node, Sequence) else () if node is None else (node,)
    if groups and not any(isinstance(group, Sequence) for group in groups):
        groups = (Sequence(tuple(groups), groups[0].position),)
    for group in groups:
        items = group.items if isinstance(group, Sequence) else (group,)
        names = [_name(one) for one in items]
        if len(set(names)) < 2 or len(set(names)) < len(names):
            what = f"'{ZIP}' takes two places or more, each once"
            problems.append(Problem(what, group.position, ZIP, f"write '{ZIP}: [a::b, c::d]'"))
        elif unknown := [(one, name) for one, name in zip(items, names, strict=True) if name not in found]:
            for one, name in unknown:
                help = suggestion(name, found, "there are")
                problems.append(Problem(f"'{ZIP}' names no parameter '{name}'", one.position, ZIP, help))
        else:
            members = [found[name] for name in names]
            lengths = {len(one.choices) for one in members}
            if len(lengths) == 1 and 0 not in lengths:
                found = _with_joined(found, members)
                continue
            told = ", ".join(f"'{one.name}' has {len(one.choices) or 'a range'}" for one in members)
            help = "give each a list of choices, all of one length"
            problems.append(Problem(f"what walks together is of one length: {told}", group.position, ZIP, help))
    return list(found.values())


def _name(node: Node) -> str:
    written = str(node.value) if isinstance(node, Scalar) else ""
    return text(tuple(written.replace("#", "::").split("::")))


def _with_joined(found: dict[str, Parameter], members: list[Parameter]) -> dict[str, Parameter]:
    """The parameters with several of them made one, where the first of them was."""
    joined = _joined(members)
    made = [joined if one is members[0] else one for one in found.values() if one is members[0] or one not in members]
    return {one.name: one for one in made}


def _joined(members: list[Parameter]) -> Parameter:
    together = list(zip(*(one.choices for one in members), strict=True))
    labels = [", ".join(str(choice.label) for choice in choices) for choices in together]
    places = tuple(place for one in members for place in one.places)
    if len(set(labels)) < len(labels):  # each of them may have a value twice, as long as the other has not
        labels = [f"{at}: {label}" for at, label in enumerate(labels)]
    nodes = [tuple(node for choice in choices for node in choice.nodes) for choices in together]
    files = [tuple(is_file for choice in choices for is_file in choice.files) for choices in together]
    return Parameter(places, tuple(map(Choice, labels, nodes, files)))
