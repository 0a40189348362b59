"""What a sweep looks for: the logged value that it makes small or large, or several of them."""

from collections.abc import Iterator
from dataclasses import dataclass

from lighter.config import Config
from lighter.config.key_path import text
from lighter.config.schema import CALLBACKS, DATA, LOADERS, TRAINER, is_system
from lighter.config.tree import Mapping, Scalar, children, find, is_nothing
from lighter.errors import Position, Problem
from lighter.runs.sweeps.reading import MAX, MIN, MODE, MONITOR, Sweep
from lighter.training.logged_name import VAL_LOSS, LoggedName, less_is_better, more_is_better
from lighter.training.stages import Mode, Stage

_WATCHING = ("Checkpoint", "EarlyStopping")


@dataclass(frozen=True, slots=True)
class Objective:
    """A logged name, which of its values is the best, and where it is written."""

    name: str
    mode: str
    position: Position

    def is_better(self, value: float, other: float) -> bool:
        """Whether a value is better than another one."""
        return value > other if self.mode == MAX else value < other


def objectives(sweep: Sweep, config: Config, problems: list[Problem]) -> list[Objective]:
    """What the sweep says, or the config where it says nothing."""
    watched = dict(_watched(config))
    named = list(sweep.monitors)
    if not named:
        position = sweep.position(MONITOR)
        name = next(iter(watched), VAL_LOSS if is_system(config.tree) else None)
        if name is None:
            problems.append(Problem("nothing says which value is to be made small", position, MONITOR, _HOW))
            return []
        named = [(name, position)]
    modes = sweep.modes * len(named) if len(sweep.modes) == 1 else sweep.modes
    found: list[Objective] = []
    for at, (name, position) in enumerate(named):
        mode = modes[at] if at < len(modes) else watched.get(name) or _mode_of(name)
        if mode is None:
            what = f"nothing says whether more or less of '{name}' is better"
            problems.append(Problem(what, position, MODE, f"write '{MODE}: {MAX}', or '{MODE}: {MIN}'"))
        elif any(name == one.name for one in found):
            problems.append(Problem(f"'{name}' is monitored twice", position, MONITOR, "keep one"))
        else:
            found.append(Objective(name, mode, position))
    problems.extend(problem for one in found for problem in _unlogged(one, sweep, config))
    return found


_HOW = f"write '{MONITOR}: ...', one of the names that the config logs"


def _mode_of(name: str) -> str | None:
    return MIN if less_is_better(name) else MAX if more_is_better(name) else None


def _watched(config: Config) -> Iterator[tuple[str, str | None]]:
    """What callbacks of the config watch: what chooses the best checkpoint first."""
    callbacks = find(config.tree, CALLBACKS)
    is_one = isinstance(callbacks, Mapping) and callbacks.is_call
    written = [callbacks] if callbacks is None or is_one else [one for _, one in children(callbacks)]
    nodes = [one for one in written if isinstance(one, Mapping) and one.is_call]
    for kind in _WATCHING:
        for node in reversed(nodes):
            target, monitor, mode = node.get("_target_"), node.get("monitor"), node.get("mode")
            name = str(getattr(target, "value", ""))
            if name.endswith(kind) and isinstance(monitor, Scalar) and isinstance(monitor.value, str):
                yield monitor.value, str(mode.value) if isinstance(mode, Scalar) else MIN


def _unlogged(objective: Objective, sweep: Sweep, config: Config) -> Iterator[Problem]:
    """Why a value will not be there at the end of a trial, as far as the config shows it."""
    from lighter.config.checks.monitors import unlogged
    from lighter.config.failures import located

    name = LoggedName.parse(objective.name)
    mode = name.mode if name is not None else None
    if mode is Mode.TEST and Stage.TEST not in sweep.stages:
        what, help = f"'{objective.name}' is of the test, which no trial runs", "write 'stages: [fit, test]'"
        yield Problem(what, objective.position, MONITOR, help)
    elif mode is Mode.PREDICT:
        yield Problem(f"'{objective.name}' is never logged", objective.position, MONITOR, _HOW)
    elif mode is Mode.VAL and not _validates(config):
        what = f"nothing is validated, so '{objective.name}' is never logged"
        yield Problem(what, objective.position, MONITOR, f"write '{text((*LOADERS, Mode.VAL))}: ...' in the config")
    elif mode is not Mode.TEST:
        project = None if config.is_limited else config.project
        with config.serving():
            yield from unlogged(
                config.plan(Stage.FIT),
                lambda dotted: located(dotted, project, is_target=True),
                objective.name,
                objective.position,
                MONITOR,
            )


def _validates(config: Config) -> bool:
    """Whether there are data to validate with, as far as the config shows it."""
    limit = config.get(f"{TRAINER}::limit_val_batches")
    if limit == 0 and not isinstance(limit, bool):
        return False
    loaders = find(config.tree, LOADERS)
    is_known = is_system(config.tree) and is_nothing(config.tree.get(DATA))
    if not is_known or not (is_nothing(loaders) or (isinstance(loaders, Mapping) and not loaders.is_call)):
        return True
    return not is_nothing(find(config.tree, (*LOADERS, Mode.VAL)))
