"""`lighter check`."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lighter.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from lighter.config import Config
    from lighter.config.checks.all_stages import Survey

ROUNDS = 10  # of edits and looking again: what one mistake hides may have edits as well


def check(
    *sources: str, stage: str | None = None, fix: bool = False, yes: bool = False, allow: str | None = None
) -> None:
    """Report every mistake of a config, and build nothing.

    Args:
        sources: a sweep, a series, or config files, run folders and id=value overrides; later over earlier ones.
        stage: fit, validate, test or predict; without it every stage that the config has data for.
        fix: correct in the files what has one cure, such as a misspelt name, and check again; asks first.
        yes: with --fix, do not ask; where there is no terminal, nothing is corrected without it.
        allow: the packages, with commas between, that a config may use if you do not trust it: torch,my_project.
    """
    from lighter.cli.printing import put
    from lighter.runs.series.reading import is_series
    from lighter.runs.sweeps.reading import is_sweep

    if yes and not fix:
        raise UsageError("'--yes' agrees to what '--fix' does: write both")
    first = Path(sources[0])
    if (is_sweep(first) or is_series(first)) and (stage or fix):
        flag = "stage" if stage else "fix"
        raise UsageError(f"'--{flag}' is for a single config, and '{first}' holds several: leave it out")
    if is_sweep(first):
        _check_sweep(sources, allow)
        return
    if is_series(first):
        _check_series(first, sources[1:], allow)
        return
    config, found = _fixed(sources, stage, yes, allow) if fix else _found(sources, stage, allow)
    put(
        f"{_told(config, found)}\n",
        name=config.name,
        stages=found.stages,
        targets=found.targets,
    )


def _check_sweep(sources: Sequence[str], allow: str | None) -> None:
    from lighter.cli.printing import put
    from lighter.runs.sweeps.checking import check_sweep
    from lighter.runs.sweeps.reading import read_sweep

    checked = check_sweep(read_sweep(sources, allow))
    name, trials = checked.sweep.name, checked.trials
    put(f"'{name}' is valid: a sweep of {trials:,} trials\n", name=name, trials=trials)


def _check_series(file: Path, over: Sequence[str], allow: str | None) -> None:
    """Raises ConfigError with the mistakes of all experiments."""
    from lighter.cli.launching import call_of, check_launcher
    from lighter.cli.printing import put
    from lighter.runs.jobs.choosing import launcher_of
    from lighter.runs.series.checking import checked
    from lighter.runs.series.reading import read_series

    series = read_series(file, allow)
    configs = checked(series, over, allow)
    if (call := call_of(series.launcher, allow)) is not None:
        check_launcher(launcher_of(call, allow), configs.values())
    told = f"a series of {len(configs):,} experiment{'s' * (len(configs) != 1)}, for {', '.join(series.stages)}"
    put(f"'{series.name}' is valid: {told}\n", name=series.name, experiments=[*configs], stages=series.stages)


def found_valid(source: str) -> str:
    """What is said of a config that is valid. Raises ConfigError."""
    return _told(*_found([source], None, None))


def _told(config: "Config", found: "Survey") -> str:
    as_what = f"for {', '.join(found.stages)}" if found.stages else "as a plain mapping: it has no 'system' to run"
    return f"'{config.name}' is valid {as_what} ({found.targets} target{'s' * (found.targets != 1)})"


def _found(sources: Sequence[str], stage: str | None, allow: str | None) -> "tuple[Config, Survey]":
    """The config and what is right of it. Raises ConfigError for what is wrong."""
    from lighter.config import Config
    from lighter.config.checks.all_stages import survey

    config = Config.load(*sources, allow=allow)
    found = survey(config, stage)
    if found.problems:
        raise ConfigError(found.problems)
    return config, found


def _fixed(sources: Sequence[str], stage: str | None, is_agreed: bool, allow: str | None) -> "tuple[Config, Survey]":
    """The same when all that has an edit is edited, also the spellings of a former Lighter.

    Raises ConfigError for what is wrong then.
    """
    from lighter.cli.fixing import agreed, apply, edits_of

    for _ in range(ROUNDS):
        try:
            config, found = _found(sources, stage, allow)
        except ConfigError as error:
            edits = edits_of(error.problems)
            if not edits or not agreed(edits, is_agreed):
                raise
        else:
            edits = edits_of(config.spellings)
            if not edits or not agreed(edits, is_agreed):
                return config, found
        apply(edits)
    return _found(sources, stage, allow)
