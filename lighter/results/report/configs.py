"""The section of the configs: the YAML of each run, and the place that each value came from."""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePath
from typing import NamedTuple

from lighter.config.composing import CONFIG_FILE, compose, is_override
from lighter.config.dumping import plain
from lighter.config.key_path import SEPARATOR, KeyPath
from lighter.config.loading import load_file
from lighter.config.origins import annotated, origins
from lighter.config.schema import IMPORTS, KEYS, PROJECT
from lighter.config.secrets import concealed
from lighter.config.tree import Mapping, find
from lighter.errors import ConfigError, shown_path
from lighter.results.report.markup import Html, code, element, folded, joined
from lighter.runs.folder import OVERRIDES, SOURCES
from lighter.runs.plain_files import obstacle

_MARK = "\0"  # before the origin of a line; in the text of a config it is always escaped
_KEY = re.compile(r"""(\s*(?:- )*)([^\s'":\[{][^:]*|'[^']*'|"[^"]*")(:)(?= |$)(.*)""")
_SIGNED = re.compile(r""" ?['"]?[@$%](?![@$%])""")


class Line(NamedTuple):
    """A line of YAML, and the places that its value came from, oldest first."""

    text: str
    origin: str = ""


class WrittenConfig(NamedTuple):
    """A run's config without secrets; `trouble` says why it cannot be shown."""

    lines: tuple[Line, ...] = ()
    tree: Mapping | None = None
    trouble: str = ""


def configs(runs: Sequence[tuple[str, WrittenConfig]]) -> Html:
    """The config of each run; folded where there are several, whose differences say more."""
    shown = [(label, _shown(config, label)) for label, config in runs]
    if len(shown) == 1:
        return shown[0][1]
    return joined(folded(label, text) for label, text in shown)


def _shown(config: WrittenConfig, label: str) -> Html:
    if config.trouble:
        return element("p", config.trouble, class_="note")
    return code(f"Config of {label}", *map(_line, config.lines))


def _line(line: Line) -> Html:
    """A line of YAML, its key, its signs and its origin marked."""
    parts = [line.text]
    if found := _KEY.fullmatch(line.text):
        before, key, colon, value = found.groups()
        shown = element("span", value, class_="sign") if _SIGNED.match(value) else value
        parts = [before, element("span", key, class_="key"), colon, shown]
    if line.origin:
        parts.append(element("span", f"  # {line.origin}", class_="origin"))
    return joined([*parts, "\n"])


def read_config(run: Path, given: Sequence[str] = ()) -> WrittenConfig:
    """The config in a run's folder, made of the sources `given`.

    It is read as text: nothing is imported, no macro brings a secret back, and no `_base_` another file.
    """
    path = run / CONFIG_FILE
    if fault := obstacle(path):
        return WrittenConfig(trouble=f"{CONFIG_FILE} cannot be read: it is {fault}")
    if not path.is_file():
        return WrittenConfig(trouble=f"the folder holds no {CONFIG_FILE}")
    try:
        tree = concealed(load_file(path))
    except (ConfigError, OSError) as error:
        return WrittenConfig(trouble=f"{CONFIG_FILE} cannot be read: {error}")
    found = {place: f"{_MARK}{where}" for place, where in config_origins(run, tree, given).items()}
    lines = (line.partition(f"  # {_MARK}") for line in annotated(tree, found).splitlines())
    return WrittenConfig(tuple(Line(text, origin) for text, _, origin in lines), tree)


def config_origins(run: Path, tree: Mapping, given: Sequence[str]) -> dict[KeyPath, str]:
    """Where each place of a run's config came from, of the sources `given` to it in this order.

    A value that the kept sources do not make has no origin, and none has one where they cannot be read.
    """
    folder = run / SOURCES
    kept = [path for path in folder.rglob("*") if not obstacle(path) and path.name != OVERRIDES]
    try:
        composed = compose(list(_sources(folder, kept, given)))
    except (ConfigError, LookupError, OSError):  # a source was taken away, or a secret's file is somewhere else
        return {}
    before = f"{shown_path(folder)}{os.sep}"
    found = origins(composed.tree, composed.copies)
    return {place: where.replace(before, "") for place, where in found.items() if _is_same(place, composed.tree, tree)}


def _sources(folder: Path, kept: Sequence[Path], given: Sequence[str]) -> Iterator[str]:
    """The copies and overrides that a config was composed of. Raises LookupError where they are not known."""
    if not given:
        raise LookupError(folder)
    for one in given:
        name = one.partition("=")[0]
        is_place = SEPARATOR in name or name.lstrip("+=") in KEYS  # whatever file its value names
        copy = None if is_place else _copy(folder, kept, PurePath(one))
        if copy is None and is_override(one):
            yield one
            continue
        copy = copy or _copy(folder, kept, PurePath(one, CONFIG_FILE))  # of a run folder that was given
        if copy is None:
            raise LookupError(one)
        yield str(copy)


def _copy(folder: Path, kept: Sequence[Path], path: PurePath) -> Path | None:
    """The copy of a file: the one that is called most like it; None where none or several are."""
    alike = {copy: _alike(copy.relative_to(folder), path) for copy in kept}
    most = max(alike.values(), default=0)
    found = [copy for copy, parts in alike.items() if parts == most]
    return found[0] if most and len(found) == 1 else None


def _alike(copy: PurePath, given: PurePath) -> int:
    """How many parts two paths have in common, from their ends."""
    count = 0
    for one, other in zip(reversed(copy.parts), reversed(given.parts), strict=False):
        if one != other:
            break
        count += 1
    return count


def _is_same(place: KeyPath, kept: Mapping, ran: Mapping) -> bool:
    """Whether the kept sources make the value that ran; paths are written out whole in what ran."""
    source, value = find(kept, place), find(ran, place)
    if source is None or value is None:
        return False
    return place[:1] in ((PROJECT,), (IMPORTS,)) or plain(source) == plain(value)
