"""The config of a run as it is shown: its YAML, where each value came from, and its tree to compare."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lighter.config.composing import CONFIG_FILE
from lighter.config.loading import load_file
from lighter.config.origins import annotated
from lighter.config.secrets import concealed
from lighter.config.tree import Mapping
from lighter.errors import ConfigError
from lighter.report.config_origins import config_origins

_MARK = "\0"  # before what is told of a line's origin; in the text of a config it is always escaped

__all__ = ["Line", "WrittenConfig", "read_config"]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of YAML, and the places that its value came from, oldest first."""

    text: str
    origin: str = ""


@dataclass(frozen=True, slots=True)
class WrittenConfig:
    """A run's config without secrets; `trouble` says why it cannot be shown."""

    lines: tuple[Line, ...] = ()
    tree: Mapping | None = None
    trouble: str = ""


def read_config(run: Path, given: Sequence[str] = ()) -> WrittenConfig:
    """The config in a run's folder, made of the sources `given`.

    It is read as text: nothing is imported, no macro brings a secret back, and no `_base_` another file.
    """
    path = run / CONFIG_FILE
    if not path.is_file():
        return WrittenConfig(trouble=f"the folder holds no {CONFIG_FILE}")
    try:
        tree = concealed(load_file(path))
    except (ConfigError, OSError) as error:
        return WrittenConfig(trouble=f"{CONFIG_FILE} cannot be read: {error}")
    told = {place: f"{_MARK}{where}" for place, where in config_origins(run, tree, given).items()}
    lines = (line.partition(f"  # {_MARK}") for line in annotated(tree, told).splitlines())
    return WrittenConfig(tuple(Line(text, origin) for text, _, origin in lines), tree)
