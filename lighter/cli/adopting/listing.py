"""What was found in a repository, as a person reads it on a terminal."""

from collections import Counter
from collections.abc import Sequence

from lighter.cli.adopting.calls import safe
from lighter.cli.adopting.choosing import Choice
from lighter.cli.adopting.folders import NAMELESS, adopting, nearest_nameable
from lighter.cli.adopting.kinds import Kind
from lighter.cli.adopting.obstacles import Hindrances
from lighter.cli.adopting.parameters import Parameter, plain_value, shown
from lighter.cli.adopting.reading import Repository
from lighter.cli.adopting.recognising import Candidate

MOST = 10  # of each kind
MOST_LINES = 15
_WIDEST = 90


def found_text(choice: Choice) -> str:
    """The candidates by kind, most likely first, and what was passed over."""
    repository = choice.found.repository
    read = len(repository.outlines)
    lines = [f"{safe(repository.project.name)}: {read} Python file{'s' * (read != 1)} read, none of them run", ""]
    for kind in Kind:
        lines += _group(kind, choice.ranked.get(kind, ()))
        if kind is Kind.MODEL and choice.parts:
            count, names = len(choice.parts), [part.here.name for part in choice.parts if part.here.name[0] != "_"]
            lines[-1:] = [f"  (and {count} part{'s' * (count != 1)} of models: {_some(names)})", ""]
    return "\n".join([*lines, *_passed_over(choice)]).rstrip("\n") + "\n"


def hindrances_text(found: Hindrances) -> str:
    """What stands in the way of what was chosen, and what is missing for other files."""
    lines = found.lines[:MOST_LINES]
    if len(found.lines) > MOST_LINES:
        lines.append(f"and {len(found.lines) - MOST_LINES} more of the kind")
    if found.missing_elsewhere:
        lines.append(f"not installed, and wanted by other files only: {_some(found.missing_elsewhere)}")
    if not lines:
        return ""
    return "in the way\n" + "".join(f"  {safe(line)}\n" for line in lines)


def _group(kind: Kind, candidates: Sequence[Candidate]) -> list[str]:
    if not candidates:
        return []
    told = [(f"{safe(one.target)}{_signature(one)}", safe(one.place)) for one in candidates[:MOST]]
    width = max((len(text) for text, _ in told if len(text) <= _WIDEST), default=0)
    lines = [str(kind), *(f"  {text:<{width}}  {place}" for text, place in told)]
    if len(candidates) > MOST:
        lines.append(f"  and {len(candidates) - MOST} more: {_some([one.here.name for one in candidates[MOST:]])}")
    return [*lines, ""]


def _signature(candidate: Candidate) -> str:
    if candidate.parameters is None:
        return "(...)"
    room = _WIDEST - len(candidate.target) - len("(, ...)")
    parts: list[str] = []
    for parameter in candidate.parameters:
        part = _argument(parameter)
        if len(parts) > 1 and len(", ".join([*parts, part])) > room:
            return f"({', '.join([*parts, '...'])})"
        parts.append(part)
    return f"({', '.join(parts)})"


def _argument(parameter: Parameter) -> str:
    annotation = f": {parameter.annotation}" if parameter.annotation and parameter.is_required else ""
    if parameter.is_required:
        return safe(f"{parameter.name}{annotation}")
    plain, _ = plain_value(parameter.default)
    default = shown(parameter.default)
    return safe(f"{parameter.name}={default if plain or len(default) < 25 else '...'}")


def _passed_over(choice: Choice) -> list[str]:
    repository = choice.found.repository
    reasons = Counter(reason.partition(",")[0] for reason in repository.passed_over.values())
    first = {reason.partition(",")[0]: path for path, reason in reversed(repository.passed_over.items())}
    cure = adopting_below(repository)
    lines = [
        f"passed over: {count} file{'s' * (count != 1)}, {reason} ({safe(first[reason])}{', ...' * (count > 1)})"
        + (f"; for those: {cure}" if cure and reason == NAMELESS else "")
        for reason, count in reasons.most_common()
    ]
    if repository.notebooks:
        count = repository.notebooks
        lines.append(f"not read: {count} notebook{'s' * (count != 1)}")
    return [*lines, ""] if lines else []


def adopting_below(repository: Repository) -> str:
    """The command that reads a folder of which no dotted name can say the path; empty where there is none."""
    folder = nearest_nameable(repository.passed_over)
    return safe(adopting(repository.project.root / folder)) if folder else ""


def _some(names: Sequence[str]) -> str:
    return ", ".join(safe(name) for name in names[:8]) + (", ..." if len(names) > 8 else "")
