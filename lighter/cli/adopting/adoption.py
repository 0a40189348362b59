"""A repository adopted: what is printed of it, and its first config."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lighter.cli.adopting.calls import safe
from lighter.cli.adopting.choosing import Choice, choose
from lighter.cli.adopting.first_config import FirstConfig, first_config
from lighter.cli.adopting.obstacles import Obstacles, obstacles
from lighter.cli.adopting.parameters import Parameter, plain_value, shown
from lighter.cli.adopting.reading import NAMELESS, Repository, adopting, read_repository
from lighter.cli.adopting.recognising import Candidate, Kind, recognise
from lighter.errors import UsageError, suggestion
from lighter.project.project import Project

MOST = 10  # of each kind
MOST_LINES = 15
_WIDEST = 90


@dataclass(frozen=True, slots=True)
class Adoption:
    """The text for a terminal, the config, and what is left to do."""

    printed: str
    config: FirstConfig
    left: str


def adoption(repo: str, out: Path) -> Adoption:
    """Reads a repository for a config at the path `out`. Raises UsageError where there is nothing to be found."""
    project, written = _project(repo, out.absolute().parent)
    repository = read_repository(project)
    found = recognise(repository)
    if not found.candidates:
        raise UsageError(_nothing(repo, repository))
    choice = choose(found)
    config = first_config(choice, written, str(out))
    ways = obstacles(found, config.chosen)
    printed = "\n".join(filter(None, (found_text(choice), obstacles_text(ways))))
    return Adoption(printed, config, _left(config, str(out)))


def _project(repo: str, folder: Path) -> tuple[Project, str]:
    """The project as the config will open it, and its path as the config writes it."""
    try:
        real = Project.open(repo)
    except ModuleNotFoundError as error:
        raise UsageError(_no_folder(repo)) from error
    relative = os.path.relpath(repo, folder)
    if os.path.realpath(folder / relative) != str(real.root):  # a link on the way
        relative = str(real.root)
    if not relative.isprintable():
        raise UsageError(f"{repo!r} cannot be written into a config: rename the folder, or make a link to it")
    return Project.open(folder / relative, relative), relative


def _no_folder(repo: str) -> str:
    if os.path.exists(repo):  # noqa: PTH110  # False for what no path can be; Path raises
        above = safe(adopting(Path(repo).parent))
        return f"'{repo}' is no folder: name the folder of a repository" + f": {above}" * repo.endswith(".py")
    parent, name = os.path.split(os.path.normpath(repo))
    try:
        beside = sorted(entry.name for entry in os.scandir(parent or os.curdir) if entry.is_dir())
    except (OSError, ValueError):
        beside = []
    near = suggestion(name, beside, "the folders there are")
    return f"there is no folder '{repo}'" + (f"; {near}" if near else "")


def _nothing(repo: str, repository: Repository) -> str:
    others = len(repository.skipped)
    read = f"{_counted(len(repository.outlines), 'Python file')} read" + (f", {others} passed over" if others else "")
    reasons = sorted(set(repository.skipped.values()))[:3]
    return (
        f"'{repo}' holds nothing that a config could name ({'; '.join([read, *reasons])}); looked for: classes of "
        "torch.nn.Module, torch.utils.data.Dataset, LightningModule, LightningDataModule or Metric, also by way of "
        "other files, functions that return a model, and functions named *_loss or *collate*; "
        "name the folder that holds the code" + (f": {below}" if (below := safe(repository.adopting_below())) else "")
    )


def _left(config: FirstConfig, out: str) -> str:
    places, are = _counted(len(config.open), "place"), "is" if len(config.open) == 1 else "are"
    checked = f"{places} in it {are} left to fill in: 'lighter check {out}' tells which"
    if not config.open:
        checked = f"nothing in it is left open: 'lighter check {out}' tells whether it is valid"
    batch = "" if config.is_whole else ", and the adapters are a comment"
    return f"{checked}\na check sees no batch{batch}: try one with 'lighter fit {out} trainer::fast_dev_run=true'"


def found_text(choice: Choice) -> str:
    """The candidates by kind, most likely first, and what was skipped."""
    repository = choice.found.repository
    read = _counted(len(repository.outlines), "Python file")
    lines = [f"{safe(repository.project.name)}: {read} read, none of them run", ""]
    for kind in Kind:
        lines += _group(kind, choice.ranked.get(kind, ()))
        if kind is Kind.MODEL and choice.parts:
            names = [part.here.name for part in choice.parts if part.here.name[0] != "_"]
            lines[-1:] = [f"  (and {_counted(len(choice.parts), 'part')} of models: {_some(names)})", ""]
    return "\n".join([*lines, *_of_skipped(repository)]).rstrip("\n") + "\n"


def obstacles_text(found: Obstacles) -> str:
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
    rows = [(f"{safe(one.target)}{_signature(one)}", safe(one.place)) for one in candidates[:MOST]]
    width = max((len(text) for text, _ in rows if len(text) <= _WIDEST), default=0)
    lines = [str(kind), *(f"  {text:<{width}}  {place}" for text, place in rows)]
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
    if parameter.is_required:
        return safe(": ".join(filter(None, (parameter.name, parameter.annotation))))
    default, (plain, _) = shown(parameter.default), plain_value(parameter.default)
    return safe(f"{parameter.name}={default if plain or len(default) < 25 else '...'}")


def _of_skipped(repository: Repository) -> list[str]:
    paths: dict[str, list[str]] = {}
    for path, reason in repository.skipped.items():
        paths.setdefault(reason.partition(",")[0], []).append(safe(path))
    lines, cure = [], safe(repository.adopting_below())
    for reason, (first, *more) in sorted(paths.items(), key=lambda one: -len(one[1])):
        files = f"{_counted(1 + len(more), 'file')}, {reason} ({first}{', ...' * bool(more)})"
        lines.append(f"passed over: {files}{f'; for those: {cure}' if cure and reason == NAMELESS else ''}")
    if repository.notebooks:
        lines.append(f"not read: {_counted(repository.notebooks, 'notebook')}")
    return lines


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"


def _some(names: Sequence[str]) -> str:
    return ", ".join(safe(name) for name in names[:8]) + (", ..." if len(names) > 8 else "")
