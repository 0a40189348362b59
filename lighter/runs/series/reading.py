"""The file of a series: which experiments, of which sources, through which stages."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lighter.config.composing import is_override, read_part, run_name
from lighter.config.key_path import text
from lighter.config.loading import load_file
from lighter.config.paths import from_source
from lighter.config.reach import Files
from lighter.config.scalars import SUFFIXES
from lighter.config.schema import SYSTEM
from lighter.config.tree import Mapping, Node, Scalar, Sequence
from lighter.errors import ConfigError, Position, Problem, respelt, shown_path, suggestion
from lighter.runs.repeats import FOLDS, REPEAT, Repetition, read_repetitions
from lighter.training.stages import Stage

EXPERIMENTS, STAGES, METRICS, JOBS, LAUNCHER = "experiments", "stages", "metrics", "jobs", "launcher"
KEYS = (EXPERIMENTS, STAGES, METRICS, REPEAT, FOLDS, JOBS, LAUNCHER)
MOST = 10**4  # jobs at once
_NAME = re.compile(r"\w[\w .+-]*")
_FORM = f"write '{EXPERIMENTS}:' and below it 'name: file.yaml' for each"


@dataclass(frozen=True, slots=True)
class Experiment:
    """An experiment: its sources, later over earlier, and where it is written."""

    name: str
    sources: tuple[Mapping, ...]
    position: Position


@dataclass(frozen=True, slots=True)
class Series:
    """Experiments in their order, the stages that each goes through, and the metrics that the table shows.

    `jobs` is how many run at once, `launcher` what starts them; None where that is left open. With `repetitions` each
    experiment runs that often.
    """

    name: str
    experiments: tuple[Experiment, ...]
    stages: tuple[Stage, ...] = (Stage.FIT,)
    metrics: tuple[str, ...] = ()
    jobs: int | None = None
    launcher: Node | None = None
    repetitions: tuple[Repetition, ...] = ()


def is_series(path: Path) -> bool:
    """Whether a file is of a series, not a config; what is no file, or cannot be read, is none."""
    if not path.is_file():
        return False
    try:
        tree = load_file(path)
    except ConfigError:
        return False
    return EXPERIMENTS in tree.entries and SYSTEM not in tree.entries


def read_series(path: Path, allow: str | None = None) -> Series:
    """The series that a file holds. Raises ConfigError with all its mistakes, those of its sources' form among them."""
    files = Files.beside(path, allow)
    tree = load_file(path)
    problems = list(_keys(tree))
    if EXPERIMENTS not in tree.entries:
        what = f"'{shown_path(path)}' has no '{EXPERIMENTS}'"
        is_sweep = {"parameters", "config"} & tree.entries.keys()
        other = "a sweep runs with 'lighter sweep" if is_sweep else "a single config runs with 'lighter fit"
        help = f"{_FORM}; {other} {shown_path(path)}'"
        raise ConfigError([Problem(what, tree.position, help=help)])
    experiments = tuple(_experiments(tree.entries[EXPERIMENTS].value, problems, files))
    stages = tuple(Stage(name) for name in texts(tree, STAGES, problems, stage_problem))
    metrics = tuple(texts(tree, METRICS, problems, lambda _: None))
    jobs = _jobs(tree.get(JOBS), problems)
    repetitions = read_repetitions(tree, problems)
    if problems:
        raise ConfigError(problems)
    launcher = tree.get(LAUNCHER)
    return Series(run_name(path), experiments, stages or (Stage.FIT,), metrics, jobs, launcher, repetitions)


def _keys(tree: Mapping) -> Iterator[Problem]:
    for key, entry in tree.entries.items() if EXPERIMENTS in tree.entries else ():
        if key not in KEYS:
            help, edit = suggestion(key, KEYS, "it may have"), respelt(key, KEYS, entry.position)
            yield Problem(f"a series has no '{key}'", entry.position, key, help, code="key", edit=edit)


def _experiments(node: Node, problems: list[Problem], files: Files) -> Iterator[Experiment]:
    seen: dict[str, Position] = {}
    for name, value, position in _named(node, problems):
        place = text((EXPERIMENTS, name))
        if name in seen:
            help = f"give each a name: {_FORM}"
            other = (("the other", seen[name]),)
            problems.append(Problem(f"two experiments are called '{name}'", position, EXPERIMENTS, help, other))
        elif not _NAME.fullmatch(name):
            help = "it names a folder: write letters, digits, '_', '-', '+', '.'"
            problems.append(Problem(f"'{name}' is no name of an experiment", position, place, help))
        seen[name] = position
        items = value.items if isinstance(value, Sequence) else (value,)
        sources = [source for item in items if (source := read_source(item, place, problems, files)) is not None]
        yield Experiment(name, tuple(sources), position)


def _named(node: Node, problems: list[Problem]) -> Iterator[tuple[str, Node, Position]]:
    """Each experiment with its name: its key, or in a list the name of its first file."""
    if isinstance(node, Mapping) and node.entries:
        yield from ((key, entry.value, entry.position) for key, entry in node.entries.items())
    elif isinstance(node, Sequence) and node.items:
        for item in node.items:
            first = item.items[0] if isinstance(item, Sequence) and item.items else item
            if isinstance(first, Scalar) and isinstance(first.value, str):
                yield run_name(from_source(first.position.source, first.value)), item, item.position
            else:
                what = "an experiment in a list begins with a file, whose name it takes"
                problems.append(Problem(what, item.position, EXPERIMENTS, f"or give it a name: {_FORM}"))
    else:
        problems.append(Problem(f"'{EXPERIMENTS}' takes experiments by name", node.position, EXPERIMENTS, _FORM))


def _jobs(node: Node | None, problems: list[Problem]) -> int | None:
    if node is None:
        return None
    value = node.value if isinstance(node, Scalar) else None
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MOST:
        return value
    help = f"write a whole number from 1 to {MOST:,}"
    problems.append(Problem(f"'{JOBS}' takes the number of experiments at once", node.position, JOBS, help))
    return None


def read_source(node: Node, place: str, problems: list[Problem], files: Files) -> Mapping | None:
    """A file, read, or a piece of config that is written in place."""
    if isinstance(node, Mapping):
        return node
    if not isinstance(node, Scalar) or not isinstance(node.value, str):
        what = "an experiment is made of files and of mappings that lie over them"
        problems.append(Problem(what, node.position, place, "write '[file.yaml, {a::b: value}]'"))
        return None
    path = from_source(node.position.source, node.value)
    if is_override(str(path)):
        name, _, value = node.value.partition("=")
        inner = f"{{{name}: {value}}}"
        help = f"write '{{_base_: {inner}}}'" if value.endswith(SUFFIXES) else f"write '{inner}'"
        problems.append(Problem(f"'{node.value}' is no file", node.position, place, help))
        return None
    try:
        return read_part(path, node.position, files)
    except ConfigError as error:
        problems.extend(error.problems)
        return None


def texts(tree: Mapping, key: str, problems: list[Problem], wrong: Callable[[str], str | None]) -> Iterator[str]:
    """The texts of a list, or the single one."""
    node = tree.get(key)
    items = node.items if isinstance(node, Sequence) else () if node is None else (node,)
    for item in items:
        value = item.value if isinstance(item, Scalar) else None
        if not isinstance(value, str):
            problems.append(Problem(f"'{key}' takes a list of names", item.position, key, f"write '{key}: [...]'"))
        elif (help := wrong(value)) is not None:
            problems.append(Problem(f"there is no stage '{value}'", item.position, key, help))
        else:
            yield value


def stage_problem(name: str) -> str | None:
    """What to write where there is no stage of this name; None where there is one."""
    return None if name in set(Stage) else suggestion(name, Stage)
