"""The launcher that is asked for: by a name, by a `_target_` with its arguments, or by a file that holds these."""

import warnings
from importlib.metadata import entry_points
from importlib.util import find_spec
from typing import Any

from lighter.config import Config
from lighter.config.loading import load_file, load_value
from lighter.config.reach import Files
from lighter.config.tree import TARGET, Entry, Mapping, Node, Scalar
from lighter.errors import ConfigError, Position, Problem, Source, suggestion
from lighter.runs.jobs.local import Local

LAUNCHER = "launcher"
GROUP = "lighter.launchers"  # where an installed package offers a launcher by a name
_NAMES = {name.lower(): f"lighter.launchers.{name}" for name in ("Local", "Ray", "Slurm")}
_FORM = f"write a name, or '{{_target_: {_NAMES['slurm']}, ...}}'"


def launcher_node(written: str) -> Node:
    """What `--launcher=...` says."""
    source = Source(f"command line: --{LAUNCHER}={written}", has_lines=False)
    return load_value(written, source) if written.startswith("{") else Scalar(written, Position(source))


def launcher_call(node: Node, allow: str | None = None) -> Mapping:
    """The call that a node names: written out, in a file, or by a name. Raises ConfigError."""
    if isinstance(node, Scalar) and str(node.value).endswith((".yaml", ".yml", ".json")):
        path = node.position.source.folder / str(node.value)
        Files.beside(node.position.source.path or path, allow).check(path, node.position)
        node = load_file(path)
    if isinstance(node, Scalar) and isinstance(node.value, str):
        at = node.position
        node = Mapping({TARGET: Entry(TARGET, Scalar(_target(node.value, at), at), at)}, at)
    if not isinstance(node, Mapping) or not node.is_call:
        raise ConfigError([Problem(f"'{LAUNCHER}' names nothing to build", node.position, LAUNCHER, _FORM)])
    return node


def launcher_of(node: Node | None, allow: str | None = None) -> Any:
    """What a node names, built; without one, this machine. `allow` limits what a file names. Raises ConfigError."""
    if node is None:
        return Local()
    launcher = built(launcher_call(node, allow), LAUNCHER, allow)
    if lacking := [name for name in ("submit", "poll", "cancel") if not callable(getattr(launcher, name, None))]:
        what = f"'{type(launcher).__name__}' is no launcher: it has no '{lacking[0]}'"
        raise ConfigError([Problem(what, node.position, LAUNCHER, _FORM)])
    package, extra = getattr(launcher, "needs", ("", ""))
    if package and find_spec(package) is None:
        what, help = f"this launcher needs '{package}', which is not installed", f"pip install 'lighter[{extra}]'"
        raise ConfigError([Problem(what, node.position, LAUNCHER, help)])
    return launcher


def built(node: Mapping, key: str, allow: str | None = None) -> Any:
    """What a call builds that stands outside of a config. Raises ConfigError where it is wrong, or raises."""
    config = Config(Mapping({key: Entry(key, node, node.position)}, node.position)).limited(allow)
    if problems := config.check():
        raise ConfigError(problems)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".* is experimental")  # it was asked for by its name
            return config.resolve(key)
    except (ConfigError, KeyboardInterrupt):
        raise
    except Exception as error:
        what = f"'{key}' cannot be built: {type(error).__name__}: {error}"
        raise ConfigError([Problem(what, node.position, key)]) from error


def _target(name: str, at: Position) -> str:
    """The path of what is called by a name."""
    offered = {point.name: point.value.replace(":", ".") for point in entry_points(group=GROUP)}
    known = {**offered, **_NAMES}
    if name not in known and "." not in name:
        what = f"there is no launcher '{name}'"
        raise ConfigError([Problem(what, at, LAUNCHER, suggestion(name, known))])
    return known.get(name, name)
