"""A run that is made several times: with other seeds, on other folds of the data. So chance is told from gain."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from statistics import fmean, stdev

from lighter.config import Config
from lighter.config.key_path import text
from lighter.config.schema import SEED, VARS
from lighter.config.tree import Entry, Mapping, Scalar
from lighter.errors import Position, Problem

KEYS = (REPEAT, FOLDS) = ("repeat", "folds")
MOST = 1000  # of each, and of the runs that both come to
FOLD = text((VARS, "fold"))


@dataclass(frozen=True, slots=True)
class Repetition:
    """One of the several: what its folder is called, and what lies over the config."""

    name: str
    over: Mapping


def read_repetitions(tree: Mapping, problems: list[Problem]) -> tuple[Repetition, ...]:
    """What `repeat` and `folds` say; none where neither is there."""
    lists = []
    for key, place, name in ((REPEAT, SEED, "seed"), (FOLDS, FOLD, "fold")):
        node = tree.get(key)
        if node is None:
            continue
        count, least = getattr(node, "value", None), 1 if key == REPEAT else 2
        if isinstance(count, bool) or not isinstance(count, int) or not least <= count <= MOST:
            what = f"'{key}' takes a whole number from {least} to {MOST:,}"
            problems.append(Problem(what, node.position, key, f"write '{key}: 5', say"))
            continue
        lists.append([(f"{name}_{at}", place, at, node.position) for at in range(count)])
    if (runs := prod(map(len, lists))) > MOST:
        what = f"'{REPEAT}' and '{FOLDS}' together come to {runs:,} runs, and {MOST:,} are the most"
        problems.append(Problem(what, tree.entries[FOLDS].position, FOLDS, "write a smaller number for one of them"))
    return tuple(_repetition(parts) for parts in product(*lists)) if lists and not problems else ()


def _repetition(parts: Iterable[tuple[str, str, int, Position]]) -> Repetition:
    parts = list(parts)
    entries = {place: Entry(place, Scalar(value, at), at) for _, place, value, at in parts}
    return Repetition("_".join(name for name, *_ in parts), Mapping(entries, parts[0][3]))


def fold_problems(repetitions: Sequence[Repetition], config: Config) -> list[Problem]:
    """What is wrong with a config that is to run on several folds."""
    fold = repetitions[0].over.get(FOLD) if repetitions else None
    if fold is None or FOLD in config:
        return []
    help = f"write '{FOLD}: 0' in the config, and let the data go by it, as in 'fold: \"@{FOLD}\"'"
    return [Problem(f"the config has no '{FOLD}'", fold.position, FOLDS, help)]


def mean_and_deviation(values: Sequence[float]) -> tuple[float, float | None]:
    """The mean, and the deviation from it that a sample shows; None of a single value."""
    return fmean(values), stdev(values) if len(values) > 1 else None
