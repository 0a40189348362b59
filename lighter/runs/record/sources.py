"""What a run's config was composed of, and the folder of the run that keeps it: files, overrides, mappings."""

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from collections.abc import Mapping as AbstractMapping
from pathlib import Path
from typing import Any

from lighter.config import Config
from lighter.config.composing import is_override
from lighter.config.dumping import plain
from lighter.config.key_path import SEPARATOR
from lighter.config.loading import load_text
from lighter.config.scalars import SIGNS
from lighter.config.secrets import is_secret, may_hold_secret
from lighter.config.tree import Mapping, Node, Scalar, walk
from lighter.errors import ConfigError, Source
from lighter.runs.folder import OVERRIDES, SOURCES, mapping_names
from lighter.runs.record.masking import SHORTEST, masked, masked_override, variable
from lighter.runs.whole_files import write_whole

_LEFT_OUT = "# '{}' is not copied here: it holds a secret that cannot be taken out of its text.\n"


def given(config: Config) -> list[str]:
    """Its sources as a person reads them: paths, overrides without their secrets, and where mappings are copied to."""
    names = mapping_names()
    return [next(names) if _is_mapping(one) else masked_override(str(one)) for one in config.given]


def copied(source: Source) -> str:
    """The text with an environment variable in place of each secret, or a line that says why it is not here."""
    if not may_hold_secret(source.text):
        return source.text
    tree = _parsed(source)
    if tree is None:
        return _LEFT_OUT.format(source.path)
    secrets = list(_secrets(tree))
    text = _replaced(source.text, secrets)
    text = None if text is None else _without_comments_secrets(text)
    if text is None or any(len(old := str(node.value)) >= SHORTEST and old in text for _, node in secrets):
        return _LEFT_OUT.format(source.path)
    again = _parsed(Source(source.name, text, path=source.path))
    return _LEFT_OUT.format(source.path) if again is None or any(_secrets(again)) else text


def _parsed(source: Source) -> Node | None:
    """The tree of a file's text alone; None where it has none or is no config."""
    try:
        return load_text(source)
    except ConfigError:
        return None


def _secrets(tree: Node) -> Iterator[tuple[str, Scalar]]:
    """The values that are secret, each with its key."""
    for _, node in walk(tree):
        for name, entry in node.entries.items() if isinstance(node, Mapping) else ():
            if isinstance(entry.value, Scalar) and is_secret(name, entry.value.value):
                yield name.replace("#", SEPARATOR).rpartition(SEPARATOR)[2], entry.value


def _replaced(text: str, secrets: list[tuple[str, Scalar]]) -> str | None:
    """The text without these values; None where one does not stand in a line of its own."""
    lines = text.splitlines(keepends=True)
    places = {(node.position.line, node.position.column, node.position.width): key for key, node in secrets}
    for (number, column, width), key in sorted(places.items(), reverse=True):  # from the end: a place stays where it is
        line = lines[number - 1] if number <= len(lines) else ""
        start = column - 1
        if start + width > len(line.rstrip("\r\n")):
            return None
        lines[number - 1] = f'{line[:start]}"{variable(key)}"{line[start + width :]}'
    return "".join(lines)


def _without_comments_secrets(text: str) -> str:
    """The text with stars for secrets behind a `#`; where that is no comment, nothing is lost but the copy's worth."""
    lines = text.split("\n")
    return "\n".join(line if "#" not in line else line[: (at := line.index("#"))] + masked(line[at:]) for line in lines)


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
    files = {Path(os.path.normpath(source.path)): source for source in config.files if source.path is not None}
    for path, place in _places([*files]).items():
        yield place, copied(files[path])
    for name, one in zip(mapping_names(), filter(_is_mapping, config.given), strict=False):
        mapping = plain(one, escape=True) if isinstance(one, Mapping) else one
        text = json.dumps(_without_secrets(mapping), indent=2, ensure_ascii=False, default=repr)
        yield Path(name), text + "\n"
    overrides = (str(one) for one in config.given if not _is_mapping(one) and is_override(str(one)))
    yield Path(OVERRIDES), "".join(f"{masked_override(one)}\n" for one in overrides)


def _is_mapping(one: object) -> bool:
    return isinstance(one, (AbstractMapping, Mapping))


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
