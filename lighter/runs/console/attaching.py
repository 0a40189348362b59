"""What a run's Trainer is given so that its console is Lighter's: unless its config says what it wants there."""

import inspect
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any


def with_console(trainer: "partial[Any]", log: Path, secrets: Sequence[str] = ()) -> "partial[Any]":
    """The Trainer's call with a progress bar and an overview where nothing is set of either.

    The log of a process that is spawned has stars in the place of these secrets.
    """
    given, parameters = trainer.keywords, _parameters(trainer.func)
    if "callbacks" not in parameters or given.get("barebones"):
        return trainer
    from lighter.runs.console.overview import Overview
    from lighter.runs.console.progress import progress_bar
    from lighter.runs.trainer_defaults import as_list, lightning_of

    lightning = lightning_of(trainer.func)
    callbacks = as_list(given.get("callbacks"))
    more: dict[str, Any] = {}
    counts = _is_open("enable_model_summary", given, parameters, callbacks, lightning.callbacks.ModelSummary)
    if counts:
        more["enable_model_summary"] = False
    if _is_open("enable_progress_bar", given, parameters, callbacks, lightning.callbacks.ProgressBar, or_true=True):
        callbacks = [*callbacks, progress_bar(lightning)]
    more["callbacks"] = [*callbacks, Overview(log, secrets, counts_parameters=counts)]
    return partial(trainer.func, *trainer.args, **{**given, **more})


def _is_open(
    flag: str, given: Any, parameters: Any, callbacks: list[Any], kind: type, *, or_true: bool = False
) -> bool:
    """Whether neither the flag nor a callback of this kind is set, and the Trainer's class does not settle it."""
    wanted = (None, True) if or_true else (None,)
    if flag not in parameters or any(isinstance(callback, kind) for callback in callbacks):
        return False
    return given.get(flag) in wanted and parameters[flag].default in (None, True)


def _parameters(trainer: Any) -> Any:
    return inspect.signature(trainer).parameters
