"""Each mistake told once: however often its piece is copied, for however many stages, by whichever phase."""

from collections.abc import Iterable

from lighter.config.failures import RAISED
from lighter.config.key_path import SEPARATOR
from lighter.errors import Problem


def once(problems: Iterable[Problem]) -> list[Problem]:
    """The same problems, those of one mistake as one, with the other places that it shows at."""
    found: dict[object, list[Problem]] = {}
    for problem in problems:
        found.setdefault(_mistake(problem), []).append(problem)
    return [_as_one(same) for same in found.values()]


def besides(problems: Iterable[Problem], told: Iterable[Problem]) -> list[Problem]:
    """The problems that are not at, or below, a place of which something is told already: they may hang on that.

    Nor is of a call told that it lacks what is told to be missing below it, and of what is written for another tool
    nothing but that.
    """
    told = list(told)
    places = {problem.place for problem in told}
    foreign = {_parent(problem) for problem in told if problem.code == "foreign"}
    lacking = {_parent(problem) for problem in told if problem.code == "missing"}
    if any(problem.code == "foreign" and not problem.place for problem in told):
        return []
    hanging = places | foreign
    return [one for one in problems if one.place not in lacking and not hanging & _above(one.place)]


def _parent(problem: Problem) -> str:
    return problem.place.rpartition(SEPARATOR)[0]


def _above(place: str) -> set[str]:
    """A place and all above it; for the root itself nothing is told."""
    keys = place.split(SEPARATOR)
    return {SEPARATOR.join(keys[:depth]) for depth in range(1, len(keys) + 1)}


def _mistake(problem: Problem) -> object:
    """What two problems share if one mistake makes both: for what fails to be imported that is the line that raised."""
    if problem.code == "import":
        return next((at for said, at in problem.also if said == RAISED), problem.what), problem.help
    return problem.what, problem.position, problem.help


def _as_one(same: list[Problem]) -> Problem:
    """One of several, before all the one that is no copy, with the places of the others."""
    first = min(same, key=lambda problem: len(problem.also))
    others = dict.fromkeys(problem.place for problem in same if problem.place != first.place)
    return first._replace(again=(*first.again, *others)) if others else first
