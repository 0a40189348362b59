"""A trained model to a file, which is kept only where it gives what the model gives."""

import logging
import math
import os
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.export import Dim, ExportedProgram, ShapesCollection

from lighter.config import Config
from lighter.config.composing import first_path
from lighter.config.paths import expanded
from lighter.errors import RunError
from lighter.results.exporting.formats import Run, format_named
from lighter.results.exporting.real_batch import ModelCall, model_and_call, tensors
from lighter.results.trained import run_at, trained_checkpoint
from lighter.training.adapters import BatchAdapter
from lighter.training.torch_internals import without_compile

TOLERANCE = 1e-4  # relative to the largest value of an output

_LOGGERS = ("torch.export", "torch.onnx", "torch._export", "torch.fx", "torch._dynamo", "onnxscript", "onnx_ir")


@dataclass(frozen=True, slots=True)
class Difference:
    """The largest over all outputs, as it is and relative to the greatest value of its output."""

    absolute: float = 0.0
    relative: float = 0.0

    def __or__(self, other: "Difference") -> "Difference":
        return Difference(max(self.absolute, other.absolute), max(self.relative, other.relative))


@dataclass(frozen=True, slots=True)
class Exported:
    """A file that was written, what it differs from its model by over `samples`, and whether any batch size serves.

    `files`: the file, and what is beside it, if anything.
    """

    files: tuple[Path, ...]
    difference: Difference
    samples: int
    is_dynamic: bool


def export(
    config: Config,
    checkpoint: str | os.PathLike[str] | None = None,
    format: str | None = None,
    out: str | os.PathLike[str] | None = None,
    *,
    adapter: BatchAdapter | None = None,
    tolerance: float = TOLERANCE,
) -> Exported:
    """Exports the trained model of a run, and runs the file that was written on a batch of the run's data.

    Args:
        config: the config of the run: `Config.load("runs/digits/2026-01-31_12-00-00")`.
        checkpoint: `best`, `last` or a path; as for `lighter.load` if it is left out.
        format: `torch` (`torch.export`, a .pt2 file) or `onnx`; what `out` ends in if it is left out, else `torch`.
        out: the file to write; `model.pt2` or `model.onnx` in the folder of the run if it is left out.
        adapter: where in a batch the model's inputs are, if not where the run has them.
        tolerance: how far an output may be from the model's, relative to the largest value of that output;
            0.0001 if it is left out.

    Returns:
        The `files` that were written (the weights of a large ONNX model are in one beside it), the largest
        `difference` (`absolute`, `relative`) over `samples`, and whether any batch size serves (`is_dynamic`).

    Raises:
        RunError: an output differs by more than the tolerance (no file is left), or there is no run or no checkpoint.
        UsageError: there is no such format, or `out` ends in that of another.
        Exception: what `torch.export` raises of a model that it cannot follow, with a note, and what your code raises.
    """
    kind = format_named(format, None if out is None else str(out))
    run = run_at(first_path(config.given) or Path("runs"))
    path = trained_checkpoint(run, checkpoint, config)
    target = Path(expanded(str(out))) if out is not None else run.path / f"model{kind.suffix}"
    with config.serving():
        model, call = model_and_call(config, path, adapter)
        model = without_compile(model)
        program, is_dynamic = _program(model, call)
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as folder, _quiet():
            beside = Path(folder, target.name)
            kind.write(program, beside)
            calls = [call, *([call.first()] if is_dynamic and call.count > 1 else ())]
            found = _checked(model, kind.open(beside), calls, tolerance)
            files = _placed(Path(folder), target)
    return Exported(files, found, call.count, is_dynamic)


def _program(model: nn.Module, call: ModelCall) -> tuple[ExportedProgram, bool]:
    """The model as a graph, for batches of any size if it permits that, and whether it does."""
    several = call.twice() if call.count == 1 else call
    if _takes(model, several) and _takes(model, several.first()):
        try:
            with _quiet():
                program = _followed(model, several, is_dynamic=True)
        except Exception:  # noqa: BLE001  # whatever it is, it is raised below if it has another cause
            has_free_batch = False
        else:
            has_free_batch = _has_free_batch(program, several)
        if has_free_batch:
            return program, True
    try:
        with _quiet():
            return _followed(model, call, is_dynamic=False), False
    except Exception as error:
        error.add_note(
            "while torch.export followed the model's forward, which it must do without knowing values: "
            "write an `if` on a tensor's values as torch.where or torch.cond, and keep .item() and NumPy out of it"
        )
        raise


def _takes(model: nn.Module, call: ModelCall) -> bool:
    try:
        call(model)
    except Exception:  # noqa: BLE001  # it takes other batches, and says so in its own way
        return False
    return True


def _followed(model: nn.Module, call: ModelCall, is_dynamic: bool) -> ExportedProgram:
    shapes: Any = ShapesCollection()  # type: ignore[no-untyped-call]  # it has no annotations
    for leaf in call.leaves:
        if call.has_batch(leaf):
            shapes[leaf] = {0: Dim.AUTO}
    given = shapes.dynamic_shapes(model, call.args, call.kwargs) if is_dynamic else None
    with torch.no_grad():
        return torch.export.export(model, call.args, call.kwargs, dynamic_shapes=given, strict=False)


def _has_free_batch(program: ExportedProgram, call: ModelCall) -> bool:
    """Whether the first dimension of every input with samples was left open."""
    values: dict[str, Any] = {node.name: node.meta.get("val") for node in program.graph.nodes}
    leaves = zip(program.graph_signature.user_inputs, call.leaves, strict=True)
    batches = [values[str(name)].shape[0] for name, leaf in leaves if call.has_batch(leaf)]
    return bool(batches) and not any(str(size).isdigit() for size in batches)  # one that was fixed is a symbol too


def _checked(model: nn.Module, run: Run, calls: list[ModelCall], tolerance: float) -> Difference:
    found = Difference()
    for call in calls:
        own = tensors(call(model))
        found |= difference(own, run(call))
        if found.relative > tolerance:
            far = f"by up to {found.absolute:.2g}, {found.relative:.2g} of the largest value"
            is_random = difference(own, tensors(call(model))).absolute > 0
            why = "the model itself gives something else each time" if is_random else f"--tolerance is {tolerance:g}"
            raise RunError(f"the exported model differs from the model {far}, and was not kept: {why}")
    return found


def _placed(folder: Path, out: Path) -> tuple[Path, ...]:
    """Moves what was written to its place, the file itself last."""
    written = sorted(folder.iterdir(), key=lambda path: path.name == out.name)
    for path in written:
        os.replace(path, out.with_name(path.name))  # noqa: PTH105  # as in write_whole
    return tuple(out.with_name(path.name) for path in reversed(written))


@contextmanager
def _quiet() -> Iterator[None]:
    """Keeps what PyTorch's exporters say of their own inner works from being shown meanwhile."""
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def difference(own: Sequence[Tensor], exported: Sequence[Tensor]) -> Difference:
    """The largest over pairs of outputs. Raises RunError where they are not of the same number or shapes."""
    shapes, others = [tuple(one.shape) for one in own], [tuple(one.shape) for one in exported]
    if shapes != others:
        raise RunError(f"the exported model gives outputs of shapes {others}, and the model {shapes}")
    found = Difference()
    for one, other in zip(own, exported, strict=True):
        found |= _of_pair(_wide(one), _wide(other))
    return found


def _wide(tensor: Tensor) -> Tensor:
    return tensor.detach().cpu().to(torch.complex128 if tensor.is_complex() else torch.float64)


def _of_pair(own: Tensor, other: Tensor) -> Difference:
    # Equal infinities, and what is no number in both, differ by nothing.
    same = (own == other) | (own.isnan() & other.isnan())
    gaps = torch.where(same, 0.0, (own - other).abs())
    absolute = gaps.max().item() if gaps.numel() else 0.0
    if math.isnan(absolute):
        return Difference(math.inf, math.inf)
    if absolute == 0:
        return Difference()
    finite = own.abs()[own.isfinite()]
    largest = finite.max().item() if finite.numel() else 0.0
    return Difference(absolute, absolute / largest if largest else math.inf)
