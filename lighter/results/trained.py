"""The trained model of a run, without its data, Trainer, optimizer, criterion and metrics."""

import os
import pickle
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lighter.config import Config
from lighter.config.composing import CONFIG_FILE
from lighter.config.dumping import plain
from lighter.config.key_path import KeyPath, text
from lighter.config.paths import expanded
from lighter.config.plugin_schema import is_plugin_system
from lighter.config.schema import SYSTEM, is_system
from lighter.config.tree import TARGET, find
from lighter.errors import PathError, RunError
from lighter.project.importable import warn_of_stale_code
from lighter.runs.checkpoints import find_checkpoint, loading, named_checkpoint, require_intact, require_own
from lighter.runs.folder import BEST, LAST, RunDirectory, no_run
from lighter.training.patterns import plain_name
from lighter.training.stages import Stage

if TYPE_CHECKING:
    import torch
    from torch import nn

MODEL = "model"
_STATE = "state_dict"
_LOADS = re.compile(r"lighter\.([\w.]+\.)?load_weights")  # under each name that it has or had


def load(
    run: str | os.PathLike[str],
    checkpoint: str | os.PathLike[str] | None = None,
    *,
    device: "str | torch.device" = "cpu",
    allow: str | Iterable[str] | None = None,
    weights_only: bool = True,
) -> "nn.Module":
    """The trained model of a run folder, in eval mode: `lighter.load("runs/digits/2026-01-31_12-00-00")`.

    It is what `system::model` names, or the LightningModule that is itself the `system`; adapters and inferer are not
    applied, and no data, Trainer or loss is built. While the model is alive, its project can be imported.

    Args:
        run: the folder of a run.
        checkpoint: `best`, `last` or a path, which may be one in the run's `checkpoints`. If it is left out, the
            averaged weights where the run has some, else the best, or the last where nothing is monitored.
        device: the device to put it on.
        allow: packages, for a run whose config you do not trust: as for `Config`.
        weights_only: false also takes a checkpoint that holds other objects, and runs the code that they bring.

    Raises:
        RunError: there is no run, no checkpoint, or none that can be read.
        ConfigError: there is a mistake in the run's config.
        Exception: what the code of the model raises; PyTorch's RuntimeError where the weights do not fit it.
    """
    folder = run_at(Path(expanded(os.fspath(run))))
    config = Config.load(folder.path, allow=allow)
    if is_plugin_system(config.tree):
        cure = "Runner(...).predict() runs it"
        raise RunError(f"the run '{folder.path}' has trained a plugin model, which has no weights to load; {cure}")
    path = trained_checkpoint(folder, checkpoint, config)
    with config.serving():
        model = config.resolve(text(_place(config)))
        warn_of_stale_code(None if config.is_limited else config.project)
        put_weights(model, path, config, weights_only)
    # A circle would keep the model in memory when nobody has it any more, and its code with it.
    config._builder.built.clear()  # noqa: SLF001  # what else it holds serves nobody
    trained: nn.Module = model.eval().to(device)
    return trained


def run_at(path: Path) -> RunDirectory:
    """The run in a folder, which may also be named by its config. Raises RunError, with the nearest, where none is."""
    folder = path.parent if path.name == CONFIG_FILE else path
    run = RunDirectory(folder)
    if run.holds_run:
        return run
    if path.is_file() and (above := next((one for one in path.parents if RunDirectory(one).holds_run), None)):
        raise RunError(f"'{path}' is a file, not the folder of a run; write load('{above}', '{path}')")
    raise PathError(no_run(folder))


def trained_checkpoint(run: RunDirectory, asked: str | os.PathLike[str] | None, config: Config) -> Path:
    """The file that `best`, `last` or a path means, which may be in the run.

    Raises RunError where there is none, and where the record of a limited config's run leads out of its folder.
    """
    if config.is_limited:
        require_own(run)
    if asked is None or asked in (BEST, LAST):
        if (kept := run.kept) is None:
            raise RunError(f"the run '{run.path}' has left no checkpoint; train it first, or name the file of another")
        return kept if asked is None else named_checkpoint(run, str(asked))
    asked = expanded(os.fspath(asked))
    if not Path(asked).exists() and (run.checkpoints / asked).exists():
        return run.checkpoints / asked
    return find_checkpoint(str(asked), "", str(run.path), Stage.PREDICT).path or Path(asked)


def has_model(config: Config) -> bool:
    """Whether the model is a part of the system, as in Lighter's own; else the system is one itself."""
    return is_system(config.tree) and find(config.tree, (SYSTEM, MODEL)) is not None


def _place(config: Config) -> KeyPath:
    """Where the model is defined, inside `load_weights`: what that reads is replaced, and may be gone."""
    if not has_model(config):
        return (SYSTEM,)
    place: KeyPath = (SYSTEM, MODEL)
    while (target := find(config.tree, (*place, TARGET))) is not None and _LOADS.fullmatch(str(plain(target))):
        if find(config.tree, (*place, MODEL)) is None:
            break
        place = (*place, MODEL)
    return place


def put_weights(model: Any, path: Path, config: Config, weights_only: bool = True) -> None:
    """Puts the weights of a checkpoint into the model that the config of its run has built.

    Raises RunError where the checkpoint cannot be read or holds more than weights, and what `load_state_dict` raises.
    """
    from torch import nn

    if not isinstance(model, nn.Module):
        place = f"{SYSTEM}::{MODEL}" if has_model(config) else SYSTEM
        raise RunError(f"'{place}' is {model!r}, not a torch.nn.Module, which weights can be put into")
    require_intact(path)
    with loading(path, Stage.PREDICT, config):
        checkpoint = _read(path, weights_only)
    state = checkpoint[_STATE]
    if has_model(config):
        start = f"{MODEL}."
        state = {name.removeprefix(start): value for name, value in state.items() if name.startswith(start)}
    else:  # as Lightning does before it loads the weights
        model.configure_model()  # type: ignore[operator]  # of a LightningModule
        model.on_load_checkpoint(checkpoint)  # type: ignore[operator]  # as above
    try:
        _apply(model, state)
    except RuntimeError as error:
        error.add_note(f"while the weights of '{path}' were loaded; is the code of the model another since the run?")
        raise


def _read(path: Path, weights_only: bool) -> dict[str, Any]:
    from lighter.training.checkpoint_file import more_than_weights, read_checkpoint

    try:
        found = read_checkpoint(path, weights_only)
    except pickle.UnpicklingError as error:
        fault = more_than_weights(path, "say weights_only=False") or f"'{path}' cannot be read as weights alone"
        raise RunError(f"the checkpoint {fault}") from error
    if not isinstance(found, dict) or not isinstance(found.get(_STATE), dict):
        raise RunError(
            f"'{path}' is no checkpoint of a run: it has no '{_STATE}'; lighter.training.weights reads other files"
        )
    return found


def _apply(model: "nn.Module", state: Mapping[str, Any]) -> None:
    """Puts the weights in by name, whichever wrappers the model had then and has now, in the precision they have."""
    own = model.state_dict()
    if own.keys() != state.keys():
        known = {plain_name(name): name for name in own}
        state = {known.get(plain_name(name), name): value for name, value in state.items()}
    kinds, own_kinds = _dtypes(state), _dtypes(own)
    if len(kinds) == len(own_kinds) == 1:
        model.to(dtype=kinds.pop())
    model.load_state_dict(state, strict=getattr(model, "strict_loading", True))


def _dtypes(state: Mapping[str, Any]) -> "set[torch.dtype]":
    from torch import Tensor

    return {value.dtype for value in state.values() if isinstance(value, Tensor) and value.is_floating_point()}
