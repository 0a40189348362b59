"""Predictions of a plugin model, given to the callbacks that write those of a Trainer."""

from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from lighter.errors import RunError
from lighter.plugins.measuring import as_tensor
from lighter.training.callbacks.prediction_writer import PredictionWriter
from lighter.training.stages import Stage

__all__ = ["Parts", "write", "writers_of"]

Parts = tuple[Any, Any, Any, Any]  # input, target, identifier, pred


def writers_of(given: Sequence[Any] | Any | None) -> list[PredictionWriter]:
    """The writers that a config gives, or a TableWriter. Raises RunError for what writes no predictions."""
    if given is None:
        from lighter.callbacks import TableWriter

        return [TableWriter()]
    writers: list[Any] = list(given) if isinstance(given, list | tuple) else [given]
    for writer in writers:
        if not isinstance(writer, PredictionWriter):
            kind = type(writer).__name__
            raise RunError(
                f"system::writers holds a {kind}, which writes no predictions of plugin models; "
                "write lighter.callbacks.TableWriter or FileWriter"
            )
    return writers


def write(writers: Sequence[PredictionWriter], stage: Stage, folder: Path, parts: Parts) -> list[Path]:
    """Writes the predictions of a stage, as one batch; the files or folders that are now whole."""
    trainer: Any = _alone(folder)
    outputs = dict(zip(("input", "target", "identifier", "pred"), _counted(parts), strict=True))
    written: list[Path] = []
    for writer in writers:
        module: Any = None
        with _left_whole(writer, trainer):
            writer.setup(trainer, module, stage)
            if stage is Stage.PREDICT:
                writer.on_predict_start(trainer, module)
                writer.on_predict_batch_end(trainer, module, outputs, None, 0)
                writer.on_predict_end(trainer, module)
            else:
                writer.on_test_start(trainer, module)
                writer.on_test_batch_end(trainer, module, outputs, None, 0)
                writer.on_test_end(trainer, module)
        written += [writer.path_written] if writer.path_written is not None else []
    return written


@contextmanager
def _left_whole(writer: PredictionWriter, trainer: Any) -> Any:
    """Lets a writer take away what it has half written, as a Trainer does."""
    try:
        yield
    except BaseException as error:
        writer.on_exception(trainer, None, error)  # type: ignore[arg-type]  # there is no module
        raise


def _counted(parts: Parts) -> Parts:
    """The same as tensors and lists; an input that does not tell how many samples it has is left out."""
    input, target, identifier, pred = map(as_tensor, parts)
    return input if hasattr(input, "shape") or isinstance(input, list) else None, target, identifier, pred


def _nothing(value: Any = None, **_: Any) -> Any:
    """What a single process does to agree with the others."""
    return value


def _alone(folder: Path) -> SimpleNamespace:
    """A Trainer as far as a writer looks at one: a single process, and data that comes in its own order."""
    loop = SimpleNamespace(_combined_loader=SimpleNamespace(flattened=[None], iterables=[None]))
    strategy = SimpleNamespace(barrier=_nothing, reduce=_nothing, root_device="cpu")
    return SimpleNamespace(
        default_root_dir=str(folder),
        global_rank=0,
        world_size=1,
        is_global_zero=True,
        strategy=strategy,
        predict_loop=loop,
        test_loop=loop,
    )
