"""How the next values are chosen: a grid in the order in which it is written, or a sampler of Optuna's."""

from collections.abc import Mapping as AbstractMapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from lighter.config.tree import TARGET, Entry, Mapping, Scalar, with_value
from lighter.errors import ConfigError, Position, Problem, UsageError, suggestion
from lighter.runs.jobs.choosing import built
from lighter.runs.jobs.choosing import launcher_of as chosen_launcher
from lighter.runs.sweeps.reading import LAUNCHER, PRUNE, SEARCH, TRIALS, Sweep

if TYPE_CHECKING:
    import optuna

GRID, SEED = "grid", "seed"
NAMES: AbstractMapping[str, str] = {
    "random": "RandomSampler",
    "tpe": "TPESampler",
    "gp": "GPSampler",
    "cmaes": "CmaEsSampler",
    "nsga2": "NSGAIISampler",
    "qmc": "QMCSampler",
}
# What else they are called; a near name would be another one's.
_ALSO = {
    **dict.fromkeys(("bayes", "bayesian", "bayesopt", "bo", "hyperopt", "parzen"), "tpe"),
    **dict.fromkeys(("evolution", "genetic", "nsga"), "nsga2"),
    **dict.fromkeys(("all", "exhaustive", "gridsearch"), GRID),
    "gaussian": "gp",
    "sobol": "qmc",
}
_SAME_SEED = ("QMCSampler", "GridSampler")  # which walk through one sequence, of which they know how far they are

# Packages that Optuna imports when a sampler is first asked, and what brings them.
_NEEDS = {
    "CmaEsSampler": ("cmaes", "cmaes"),
    "GPSampler": ("scipy", "'lighter[sweep]'"),
    "QMCSampler": ("scipy", "'lighter[sweep]'"),
}

_EXAMPLES = {
    SEARCH: "optuna.samplers.TPESampler, seed: 1",
    PRUNE: "optuna.pruners.MedianPruner",
}


def is_grid(sweep: Sweep) -> bool:
    """Whether all points are tried in their order: as it says, or where it says neither how nor how often."""
    node = sweep.tree.get(SEARCH)
    if node is None:
        return sweep.trials is None and sweep.space.size is not None
    return isinstance(node, Scalar) and node.value == GRID


def sampler(sweep: Sweep, number: int) -> "optuna.samplers.BaseSampler":
    """The sampler that chooses the values of the trial of this number.

    Each trial has one of its own: its seed is that of the sweep and the number, so that a sweep that was killed goes
    on with what it would have chosen, and not with its first points again. Raises ConfigError.
    """
    node = _sampler_node(sweep)
    seed = node.get(SEED)
    name = node.get(TARGET)
    walks = isinstance(name, Scalar) and str(name.value).rpartition(".")[2] in _SAME_SEED
    if isinstance(seed, Scalar) and isinstance(seed.value, int) and not walks:
        node = with_value(node, SEED, Scalar(seed.value + number, seed.position))
    made: optuna.samplers.BaseSampler = _fitting(node, SEARCH, sweep.allow)
    return made


def pruner(sweep: Sweep) -> "optuna.pruners.BasePruner | None":
    """What ends trials early. Raises ConfigError."""
    node = sweep.tree.get(PRUNE)
    return _fitting(_call(node, PRUNE), PRUNE, sweep.allow) if node is not None else None


def launcher_of(sweep: Sweep) -> Any:
    """What starts the processes of the trials; one that is named by the command is the user's. Raises ConfigError."""
    node = sweep.tree.get(LAUNCHER)
    return chosen_launcher(node, None if node is None or node.position.source.is_override else sweep.allow)


def trials(sweep: Sweep) -> int:
    """How many trials there are to be. Raises ConfigError where nothing says it."""
    size = sweep.space.size
    if is_grid(sweep):
        if size is None:
            open_ = next(one for one in sweep.space.parameters if one.count is None)
            what, help = f"the range of '{open_.name}' has no end of points", "write a step, or a list of choices"
            raise ConfigError([Problem(what, open_.places[0].position, open_.name, help)])
        return min(size, sweep.trials or size)
    if sweep.trials is None:
        help = f"write '{TRIALS}: 50', or '--trials=50'"
        raise ConfigError([Problem("nothing says how many trials there are", sweep.tree.position, TRIALS, help)])
    return sweep.trials


def _sampler_node(sweep: Sweep) -> Mapping:
    node = sweep.tree.get(SEARCH)
    if node is None:
        return _named("tpe", sweep.tree.position)
    if isinstance(node, Scalar) and isinstance(node.value, str):
        if node.value in NAMES:
            return _named(node.value, node.position)
        help = suggestion(_ALSO.get(node.value.lower(), node.value), [GRID, *NAMES])
        raise ConfigError([Problem(f"there is no search '{node.value}'", node.position, SEARCH, help)])
    return _call(node, SEARCH)


def _fitting(node: Mapping, key: str, allow: str | None) -> Any:
    """What a call builds for this place. Raises ConfigError where it builds something else."""
    from optuna.pruners import BasePruner
    from optuna.samplers import BaseSampler

    made = built(node, key, allow)
    kinds: dict[str, tuple[type, str]] = {SEARCH: (BaseSampler, "sampler"), PRUNE: (BasePruner, "pruner")}
    wanted, word = kinds[key]
    if isinstance(made, wanted):
        package, cure = _NEEDS.get(type(made).__name__, ("", ""))
        if package and find_spec(package) is None:
            what = f"'{type(made).__name__}' needs '{package}', which is not installed"
            raise ConfigError([Problem(what, node.position, key, f"pip install {cure}")])
        return made
    other = next((other for other, (kind, _) in kinds.items() if isinstance(made, kind)), None)
    help = f"write '{key}: {{_target_: {_EXAMPLES[key]}}}', say"
    help = f"a {kinds[other][1]} stands under '{other}'; {help}" if other is not None else help
    what = f"'{key}' takes a {word} of Optuna's, and this is a '{type(made).__name__}'"
    raise ConfigError([Problem(what, node.position, key, help, code="type")])


def _named(name: str, at: Position) -> Mapping:
    texts: dict[str, object] = {TARGET: f"optuna.samplers.{NAMES[name]}", SEED: 0}
    return Mapping({key: Entry(key, Scalar(value, at), at) for key, value in texts.items()}, at)


def _call(node: Any, key: str) -> Mapping:
    if isinstance(node, Mapping) and node.is_call:
        return node
    example = _EXAMPLES[key]
    raise ConfigError(
        [Problem(f"'{key}' names nothing to build", node.position, key, f"write '{{_target_: {example}}}'")]
    )


def require_optuna() -> None:
    """Raises UsageError where Optuna is not installed."""
    if find_spec("optuna") is None:
        raise UsageError("a sweep searches with Optuna, which is not installed; pip install 'lighter[sweep]'")
