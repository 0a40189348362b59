"""The folder of a run in which the files lie that its config was composed of, beside the overrides."""

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from collections.abc import Mapping as AbstractMapping
from pathlib import Path
from typing import Any

from lighter.config import Config
from lighter.config.key_path import SEPARATOR
from lighter.config.strings import SIGNS
from lighter.errors import Source
from lighter.records.composition import composed_files, given_mappings, mapping_names, overrides
from lighter.records.copying import copied
from lighter.records.masking import is_secret, masked_override, variable
from lighter.whole_files import write_whole

SOURCES = "sources"
OVERRIDES = "overrides.txt"

__all__ = ["OVERRIDES", "SOURCES", "record_sources"]


def record_sources(config: Config, folder: Path) -> None:
    """Writes the folder of sources, whole or not at all; one that is there stays as it is. Raises OSError."""
    place = folder / SOURCES
    if place.exists():
        return
    beside = folder / f".{SOURCES}.{os.getpid()}"
    try:
        for name, text in _texts(config):
            write_whole(beside / name, text)
        beside.replace(place)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _texts(config: Config) -> Iterator[tuple[Path, str]]:
    """Where each file lies in the folder of sources, and what stands in it."""
    files = composed_files(config)
    for path, place in _places([*files]).items():
        yield place, copied(Source(path.name, files[path], path=path))
    for name, mapping in zip(mapping_names(), given_mappings(config), strict=False):
        text = json.dumps(_without_secrets(mapping), indent=2, ensure_ascii=False, default=repr)
        yield Path(name), text + "\n"
    yield Path(OVERRIDES), "".join(f"{masked_override(one)}\n" for one in overrides(config))


def _places(paths: Sequence[Path]) -> dict[Path, Path]:
    """The paths as seen from the folder that all are in: what one file calls another stays right."""
    try:
        root = os.path.commonpath([path.parent for path in paths]) if paths else ""
    except ValueError:  # they are on several drives
        return {path: Path(path.drive.strip(":\\"), *path.parts[1:]) for path in paths}
    return {path: path.relative_to(root) for path in paths}


def _without_secrets(value: Any) -> Any:
    if isinstance(value, AbstractMapping):
        return {str(key): _concealed(str(key), below) for key, below in value.items()}
    return [_without_secrets(item) for item in value] if isinstance(value, (list, tuple)) else value


def _concealed(written: str, value: Any) -> Any:
    key = written.replace("#", SEPARATOR).rpartition(SEPARATOR)[2].lstrip("+=~")
    is_said_elsewhere = isinstance(value, str) and value[:1] in SIGNS and value[1:2] != value[:1]
    return variable(key) if not is_said_elsewhere and is_secret(key, value) else _without_secrets(value)
