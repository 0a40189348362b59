"""The file of a sweep, or what stands for one on the command line: which config, what is tried of it, how often."""

from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Mapping_
from dataclasses import dataclass, replace
from pathlib import Path

from lighter.config.composing import Given, folder_of, is_override, run_name
from lighter.config.loading import load_file
from lighter.config.reach import Files
from lighter.config.tree import Entry, Mapping, Node, Scalar
from lighter.config.tree import Sequence as List
from lighter.errors import ConfigError, Position, Problem, Source, UsageError, respelt, shown_path, suggestion
from lighter.runs.jobs.choosing import launcher_node
from lighter.runs.repeats import FOLDS, REPEAT, Repetition, read_repetitions
from lighter.runs.series.reading import STAGES, read_source, stage_problem, texts
from lighter.runs.sweeps.parameters import PARAMETERS, ZIP, read_parameters, read_words
from lighter.runs.sweeps.space import Parameter, Space
from lighter.training.stages import Stage

CONFIG, SEARCH, PRUNE, MONITOR, MODE = "config", "search", "prune", "monitor", "mode"
TRIALS, JOBS, LAUNCHER, STORAGE = "trials", "jobs", "launcher", "storage"
KEYS = (CONFIG, STAGES, PARAMETERS, ZIP, SEARCH, PRUNE, MONITOR, MODE, TRIALS, JOBS, LAUNCHER, STORAGE, REPEAT, FOLDS)
MODES = (MIN, MAX) = ("min", "max")
MOST = {TRIALS: 10**6, JOBS: 10**4}


@dataclass(frozen=True, slots=True)
class Sweep:
    """A sweep as it is written; what is left out is None, or empty."""

    name: str
    sources: tuple[Given, ...]
    space: Space
    tree: Mapping
    stages: tuple[Stage, ...] = (Stage.FIT,)
    monitors: tuple[tuple[str, Position], ...] = ()
    modes: tuple[str, ...] = ()
    trials: int | None = None
    jobs: int | None = None
    storage: str | None = None
    repetitions: tuple[Repetition, ...] = ()
    allow: str | None = None

    def position(self, key: str) -> Position:
        """Where a key is written; where the sweep is, if it is not."""
        entry = self.tree.entries.get(key)
        return entry.position if entry is not None else self.tree.position


def is_sweep(path: Path) -> bool:
    """Whether a file is of a sweep, not a config; what is no file, or cannot be read, is none."""
    if not path.is_file():
        return False
    try:
        keys = load_file(path).entries.keys()
    except ConfigError:
        return False
    return PARAMETERS in keys or CONFIG in keys


def read_sweep(words: Sequence[str], allow: str | None = None) -> Sweep:
    """The sweep that the words of a command line name. Raises ConfigError with all its mistakes of form."""
    first = words[0]
    if is_override(first):
        raise UsageError(f"'lighter sweep' takes a sweep or a config first, and '{first}' is an override")
    path = Path(first)
    if path.is_dir() or not is_sweep(path):
        return _of_words(words, allow)
    tree = load_file(path)
    problems = [
        Problem(
            f"a sweep has no '{key}'",
            entry.position,
            key,
            suggestion(key, KEYS, "it may have"),
            code="key",
            edit=respelt(key, KEYS, entry.position),
        )
        for key, entry in tree.entries.items()
        if key not in KEYS
    ]
    sources = list(_sources(tree, problems, Files.beside(path, allow)))
    (_, *over), more = _split(words, problems)
    parameters = [*read_parameters(tree, problems), *more]
    stages = tuple(Stage(name) for name in texts(tree, STAGES, problems, stage_problem)) or (Stage.FIT,)
    if Stage.FIT not in stages:
        help = f"write '{STAGES}: [fit, {', '.join(stages)}]'"
        problems.append(
            Problem("a sweep trains: its stages begin with 'fit'", tree.entries[STAGES].position, STAGES, help)
        )
    monitors = tuple(_named(tree.get(MONITOR), MONITOR, problems))
    modes = tuple(name for name, _ in _named(tree.get(MODE), MODE, problems))
    problems.extend(_mode_problems(tree, modes, len(monitors)))
    trials, jobs = (_count(tree, key, problems) for key in (TRIALS, JOBS))
    storage = next((name for name, _ in _named(tree.get(STORAGE), STORAGE, problems)), None)
    if storage is not None and allow is not None:
        what = f"'{STORAGE}' may be any file, or a server: with --allow a sweep writes into its folder alone"
        problems.append(Problem(what, tree.entries[STORAGE].position, STORAGE, f"leave '{STORAGE}' out", code="limit"))
    repetitions = read_repetitions(tree, problems)
    if not parameters and not problems:
        help = f"write '{PARAMETERS}:' and below it 'system::optimizer::lr: [0.1, 0.01]', say"
        problems.append(Problem(f"'{shown_path(path)}' has nothing to choose", tree.position, PARAMETERS, help))
    if problems:
        raise ConfigError(problems)
    space = Space(tuple(parameters))
    chosen = (stages, monitors, modes, trials, jobs, storage, repetitions, allow)
    return Sweep(run_name(path), (*sources, *over), space, tree, *chosen)


def _of_words(words: Sequence[str], allow: str | None) -> Sweep:
    """A grid of what the command line lists over its configs."""
    problems: list[Problem] = []
    sources, parameters = _split(words, problems)
    if problems:
        raise ConfigError(problems)
    if not parameters:
        if not Path(words[0]).is_dir():
            load_file(
                Path(words[0])
            )  # raises for one that is not there, or that is no YAML: it may be meant as a sweep
        help = f"'lighter sweep {words[0]} system::optimizer::lr=0.1,0.01', or a file with '{PARAMETERS}:'"
        raise UsageError(f"nothing is listed to choose from: write {help}")
    path = next((Path(word) for word in words if not is_override(word)), None)
    tree = Mapping({}, Position(Source("command line", has_lines=False)))
    return Sweep(f"{run_name(path)}_sweep", tuple(sources), Space(tuple(parameters)), tree, allow=allow)


def _split(words: Sequence[str], problems: list[Problem]) -> tuple[list[str], list[Parameter]]:
    """The sources among words, and the parameters."""
    sources: list[str] = []
    parameters: list[Parameter] = []
    folder = folder_of(words)
    for word in words:
        try:
            parameter = read_words(word, folder) if is_override(word) else None
        except ConfigError as error:
            problems.extend(error.problems)
            continue
        if parameter is None:
            sources.append(word)
        else:
            parameters.append(parameter)
    return sources, parameters


def _sources(tree: Mapping, problems: list[Problem], files: Files) -> Iterator[Mapping]:
    node = tree.get(CONFIG)
    if node is None:
        problems.append(
            Problem(f"the sweep has no '{CONFIG}'", tree.position, CONFIG, f"write '{CONFIG}: config.yaml'")
        )
        return
    for item in node.items if isinstance(node, List) else (node,):
        source = read_source(item, CONFIG, problems, files)
        if source is not None:
            yield source


def _named(node: Node | None, key: str, problems: list[Problem]) -> Iterator[tuple[str, Position]]:
    """The texts of a list, or the single one."""
    for item in node.items if isinstance(node, List) else () if node is None else (node,):
        if isinstance(item, Scalar) and isinstance(item.value, str):
            yield item.value, item.position
        else:
            problems.append(
                Problem(f"'{key}' takes a text, or a list of them", item.position, key, f"write '{key}: ...'")
            )


def _mode_problems(tree: Mapping, modes: Sequence[str], monitored: int) -> Iterator[Problem]:
    position = tree.entries[MODE].position if MODE in tree.entries else tree.position
    for mode in modes:
        if mode not in MODES:
            yield Problem(f"there is no mode '{mode}'", position, MODE, suggestion(mode, MODES))
    if len(modes) > 1 and len(modes) != monitored:
        what = f"there are {len(modes)} modes for {monitored} monitored values"
        yield Problem(what, position, MODE, "write one for each, or one for all")


def _count(tree: Mapping, key: str, problems: list[Problem]) -> int | None:
    node = tree.get(key)
    if node is None:
        return None
    value = node.value if isinstance(node, Scalar) else None
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST[key]:
        what = f"'{key}' takes a whole number from 1 to {MOST[key]:,}"
        problems.append(Problem(what, node.position, key, f"write '{key}: 10', say"))
        return None
    return value


def with_flags(sweep: Sweep, flags: Mapping_[str, str | None]) -> Sweep:
    """The sweep with what flags of the command line say instead. Raises UsageError."""
    entries = dict(sweep.tree.entries)
    counts = {}
    for key in (TRIALS, JOBS):
        written = flags.get(key)
        if written is not None:
            if not written.isdecimal() or not 1 <= int(written) <= MOST[key]:
                raise UsageError(f"--{key}={written}: write a whole number from 1 to {MOST[key]:,}")
            counts[key] = int(written)
    name = flags.get(LAUNCHER)
    if name is not None:
        node = launcher_node(name)
        entries[LAUNCHER] = Entry(LAUNCHER, node, node.position)
    tree = Mapping(entries, sweep.tree.position)
    return replace(sweep, tree=tree, trials=counts.get(TRIALS, sweep.trials), jobs=counts.get(JOBS, sweep.jobs))
