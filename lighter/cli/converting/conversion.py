"""A config of another tool converted: of which tool it is, and what came of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

from lighter.cli.converting.parts import Part
from lighter.config.foreign_config import is_own, kind_of
from lighter.config.former_reading import apart, is_formers
from lighter.config.loading import read_text
from lighter.config.nodes import Composer
from lighter.config.parsing import json_events, yaml_events
from lighter.config.scalars import SUFFIXES
from lighter.config.tree import Mapping
from lighter.errors import ConfigError, Problem, Source, UsageError, shown_path, suggestion

# What can be converted: what it is called, and the module with its `convert(request) -> Converted`.
KINDS: dict[str, tuple[str, str]] = {
    "bundle": ("a MONAI bundle", "bundle"),
    "hydra": ("a config of Hydra", "hydra"),
    "lightning-cli": ("a config of LightningCLI", "lightning_cli"),
    "lighter": ("a config of Lighter 0.0 or 0.1", "former"),
}
SCRIPT = ".py"  # which calls LightningCLI, and is read beside its files or alone


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be converted: files in the order in which they are merged, words such as `model=big`, and where to.

    Paths in the result start from the folder of `to`. `options` are the flags that only some kinds take, by name.
    """

    files: tuple[Path, ...]
    words: tuple[str, ...]
    to: Path
    options: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Converted:
    """The config, other files to write beside it by their names, and what is left to do, a line each."""

    root: Part
    others: dict[str, Part] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)


def conversion(request: Request, kind: str = "") -> tuple[str, Converted]:
    """What the source is called, and what it became. Raises UsageError for what no kind fits; ConfigError."""
    is_script = any(word.endswith(SCRIPT) for word in request.words)
    kind = kind or ("lightning-cli" if is_script else _kind_of(request.files))
    if kind not in KINDS:
        known = suggestion(kind, KINDS, "it converts")
        raise UsageError(f"'lighter convert' knows no configs of the kind '{kind}'; {known}")
    name, module = KINDS[kind]
    convert: Callable[[Request], Converted] = import_module(f"lighter.cli.converting.{module}").convert
    return name, convert(request)


def _kind_of(files: Sequence[Path]) -> str:
    """The kind of the first file that looks like one. Raises UsageError where none does, ConfigError for no YAML."""
    problems: list[Problem] = []
    trees: list[Mapping] = []
    for file in files:
        source = Source(shown_path(file), read_text(file), path=file.absolute())
        events = json_events(source) if file.suffix.lower() == ".json" else yaml_events(source)
        composer = Composer(source)
        tree = composer.compose(events)
        problems += composer.problems  # of our language, unless nothing could be read
        trees += [tree] if isinstance(tree, Mapping) else []
        kind = kind_of(tree) if isinstance(tree, Mapping) else ""
        if isinstance(tree, Mapping) and not kind and is_formers(tree):
            kind = "lighter"
        if not kind and "# @package " in source.text:  # a file of a group, of which nothing else may tell
            kind = "hydra"
        if kind in KINDS:
            return kind
    if problems:
        raise ConfigError(problems)
    raise UsageError(_of_no_kind(files[0], trees))


def _of_no_kind(file: Path, trees: Sequence[Mapping]) -> str:
    """What to say of files that look like those of no other tool."""
    if not any(tree.entries for tree in trees):
        return f"'{file}' is empty: there is nothing to convert"
    if any(is_own(tree) for tree in trees):
        return f"'{file}' is written for Lighter already: 'lighter check {file}' tells whether it is valid"
    names = ", ".join(f"--kind={kind} for {name}" for kind, (name, _) in KINDS.items())
    return f"nothing in '{file}' tells what config it is: write {names}"


def split_words(words: Sequence[str]) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """The files among the words of a command line, and the others."""
    files = [word for word in words if word.endswith(SUFFIXES) and "=" not in word]
    return tuple(Path(one) for word in files for one in apart(word)), tuple(word for word in words if word not in files)
