"""The folder of a run as `run::dir` names it: a path with values in braces, `runs/{config}/{now:%Y-%m-%d}`.

What a value gives is part of one name in that path, whatever is in it: it leads nowhere else, and is of bounded length.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from glob import escape, glob
from pathlib import Path
from typing import NamedTuple

from lighter.config.composing import read_override
from lighter.config.dumping import in_line
from lighter.config.key_path import KeyPath, parse_path, text
from lighter.config.paths import pattern_at
from lighter.config.schema import RUN, RUN_FOLDER, SEED
from lighter.config.secrets import concealed, is_secret
from lighter.config.tree import Code, Entry, Node, Reference, Scalar, absent, find, is_nothing, misspelt
from lighter.config.tree import Mapping as Tree
from lighter.errors import ConfigError, Position, Problem, nearest, respelt

NOW, NAME, OVERRIDES = "now", "config", "overrides"
NAMES = (NAME, NOW, SEED, OVERRIDES)
TIME = "%Y-%m-%d_%H-%M-%S"  # of a `now` that says no other
_NONE = "no-overrides"
_LONGEST = 200  # bytes of one name; file systems take 255, and `_2` may follow
_FOLLOWED = 100  # references in a row; a longer chain is a circle
_PIECE = r"\{\{|\}\}|\$?\{([^{}]*)\}|[{}]"
_DIRECTIVE = r"(?s)%[-_0^#EO]?.?"
_UNSAFE = r"[\s/\\:*?\"'<>|$&;`(){}\[\]!#~^%]+"  # to a path, a shell or another system's folders
_ANY_TIME, _ANYTHING = "\0", "\1"  # in the place of what a run that is looked for may have there


class RunFolder(NamedTuple):
    """What `run::dir` names, without mistakes: its text, and what stands for each value in braces but the time."""

    written: str
    values: Mapping[str, str]

    @property
    def is_new(self) -> bool:
        """Whether each run has a folder of its own, by the time at which it begins."""
        return any(map(_format, self.braces()))

    def path(self) -> Path:
        """The folder of a run that begins now."""
        now = datetime.now().astimezone()
        return Path(self._filled(lambda form: _safe(now.strftime(form))))

    @property
    def above(self) -> Path:
        """The folder in which all of its runs lie."""
        parts = self._filled(lambda _: _ANY_TIME).split("/")
        changing = next((at for at, part in enumerate(parts) if _ANY_TIME in part), len(parts) - 1)
        return Path("/".join(parts[:changing]) or ("/" if changing else "."))

    def found(self) -> set[Path]:
        """The folders that there are which runs may have been given, of whatever time and overrides."""
        filled = self._filled(lambda _: _ANY_TIME, {**self.values, OVERRIDES: _ANYTHING})
        pattern = "/".join(map(_glob, filled.split("/")))
        patterns = (pattern, f"{pattern}_*") if self.is_new else (pattern,)
        return {Path(path) for one in patterns for path in glob(one)}  # noqa: PTH207  # Path's takes no whole path

    def braces(self) -> Iterator[str]:
        """What stands in braces, from left to right."""
        return (piece[1] for piece in re.finditer(_PIECE, self.written) if piece[1] is not None)

    def _filled(self, time: Callable[[str], str], values: Mapping[str, str] | None = None) -> str:
        values = self.values if values is None else values

        def value(piece: re.Match[str]) -> str:
            if piece[1] is None:
                return piece[0][0]  # of a brace that is written twice
            if form := _format(piece[1]):
                return "/".join(map(time, form.split("/")))
            return values[piece[1]]

        parts = re.sub(_PIECE, value, self.written).split("/")
        return "/".join(part if part in self.written else _bounded(part) for part in parts)


def run_folder(tree: Tree, name: str, overrides: Iterable[str]) -> RunFolder | None:
    """The folder that a config of this name asks for; None where it asks for none. Raises ConfigError."""
    if problems := [*folder_problems(tree)]:
        raise ConfigError(problems)
    written = pattern_at(tree)
    if written is None:
        return None
    found = RunFolder(written, {})
    known = {NAME: lambda: name, OVERRIDES: lambda: ",".join(filter(None, map(_of_override, overrides))) or _NONE}
    fields = [field for field in found.braces() if not _format(field)]  # of this file
    return RunFolder(written, {field: _safe(known.get(field, partial(_value, tree, field))()) for field in fields})


def folder_problems(tree: Tree) -> Iterator[Problem]:
    """What is wrong with `run::dir`."""
    node, place = find(tree, RUN_FOLDER), text(RUN_FOLDER)
    if node is None or is_nothing(node):
        return
    written = node.value if isinstance(node, Scalar) else None
    if not isinstance(written, str) or not written or "://" in written or "\0" in written:
        help = f"write '{place}: path/to/folder'" if isinstance(node, Scalar) else f"write it in quotes: '{{{NAME}}}/x'"
        yield Problem(f"'{place}' takes the path of a folder", node.position, place, help)
        return
    for piece in re.finditer(_PIECE, written):
        told = Problem("", node.position, place)
        if piece[0] in ("{", "}"):
            what, help = f"'{piece[0]}' in '{place}' has no other brace", f"write '{piece[0] * 2}' for a brace itself"
            told = Problem(what, node.position, place, help, code="syntax")
        elif piece[0][0] == "$":
            help = f"write '{piece[0][1:]}'"
            told = Problem(f"'{piece[0]}' is written without '$' in '{place}'", node.position, place, help)
        elif piece[1] is not None:
            yield from (
                _time_problems(piece[1], node.position)
                if _format(piece[1])
                else _value_problems(piece[1], tree, node.position)
            )
        if told.what:
            yield told


def _format(field: str) -> str:
    """How a time is written, `{now:%H}`; nothing of what is no time."""
    name, colon, form = field.partition(":")
    return "" if name != NOW or form[:1] == ":" else form if colon else TIME


def _time_problems(field: str, position: Position) -> Iterator[Problem]:
    form, now = _format(field), datetime.now().astimezone()
    directives = re.findall(_DIRECTIVE, form)
    wrong = next((one for one in directives if _is_unknown(one, now)), None)
    if wrong is not None or not directives:
        what = f"'{wrong}' is no part of a time" if wrong is not None else f"'{form}' has no part of a time in it"
        help = f"write '{{{NOW}:%Y-%m-%d_%H-%M-%S}}': year, month, day, hour, minute, second"
        yield Problem(f"{what}, in '{{{field}}}'", position, text(RUN_FOLDER), help)


def _is_unknown(directive: str, now: datetime) -> bool:
    try:
        return now.strftime(directive) in (directive, "")
    except ValueError:  # as Windows says it
        return True


def _value_problems(field: str, tree: Tree, position: Position) -> Iterator[Problem]:
    place = text(RUN_FOLDER)
    if field in (NAME, OVERRIDES):
        return
    if field == SEED and is_nothing(tree.get(SEED)):
        what = f"'{place}' has '{{{SEED}}}', and the config has no seed"
        yield Problem(what, position, place, f"write '{SEED}: 42'", code="missing")
        return
    try:
        keys = parse_path(field)
    except ValueError:
        keys = ()
    if not keys or find(tree, keys) is None:
        near = nearest(field, NAMES) if len(keys) < 2 else None
        help = f"did you mean '{{{near}}}'?" if near else _nearest_place(tree, keys)
        edit = respelt(field, NAMES, position) if near else misspelt(tree, keys, position)
        what = f"'{{{field}}}' in '{place}' is no value that is known"
        yield Problem(what, position, place, help, code="reference", edit=edit)
        return
    node, is_hidden, leads_here = _followed(tree, keys)
    if leads_here:
        what = f"'{{{field}}}' in '{place}' is that folder itself"
        yield Problem(what, position, place, "name another value", code="reference")
    elif is_hidden:
        what = f"'{field}' is a secret, and the name of a folder is seen by all"
        yield Problem(what, position, place, "name another value", code="limit")
    elif not isinstance(node, Scalar):
        kinds = {Code: "an expression, not known before it is built", Reference: "a reference that leads nowhere"}
        kind = next((kinds[one] for one in kinds if isinstance(node, one)), "not a single value")
        yield Problem(f"'{field}', in '{place}', is {kind}", position, place, f"name a plain value, as '{{{SEED}}}' is")


def _nearest_place(tree: Tree, keys: KeyPath) -> str:
    help = absent(tree, keys)[1] if keys else ""
    if help.startswith("did you mean '"):
        return help.replace("'", "'{", 1).replace("'?", "}'?")
    known = f"{{{NAME}}}, {{{NOW}:%Y-%m-%d}}, {{{SEED}}}, {{{OVERRIDES}}}"
    return help if len(keys) > 1 else f"it may be {known}, or a place such as {{system::model::width}}"


def _followed(tree: Tree, place: KeyPath) -> tuple[Node | None, bool, bool]:
    """What is at a place, or where references from there lead; whether it is a secret on the way, or `run::dir`."""
    node, is_hidden, leads_here = find(tree, place), False, place == RUN_FOLDER
    for _ in range(_FOLLOWED):
        value = node.value if isinstance(node, Scalar) else "x"
        origin = node.place[-1] if isinstance(node, Scalar) and node.place else ""
        is_hidden = is_hidden or is_secret(place[-1], value) or is_secret(origin, value)
        target = node.target.seen_from(place) if isinstance(node, Reference) else None
        below = find(tree, target) if target is not None else None
        if target is None or below is None:
            break
        node, place = below, target
        leads_here = leads_here or place == RUN_FOLDER
    return node, is_hidden, leads_here


def _value(tree: Tree, field: str) -> str:
    node, *_ = _followed(tree, parse_path(field))
    assert isinstance(node, Scalar)
    return node.value if isinstance(node.value, str) else in_line(node)


def _of_override(written: str) -> str:
    """An override as a name has it, `trainer.devices=2`; nothing of one that says where a run lies, or a secret."""
    path, entry = read_override(written)
    whole = Tree({path[-1] if path else "": Entry("", entry.value, entry.position)}, entry.position)
    if path[:1] == (RUN,) or in_line(concealed(whole)) != in_line(whole):
        return ""
    value = written.partition("=")[2] if entry.mark != "=" else written[1:].partition("=")[2]
    return f"{entry.mark}{'.'.join(path)}={value}" if entry.mark != "~" else f"~{'.'.join(path)}"


def _safe(value: str) -> str:
    """A text as part of a name: what is not safe there is an underscore, and it is no hidden name and not empty."""
    shown = re.sub(_UNSAFE, "_", "".join(one if one.isprintable() else " " for one in value))
    return re.sub(r"\A\.+", "_", shown) or "_"


def _bounded(name: str) -> str:
    """A name that a file system takes; of a long one the beginning, and what tells it from others that begin so."""
    whole = os.fsencode(name)
    if len(whole) <= _LONGEST:
        return name
    import hashlib  # only a name that is too long pays for it

    return f"{whole[: _LONGEST - 9].decode(errors='ignore')}-{hashlib.sha256(whole).hexdigest()[:8]}"


def _glob(part: str) -> str:
    """What finds the folders that one name of a pattern may have become."""
    before, anything, _ = part.partition(_ANYTHING)  # which may have been long, and is cut then with what follows it
    return "*".join(map(escape, before.split(_ANY_TIME))) + ("*" if anything else "")
