"""What Lighter's own writers of predictions are told to write: formats and parts of a step that there are not."""

import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import PurePath
from typing import Any

from lighter.config.key_path import SEPARATOR, KeyPath, text
from lighter.config.plan import Argument, Call, Constant, Items, Pairs
from lighter.config.tree import key_position, node_at
from lighter.errors import Problem, suggestion
from lighter.training.stages import SOURCES, Stage

# Of each class: the argument that says what is written, and the module and the name of the table of its formats.
_HOME = "lighter.training.callbacks"
_WRITERS = {
    f"{_HOME}.file_writer": ("values", f"{_HOME}.file_formats", "FORMATS"),
    f"{_HOME}.table_writer": ("columns", f"{_HOME}.table_file", "ROWS"),
}
_STAGES = (Stage.PREDICT, Stage.TEST)


def writer_problems(call: Call, target: object) -> Iterator[Problem]:
    """What is wrong with a call of a writer, as far as it is known before it is built."""
    known = _WRITERS.get(getattr(target, "__module__", ""))
    if known is None or not isinstance(target, type):
        return
    key, home, table = known
    formats: Any = getattr(sys.modules[home], table)
    values = call.keywords.get(key)
    for place, argument in _leaves(values, (key,)):
        if (source := _text(argument).partition(SEPARATOR)[0]) and source not in SOURCES:
            yield _told(call, place, f"a step has no '{source}'", suggestion(source, SOURCES, "write one of"))
    for place, argument in _leaves(call.keywords.get("format"), ("format",)):
        if (written := _text(argument)) and written not in formats:
            what = f"there is no format '{written}'"
            yield _told(call, place, what, suggestion(written, formats, "write one of"))
    for place, argument in _leaves(call.keywords.get("stages"), ("stages",)):
        if (written := _text(argument)) and written not in _STAGES:
            what = f"nothing is written in a stage '{written}'"
            yield _told(call, place, what, suggestion(written, _STAGES, "write one of"))
    yield from _of_names(call, values)
    of_tables = getattr(sys.modules[home], "SUFFIXES", {})
    yield from _of_endings(call, formats, of_tables)
    yield from _of_packages(call, formats, of_tables)


def _of_names(call: Call, values: Argument | None) -> Iterator[Problem]:
    """Formats and suffixes for values that there are not."""
    names = [str(key) for key, _ in values.pairs] if isinstance(values, Pairs) else None
    if isinstance(values, Items):
        names = [_text(item).replace(SEPARATOR, "_") for item in values.items]
    for key in ("format", "suffix"):
        given = call.keywords.get(key)
        for name, _ in given.pairs if isinstance(given, Pairs) and names is not None and all(names) else ():
            if str(name) not in (names or ()):
                place, help = (key, str(name)), suggestion(str(name), names or (), "there are")
                position = key_position(call.node, place) or call.position
                what = f"no value is called '{name}'"
                yield Problem(what, position, text((*call.place, *place)), help, code="name")


def _of_endings(call: Call, formats: Any, of_tables: Any) -> Iterator[Problem]:
    """Names of files that end as no table does, or as no file of the format."""
    path, suffix = (PurePath(_text(call.keywords.get(key))) for key in ("path", "suffix"))
    format = formats.get(_text(call.keywords["format"]) if "format" in call.keywords else "pt")
    if of_tables and path.name and "format" not in call.keywords and path.suffix.lower() not in of_tables:
        yield _told(call, ("path",), f"the suffix of '{path}' is of no known format", "write .csv or .parquet")
    endings = getattr(format, "suffixes", ())
    if not of_tables and endings and suffix.name and f".{suffix.name.removeprefix('.')}" not in endings:
        what = f"a file of this format does not end with '{suffix}'"
        yield _told(call, ("suffix",), what, f"write {' or '.join(endings)}")


def _of_packages(call: Call, formats: Any, of_tables: Any) -> Iterator[Problem]:
    """Formats, also those of a table's ending, that take a package which is not installed."""
    asked = [(place, _text(one)) for place, one in _leaves(call.keywords.get("format"), ("format",))]
    path = PurePath(_text(call.keywords.get("path")))
    for place, name in asked or [(("path",), of_tables.get(path.suffix.lower()))]:
        package = getattr(formats.get(name), "package", None)
        if package is not None and find_spec(package) is None:
            what = f"the format '{name}' needs '{package}', which is not installed"
            yield _told(call, place, what, f"pip install 'lighter[{formats[name].extra}]'")


def _leaves(argument: Argument | None, place: KeyPath) -> Iterator[tuple[KeyPath, Argument]]:
    """The values in a list or mapping, or the one that is given; of a mapping with `of` that."""
    if isinstance(argument, Pairs):
        parts = [(str(key), value) for key, value in argument.pairs]
        of = [(key, value) for key, value in parts if key == "of"]
        for key, value in of or parts:
            yield from _leaves(value, (*place, key))
    elif isinstance(argument, Items):
        for index, value in enumerate(argument.items):
            yield from _leaves(value, (*place, str(index)))
    elif argument is not None:
        yield place, argument


def _text(argument: Argument | None) -> str:
    return argument.value if isinstance(argument, Constant) and isinstance(argument.value, str) else ""


def _told(call: Call, place: KeyPath, what: str, help: str) -> Problem:
    return Problem(what, node_at(call.node, place).position, text((*call.place, *place)), help, code="name")
