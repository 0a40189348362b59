"""A repository adopted: what is told of it, and its first config."""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from lighter.cli.adopting.choosing import choose
from lighter.cli.adopting.listing import adopting_below, found_text, hindrances_text
from lighter.cli.adopting.obstacles import hindrances
from lighter.cli.adopting.reading import Repository, read_repository
from lighter.cli.adopting.recognising import recognise
from lighter.cli.adopting.writing import FirstConfig, first_config
from lighter.errors import UsageError, suggestion
from lighter.project.project import Project

SUFFIXES = (".yaml", ".yml")


def require_free(path: Path) -> None:
    """Raises UsageError where no config can be written to a path."""
    if path.suffix not in SUFFIXES:
        raise UsageError(f"'{path}' is no name for a config: write --out={path.stem or 'config'}.yaml")
    if os.path.lexists(path):
        raise UsageError(f"'{path}' is there already and stays as it is: write --out=another.yaml, or move it away")
    if not path.parent.is_dir():
        raise UsageError(f"there is no folder '{path.parent}' for '{path.name}': make it, or write --out=config.yaml")


def save(text: str, path: Path) -> None:
    """Writes a text to a path where nothing is. Raises UsageError where that cannot be."""
    require_free(path)
    half = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with half.open("x", encoding="utf-8") as file:
            file.write(text)
        _place(half, path)
    except OSError as error:
        raise UsageError(f"'{path}' cannot be written: {error.strerror}; write --out=folder/config.yaml") from error
    finally:
        with suppress(OSError):
            half.unlink()


def _place(half: Path, path: Path) -> None:
    try:
        path.hardlink_to(half)  # refuses where in the meantime something has come to lie there
    except FileExistsError as error:
        raise UsageError(f"'{path}' is there already and stays as it is: write --out=another.yaml") from error
    except OSError:  # some file systems know no such links
        half.rename(path)


@dataclass(frozen=True, slots=True)
class Adoption:
    """The text for a terminal, the config, and what is left to do."""

    told: str
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
    ways = hindrances(found, config.chosen)
    told = "\n".join(filter(None, (found_text(choice), hindrances_text(ways))))
    return Adoption(told, config, _left(config, str(out)))


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
    return Project.open(folder / relative), relative


def _no_folder(repo: str) -> str:
    if os.path.exists(repo):  # noqa: PTH110  # False for what no path can be; Path raises
        return f"'{repo}' is no folder: name the folder of a repository"
    parent, name = os.path.split(os.path.normpath(repo))
    try:
        beside = sorted(entry.name for entry in os.scandir(parent or os.curdir) if entry.is_dir())
    except (OSError, ValueError):
        beside = []
    told = suggestion(name, beside, "the folders there are")
    return f"there is no folder '{repo}'" + (f"; {told}" if told else "")


def _nothing(repo: str, repository: Repository) -> str:
    count, others = len(repository.outlines), len(repository.passed_over)
    read = f"{count} Python file{'s' * (count != 1)} read" + (f", {others} passed over" if others else "")
    reasons = sorted(set(repository.passed_over.values()))[:3]
    return (
        f"'{repo}' holds nothing that a config could name ({'; '.join([read, *reasons])}); looked for: classes of "
        "torch.nn.Module, torch.utils.data.Dataset, LightningModule, LightningDataModule or Metric, also by way of "
        "other files, functions that return a model, and functions named *_loss or *collate*; "
        "name the folder that holds the code" + (f": {below}" if (below := adopting_below(repository)) else "")
    )


def _left(config: FirstConfig, out: str) -> str:
    count = len(config.open)
    if not count:
        return f"nothing in it is left open: 'lighter check {out}' tells whether it is right"
    places = f"{count} place{'s' * (count != 1)} in it {'are' if count > 1 else 'is'} left to fill in"
    return f"{places}: 'lighter check {out}' tells which"
