"""Which checkpoint `--ckpt_path` means, whether it is intact, and how it is loaded."""

import inspect
import logging
import os
import pickle
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from lighter.config.key_path import text
from lighter.config.paths import CKPT_PATH, checkpoint_at, expanded
from lighter.config.plugin_schema import is_plugin_system
from lighter.config.run_folder import RunFolder
from lighter.config.schema import ARGUMENTS
from lighter.config.tree import find, position_at
from lighter.errors import ConfigError, PathError, Problem, RunError, missing_part
from lighter.runs.folder import (
    AVERAGED,
    BEST,
    CHECKPOINTS,
    LAST,
    SUFFIX,
    RunDirectory,
    newest_run,
)
from lighter.training.ranks import is_first
from lighter.training.stages import Stage

if TYPE_CHECKING:
    from lighter.config import Config

WEIGHTS_ONLY = "weights_only"
_IS_FOLDER = 0x10  # a bit of DOS
_PARTS = ".metadata"  # beside the parts of a checkpoint that is a folder; PyTorch reads it with pickle, which runs code
_READER = "PytorchStreamReader"  # by which name PyTorch tells of its reader of archives
MONITORED = "monitored"  # the value by which the best checkpoint is chosen, in results.json


class Checkpoint(NamedTuple):
    """A checkpoint file and the run it was found in; both None where none was asked for."""

    path: Path | None = None
    run: RunDirectory | None = None


def find_checkpoint(
    asked: str | None, name: str, run_dir: str | None, stage: Stage, folder: RunFolder | None = None
) -> Checkpoint:
    """The file that a path, `best` or `last` means; of no run that is named, of the newest, which lie as `folder` says.

    Raises PathError, with what there is, where it means none.
    """
    run = RunDirectory(Path(run_dir)) if run_dir else None
    if asked is None:
        if run is None or stage is Stage.FIT or not run.holds_run:
            return Checkpoint()
        return Checkpoint(run.kept, run)
    if asked not in (BEST, LAST):
        return Checkpoint(_existing(Path(expanded(asked))))  # as in config/paths.py
    if run is None or (stage is Stage.FIT and not run.holds_run):  # which is where this one will train
        run = newest_run(name, folder)
    if run is None:
        other = "" if stage is Stage.FIT else f", or a trained run before the config: 'lighter {stage} RUN ...'"
        raise PathError(f"no run of '{name}' has a checkpoint yet; run 'lighter fit' first, or name the file{other}")
    return Checkpoint(named_checkpoint(run, asked), run)


def configured_checkpoint(config: "Config", run_dir: str | None, stage: Stage) -> Checkpoint:
    """The same where the command line asks for none: what the config's own `ckpt_path` says, unless Lightning reads it.

    Raises ConfigError where there is no such checkpoint.
    """
    place = (ARGUMENTS, str(stage), CKPT_PATH)
    is_silent = is_plugin_system(config.tree) or find(config.tree, place) is None
    asked = None if is_silent else checkpoint_at(config.tree, stage)
    if asked is None and not is_silent:
        return Checkpoint()
    try:
        return find_checkpoint(asked, config.name, run_dir, stage, config.named_folder)
    except PathError as error:
        raise ConfigError([Problem(str(error), position_at(config.tree, place), text(place), code="file")]) from error


def named_checkpoint(run: RunDirectory, name: str) -> Path:
    """The `best` or `last` checkpoint of a run; the last, and a warning, where nothing says which is the best.

    Raises RunError where it has none, or the best is not there: a run that was killed may have lost it.
    """
    if (path := run.checkpoint(name)) is not None:
        return path
    if (last := run.checkpoint(LAST)) is None:
        raise RunError(f"the run folder '{run.path}' holds no checkpoint; name the file, or another '--run_dir'")
    if isinstance(monitored := run.results().get(MONITORED), dict):
        told = f"the run '{run.path}' has no best checkpoint by '{monitored.get('name')}', which it monitors"
        raise RunError(f"{told}; write --ckpt_path=last")
    if is_first():
        told = "no checkpoint of the run '%s' is known as the best, for it has monitored no value: the last is taken"
        logging.getLogger("lighter").warning(told, run.path)
    return last


def require_own(run: RunDirectory) -> None:
    """Raises RunError where what is said to be a run's, by a link or its record, lies elsewhere."""
    require_no_way_out(run.path)
    _require_inside(filter(None, map(run.checkpoint, (BEST, AVERAGED, LAST))), run.path)


def require_no_way_out(folder: Path) -> None:
    """Raises RunError where a link in a folder, or in one of a run below it, leads elsewhere, or one may hold code."""
    for above, folders, files in os.walk(folder):
        if _PARTS in files:
            _refuse_parts(above)
        paths = (Path(above, name) for name in (*folders, *files))
        _require_inside((path for path in paths if path.is_symlink()), folder)


def _refuse_parts(path: str | Path) -> NoReturn:
    raise RunError(f"the checkpoint '{path}' is a folder, which may hold code; if you trust it, leave out '--allow'")


def _require_inside(paths: Iterable[Path], folder: Path) -> None:
    for path in paths:
        if not path.resolve().is_relative_to(folder.resolve()):
            raise RunError(f"'{path}' leads out of the folder '{folder}'; if you trust it, leave out '--allow'")


def untrained_note(run: RunDirectory, config: "Config") -> str:
    """What to say of a stage that takes weights as they are built: that there are trained ones, or should have been."""
    told = "the weights are as the config builds them, not trained"
    if CHECKPOINTS in run.results():
        return f"the run '{run.path}' has left no checkpoint: {told}"
    trained = newest_run(config.name, config.named_folder)
    if trained is None:
        return ""
    kept = BEST if trained.checkpoint(BEST) is not None else LAST
    return f"{told}; --ckpt_path={kept} takes those of this config's newest run, '{trained.path}'"


def with_weights_only(arguments: Mapping[str, Any], method: Callable[..., Any], is_limited: bool) -> dict[str, Any]:
    """The arguments of a Trainer's method, which loads no objects but weights unless they say otherwise.

    Raises RunError where those of a limited config say otherwise.
    """
    if is_limited and not arguments.get(WEIGHTS_ONLY, True):
        raise RunError(f"'{WEIGHTS_ONLY}' is to stay true under --allow; leave it out")
    takes = inspect.signature(method).parameters
    is_taken = WEIGHTS_ONLY in takes or any(p.kind is p.VAR_KEYWORD for p in takes.values())
    return {**({WEIGHTS_ONLY: True} if is_taken else {}), **arguments}


@contextmanager
def loading(path: Any, stage: Stage, config: "Config | None" = None) -> Iterator[None]:
    """Lets a checkpoint hold plain data, and objects whose code its config runs anyway, beside weights.

    Raises RunError, with their names, for other objects, and for a checkpoint that only its own strategy loads: of a
    limited config for any that is a folder.
    """
    from lighter.training.checkpoint_file import declared_safe, more_than_weights

    if path is not None and config is not None and config.is_limited and Path(path).is_dir():
        _refuse_parts(path)
    file = Path(path) if path is not None and Path(path).is_file() else None
    trusted: Iterable[Any] = ()
    if file and config is not None:
        from lighter.runs.trusted_objects import trusted_objects

        trusted = trusted_objects(file, config)
    with declared_safe(*trusted):
        try:
            yield
        except pickle.UnpicklingError as error:
            is_limited = config is not None and config.is_limited
            cure = f"{'leave out --allow, and ' if is_limited else ''}write args::{stage}::{WEIGHTS_ONLY}=false"
            told = more_than_weights(file, cure) if file else None
            if told is None and WEIGHTS_ONLY not in str(error):
                raise
            # PyTorch's own words say how to let code in.
            told = told or f"'{path}' cannot be read as weights alone"
            raise RunError(f"the checkpoint {told}") from error
        except RuntimeError as error:
            if _READER not in str(error):
                raise
            raise RunError(f"the checkpoint '{path}' is damaged: {error}; give another '--ckpt_path'") from error
        except IsADirectoryError as error:
            raise RunError(
                f"the checkpoint '{path}' is a folder, with a part for each rank; load it with the strategy that "
                f"wrote it, or make one file of it: python -m pytorch_lightning.utilities.consolidate_checkpoint {path}"
            ) from error


def _existing(path: Path) -> Path:
    if path.is_file() or (path / _PARTS).is_file():  # a folder to which each rank has written its part
        return path
    if path.is_dir():
        raise PathError(f"there is no checkpoint '{path}': it is a folder; write best, last or a path of a file")
    told = missing_part(path, lambda one: one.suffix == SUFFIX, "write best, last or a path")
    raise PathError(f"there is no checkpoint '{path}': {told}")


def require_intact(path: Path) -> None:
    """Raises RunError where a checkpoint is cut off or its content has changed, with those beside it that are well."""
    fault = _fault(path)
    if fault is None:
        return
    others = [other for other in _by_age(path.parent) if other != path and _fault(other) is None]
    cure = f"the one before it is well: --ckpt_path={others[0]}" if others else "there is no other beside it"
    raise RunError(f"the checkpoint '{path}' is damaged: {fault}; {cure}")


def _fault(path: Path) -> str | None:
    """What is wrong with a file as PyTorch writes them; None for a good one, a folder, or a file of another kind."""
    if not path.is_file():
        return None
    with path.open("rb") as file:
        begin = file.read(4)
    if not begin:
        return "it is empty"
    if begin != b"PK\x03\x04":  # older than PyTorch 1.6, or in a format of its own
        return None if begin[:1] in {b"\x80", b"{"} else "it does not begin as a checkpoint does"
    try:
        with zipfile.ZipFile(path) as archive:
            # What is marked as a folder PyTorch does not read: the weights would be what the memory held.
            unread = (one.filename for one in archive.infolist() if one.external_attr & _IS_FOLDER and not one.is_dir())
            bad = next(unread, None) or archive.testzip()
    # Whatever Python's reader meets in an overwritten header: a name that is no text, a password, a negative size.
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, OverflowError) as error:
        return f"it is cut off or overwritten ({error})"
    return f"the content of its part '{bad}' has changed since it was written" if bad else _unopened(path)


def _unopened(path: Path) -> str | None:
    """Why PyTorch's own reader, which is stricter than Python's, does not open an archive."""
    from torch.serialization import get_unsafe_globals_in_checkpoint

    try:
        get_unsafe_globals_in_checkpoint(path)
    except RuntimeError as error:
        told = str(error).partition(". This is an internal")[0]
        return f"it is cut off or overwritten ({told})" if _READER in told else None
    except (ValueError, KeyError, pickle.UnpicklingError):  # an archive of another kind, to be loaded by others
        return None
    return None


def _by_age(folder: Path) -> list[Path]:
    """The checkpoints of a folder, the newest first."""
    found: list[tuple[float, Path]] = []
    for path in folder.glob(f"*{SUFFIX}"):
        with suppress(FileNotFoundError):
            found.append((path.stat().st_mtime, path))
    return [path for _, path in sorted(found, reverse=True)]
