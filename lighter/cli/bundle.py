"""What `lighter run` does with a MONAI bundle: initializes, runs and finalizes it, as MONAI's own command does."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lighter.errors import ConfigError, Position, Problem, RunError, UsageError

if TYPE_CHECKING:
    from lighter.config import Config

RUN, INITIALIZE, FINALIZE = "run", "initialize", "finalize"
_FORMAT = "%(asctime)s - %(name)s - %(levelname)s - %(message)s"


def runs_bundle(sources: Sequence[str], id: str | None) -> bool:
    """Whether the first of the sources is to be evaluated: a bundle, or any config where an id of it is asked for."""
    from lighter.config.composing import is_override
    from lighter.config.foreign_config import kind_of
    from lighter.config.loading import load_file
    from lighter.config.paths import expanded
    from lighter.config.schema import SYSTEM
    from lighter.config.tree import Code, Sequence
    from lighter.runs.series.reading import EXPERIMENTS

    path = Path(expanded(sources[0]))
    if is_override(sources[0]) or path.is_dir() or (id is None and not path.exists()):
        return False
    tree = load_file(path)
    has_run = isinstance(tree.get(RUN), Code | Sequence) and SYSTEM not in tree.entries
    return EXPERIMENTS not in tree.entries and (id is not None or has_run or kind_of(tree) == "bundle")


def run_bundle(sources: Sequence[str], allow: str | None, flags: Mapping[str, str | None]) -> None:
    """Evaluates what `initialize`, `run` and `finalize` name; shows the value of an id that is no list of steps.

    Nothing is evaluated before all that these places take is checked. Raises ConfigError, or what the bundle raises.
    """
    from lighter.cli.printing import put
    from lighter.config import Config
    from lighter.config.bundle import bundle_sources, expressions_at, misspelt_keys
    from lighter.config.composing import is_override
    from lighter.config.paths import expanded

    files = [Path(expanded(source)) for source in sources if not is_override(source)]
    over = [source for source in sources if is_override(source)]
    config = Config.load(*bundle_sources(files, _paths(flags["meta_file"])), *over, allow=allow)
    if problems := misspelt_keys(config.tree):
        raise ConfigError(problems)
    id = flags["id"] or RUN
    _require(config, id)
    around = [flags["init_id"] or INITIALIZE, flags["final_id"] or FINALIZE]
    first, last = ([*expressions_at(config.tree, one)] if one in config else [] for one in around)
    asked = expressions_at(config.tree, id)
    if problems := config.check_places([*first, *asked, *last]):
        raise ConfigError(problems)
    _log_to_console(flags["logging_file"])
    values = {one: config.resolve(one) for one in (*first, *asked, *last)}
    if asked == [id]:
        _require_short(values[id], id)
        put(f"{values[id]!r}\n", id=id, value=repr(values[id]))


def _require(config: "Config", id: str) -> None:
    """Raises ConfigError where there is nothing at an id, with the nearest, or with those that may be meant."""
    from lighter.config.bundle import steps_of
    from lighter.config.tree import absence

    if id in config:
        return
    absent = absence(id, config.tree)
    there = [f"'--id={one}'" for one in steps_of(config.tree) if one not in (INITIALIZE, FINALIZE)]
    help = f"write {' or '.join(there)}" if id == RUN and there else absent.help
    raise ConfigError([Problem(absent.what, Position(config.tree.position.source), help=help, code="reference")])


def _require_short(value: object, id: str) -> None:
    """Raises RunError for lists that hold one another so often that nobody can print them."""
    from lighter.config.allowlist.allowed import MOST, Refused, weigh

    try:
        for _ in weigh(value, MOST):
            pass
    except Refused as error:
        raise RunError(f"'{id}' cannot be shown: {error.refusal.what}") from None


def _paths(written: str | None) -> list[Path]:
    """The files of a flag: `a.json,b.json`, or as Python writes a list."""
    return [Path(one.strip(" '\"")) for one in (written or "").strip("[]").split(",") if one]


def _log_to_console(logging_file: str | None) -> None:
    """Shows what the engines log; a bundle's own logging.conf is code to Python, and never read."""
    import logging
    import sys

    if str(logging_file).lower() == "false":
        return
    if logging_file is not None:
        if not Path(logging_file).is_file():
            raise UsageError(f"there is no file '{logging_file}'")
        what = "'%s' is not read, for Python runs what it holds; what is logged from level INFO on is shown"
        logging.getLogger("lighter").warning(what, logging_file)
    logging.basicConfig(level=logging.INFO, stream=sys.stdout, format=_FORMAT)
