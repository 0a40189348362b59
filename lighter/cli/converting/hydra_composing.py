"""A primary config of Hydra with the files of its groups, laid over each other in the order of its defaults lists."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from lighter.cli.converting.hydra_words import Call, read_value
from lighter.cli.converting.parts import Part
from lighter.cli.converting.reading import read_parts
from lighter.config.loading import read_text
from lighter.errors import ConfigError, Position, Problem, Source, UsageError, shown_path, suggestion

HYDRA, DEFAULTS, SELF = "hydra", "defaults", "_self_"
MISSING = "???"
_GLOBAL, _HERE, _GROUP, _NAME = "_global_", "_here_", "_group_", "_name_"
_PACKAGE = re.compile(r"#\s*@package:?\s+(\S+)")
_CHOSEN = re.compile(r"\$\{([\w/@]+)\}")
_WHOLE = re.compile(r"\$\{([\w.]+)\}\Z")
_WORD = re.compile(r"(\+\+|\+|~)?([^=]*)(=)?(.*)\Z", re.DOTALL)
_ROUNDS = 10  # of choices that lead to files with further choices

Package = tuple[str, ...]


@dataclass(slots=True)
class Composed:
    """The config as Hydra would hand it to the script.

    `choices` are the options of the groups; `swept` the places to which the command line gives several values; `left`
    is what is left to do, a line each: of what the defaults lists name and no file is.
    """

    root: Part
    choices: dict[str, str] = field(default_factory=dict)
    swept: dict[str, Call] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)


class Word(NamedTuple):
    """A word of the command line: `model=big`, `+trainer.x=1`, `~logger`."""

    sign: str
    key: str
    value: str | None
    written: str


class _Layer(NamedTuple):
    package: Package
    part: Part


class _Default(NamedTuple):
    """An entry of a defaults list: a group (empty for a file beside the list's own) and what is taken of it."""

    group: str
    options: tuple[str, ...]
    package: str | None
    is_optional: bool
    is_override: bool
    position: Position | None


def compose(primary: Path, words: Sequence[str]) -> Composed:
    """The config of a primary file with the words of a command line. Raises UsageError and ConfigError."""
    composer = _Composer(primary.absolute().parent, [*map(_word, words)])
    layers = composer.layers(primary)
    composed = Composed(Part({}), composer.chosen, left=composer.left)
    for layer in layers:
        lay(composed.root, _nested(layer), composed.root)
    for word in composer.values:
        _set(composed, word)
    return composed


def _word(written: str) -> Word:
    match = _WORD.match(written)
    assert match is not None
    if not match[2] or (match[3] is None and match[1] != "~"):
        raise UsageError(f"'{written}' is no override of Hydra's: write 'model=big' or 'trainer.max_epochs=3'")
    return Word(match[1] or "", match[2], match[4] if match[3] else None, written)


class _Composer:
    """Reads the files that the defaults lists name, and knows which option of each group is meant."""

    def __init__(self, folder: Path, words: Sequence[Word]) -> None:
        self._folder = folder
        groups = [word for word in words if self._is_group(word)]
        self.values = [word for word in words if word not in groups]
        self.chosen: dict[str, str] = {}
        self.left: list[str] = []
        self._given = {word.key: _options(word) for word in groups if word.sign == ""}
        self._added = [word for word in groups if word.sign.startswith("+")]
        self._removed = {word.key for word in groups if word.sign == "~"}
        self._overridden: dict[str, tuple[str, ...]] = {}
        self._met: dict[str, tuple[str, ...]] = {}

    def _is_group(self, word: Word) -> bool:
        group = word.key.partition("@")[0]
        return "@" in word.key or "/" in word.key or (self._folder / group).is_dir()

    def layers(self, primary: Path) -> list[_Layer]:
        """What lies over each other, lowest first: again, until no list chooses anything else for another."""
        for _ in range(_ROUNDS):
            self.chosen, self.left, self._met = {}, [], {}
            layers = [*self._file(primary, (), (), is_given=False, added=self._added)]
            if self._met == self._overridden:
                break
            self._overridden = self._met
        absent = (group for group in self._met if group not in self.chosen and not group.startswith(HYDRA))
        self.left += [
            f"'override {group}' is of a group that no defaults list names: nothing came of it" for group in absent
        ]
        unused = [group for group in (*self._given, *self._removed) if group not in self.chosen]
        if unused:
            known = [*self.chosen]
            help = suggestion(unused[0], known, "its defaults lists name")
            raise UsageError(f"no defaults list names '{unused[0]}'; {help}, '+{unused[0]}=...' adds it")
        return layers

    def _file(
        self, path: Path, group: Package, package: Package, *, is_given: bool, added: Sequence[Word] = ()
    ) -> Iterator[_Layer]:
        part = read_parts(path)
        header = _PACKAGE.search(read_text(path))
        if header is not None and not is_given:
            package = _of_header(header[1], group, path.stem)
        for below in part.walk():
            below.above = [line for line in below.above if not line.startswith("@package")]
        part.below = [line for line in part.below if not line.startswith("@package")]
        listed = part.value.pop(DEFAULTS, Part([]))
        defaults = [one for item in listed.items for one in _defaults(item)]
        if not any(default.options == (SELF,) for default in defaults):
            defaults.append(_Default("", (SELF,), None, False, False, None))
        defaults += [_added(word) for word in added]
        for default in defaults:
            if default.options == (SELF,) and not default.group:
                yield _Layer(package, part)
            elif default.is_override:
                self._met[self._key(default, group, package)] = default.options
            else:
                yield from self._taken(default, group, package)

    def _taken(self, default: _Default, group: Package, package: Package) -> Iterator[_Layer]:
        if not default.group:
            yield from self._option(default, default.options[0], group, package, "")
            return
        key = self._key(default, group, package)
        options = self._given.get(key, self._overridden.get(key, default.options))
        if key in self._removed:
            options = ()
        self.chosen[key] = ",".join(options)
        if options == (MISSING,):
            raise UsageError(f"'{key}' has no option yet: write '{key}=...' behind the file")
        for option in options:
            yield from self._option(default, option, group, package, key)

    def _option(self, default: _Default, option: str, group: Package, package: Package, key: str) -> Iterator[_Layer]:
        option = _CHOSEN.sub(lambda match: self.chosen.get(match[1], match[0]), option).removesuffix(".yaml")
        *inside, name = filter(None, f"{default.group.removeprefix('/')}/{option}".split("/"))
        is_absolute = default.group.startswith("/") or (not default.group and option.startswith("/"))
        there: Package = (*(() if is_absolute else group), *inside)
        where = _package(default.package, package, inside)
        path = self._folder.joinpath(*there, f"{name}.yaml")
        if path.is_file():
            yield from self._file(path, there, where, is_given=default.package is not None)
        elif not default.is_optional and there[:1] != (HYDRA,):
            self._told_missing(path, default, option, key)

    def _told_missing(self, path: Path, default: _Default, option: str, key: str) -> None:
        """A choice that is no file is a mistake where its group has files; else Python may have registered it."""
        files = sorted(one.stem for one in path.parent.glob("*.yaml")) if default.group else []
        if files:
            help = suggestion(option, files, f"'{default.group}' has")
            what = f"'{key}' has no option '{option}'"
            raise ConfigError([Problem(what, default.position, help=help, code="foreign")])
        self.left.append(f"there is no '{shown_path(path)}': what Python registers for Hydra is not read; add it")

    def _key(self, default: _Default, group: Package, package: Package) -> str:
        """The group as the command line names it, with `@package` where that is another than its own."""
        inside = tuple(filter(None, default.group.split("/")))
        whole = inside if default.group.startswith("/") else (*group, *inside)
        if default.is_override and default.package is None:
            return "/".join(whole)
        where = _package(default.package, () if default.is_override else package, [*inside])
        return "/".join(whole) if where == whole else f"{'/'.join(whole)}@{'.'.join(where) or _GLOBAL}"


def _options(word: Word) -> tuple[str, ...]:
    value = read_value(word.value or "")
    if isinstance(value, Call):
        raise UsageError(f"'{word.written}' lists several options: convert one of them at a time")
    return tuple(str(item.value) for item in value.items) or ((str(value.value),) if value.text else ())


def _added(word: Word) -> _Default:
    group, at, package = word.key.partition("@")
    return _Default(f"/{group}", _options(word), package if at else None, False, False, None)


def _defaults(item: Part) -> Iterator[_Default]:
    """What an entry of a defaults list says."""
    if item.text:
        yield _default(item.text, None, item, is_optional=False)
    is_optional = (item.find("optional") or Part(False)).value is True
    for key, option in item.entries.items():
        if key != "optional" or len(item.entries) == 1:
            yield _default(str(key), option, item, is_optional=is_optional)


def _default(written: str, option: Part | None, item: Part, *, is_optional: bool) -> _Default:
    *words, name = written.split()
    name, at, package = name.partition("@")
    package = package.rpartition(":")[2]
    is_optional, is_override = is_optional or "optional" in words, "override" in words
    if option is None:
        return _Default("", (name,), package if at else None, is_optional, is_override, item.position)
    options = tuple(str(one.value) for one in option.items) or ((str(option.value),) if option.value else ())
    return _Default(name, options, package if at else None, is_optional, is_override, item.position)


def _package(written: str | None, above: Package, inside: Sequence[str]) -> Package:
    """Where a file's content goes, seen from where that of the file that names it goes."""
    if written is None:
        return (*above, *inside)
    names = tuple(filter(None, written.split(".")))
    if names[:1] == (_GLOBAL,):
        return names[1:]
    return (*above, *(name for name in names if name != _HERE))


def _of_header(written: str, group: Package, name: str) -> Package:
    parts = written.split(".")
    found = [(*group,) if part == _GROUP else (name,) if part == _NAME else (part,) for part in parts]
    return tuple(one for part in found for one in part if one != _GLOBAL)


def _nested(layer: _Layer) -> Part:
    part = layer.part
    for name in reversed(layer.package):
        part = Part({name: part})
    return part


def lay(base: Part, over: Part, root: Part) -> None:
    """Lays a mapping over another: mappings merge, `???` leaves what is there, all else replaces."""
    for key, part in over.entries.items():
        there = base.entries.get(key)
        if there is None:
            base.value[key] = part
            continue
        if part.text == MISSING:
            continue
        if isinstance(part.value, dict) and (whole := _WHOLE.match(there.text or "")):
            named = root.find(*whole[1].split("."))
            there.value = named.copy().value if named is not None else there.value
        if isinstance(part.value, dict) and isinstance(there.value, dict):
            lay(there, part, root)
            there.above, there.beside = part.above or there.above, part.beside or there.beside
            there.below += part.below
        else:
            part.above, part.beside = part.above or there.above, part.beside or there.beside
            base.value[key] = part
    base.below += over.below if base is root else []


def _set(composed: Composed, word: Word) -> None:
    """Does what a word of the command line says about a value."""
    keys = word.key.split(".")
    above = composed.root.find(*keys[:-1])
    there = composed.root.find(*keys)
    if word.sign == "~":
        if there is None or above is None:
            raise UsageError(_absent(word, composed.root))
        above.value.pop(keys[-1] if isinstance(above.value, dict) else int(keys[-1]))
        return
    if there is None and not word.sign and keys[0] != HYDRA:
        raise UsageError(f"{_absent(word, composed.root)}, '+{word.written}' adds it")
    value = read_value(word.value or "")
    if isinstance(value, Call):
        composed.swept[word.key] = value
        return
    value.position = Position(Source(f"command line: {word.written}", has_lines=False))
    if above is not None and isinstance(above.value, dict):
        lay(above, Part({keys[-1]: value}), composed.root)
    else:
        composed.root.put(keys, value)


def _absent(word: Word, root: Part) -> str:
    """That nothing is there, with the nearest place that there is."""
    places = [".".join(map(str, place)) for place in _places(root)]
    return f"there is no '{word.key}' in the config; {suggestion(word.key, places, 'it has')}"


def _places(part: Part, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    for key, below in part.entries.items():
        yield (*at, key)
        yield from _places(below, (*at, key))
