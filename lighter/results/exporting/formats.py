"""The formats of an exported model: how a file of each is written, and how it is run."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.export import ExportedProgram

from lighter.errors import RunError, UsageError, suggestion
from lighter.results.exporting.real_batch import ModelCall, tensors
from lighter.runs.whole_files import write_whole

Run = Callable[[ModelCall], list[Tensor]]


@dataclass(frozen=True, slots=True)
class Format:
    """A format's name and suffix, what writes a program to a file, and what makes a written file ready to run."""

    name: str
    suffix: str
    write: Callable[[ExportedProgram, Path], None]
    open: Callable[[Path], Run]


def format_named(name: str | None, out: str | None) -> Format:
    """The format of a name, or of a file's suffix; PyTorch's own where neither is given. Raises UsageError."""
    if name is None:
        suffix = Path(out).suffix if out is not None else FORMATS["torch"].suffix
        found = next((one for one in FORMATS.values() if one.suffix == suffix), None)
        if found is None:
            known = " or ".join(f"{one.suffix} ({one.name})" for one in FORMATS.values())
            raise UsageError(f"--out: the file '{out}' is to end in {known}")
        return found
    if name not in FORMATS:
        raise UsageError(f"--format: there is no format '{name}'; {suggestion(name, FORMATS)}")
    found = FORMATS[name]
    if out is not None and Path(out).suffix != found.suffix:
        raise UsageError(f"--out: a file of the format '{name}' ends in '{found.suffix}', and '{out}' does not")
    return found


def _write_torch(program: ExportedProgram, path: Path) -> None:
    # PyTorch, if it writes the file itself, ends the process where the disk is full.
    content = io.BytesIO()
    torch.export.save(program, content)
    write_whole(path, content.getvalue())


def _open_torch(path: Path) -> Run:
    model = torch.export.load(path).module()
    return lambda call: tensors(call(model))


def _write_onnx(program: ExportedProgram, path: Path) -> None:
    try:
        import onnxruntime  # noqa: F401  # the file is run with it
        import onnxscript  # noqa: F401  # PyTorch needs it
    except ImportError as error:
        cure = f"pip install 'lighter[onnx]' ({error.name} is not installed)"
        raise RunError(f"a model is exported to ONNX with packages of their own: {cure}") from error
    exported: Any = torch.onnx.export(program, dynamo=True, verbose=False)
    _name_batch(exported.model.graph)
    exported.save(path)  # of more than 2 GB the weights are in a file beside it


def _name_batch(graph: Any) -> None:
    """Calls the open dimension `batch`, which is the only one, where PyTorch calls it `s77`."""
    symbols = {str(one.shape[0]) for one in graph.inputs if one.shape and not isinstance(one.shape[0], int)}
    for value in (*graph.inputs, *(one for node in graph for one in node.outputs)):
        for at, size in enumerate(value.shape or ()):
            if str(size) in symbols:
                value.shape[at] = "batch"


def _open_onnx(path: Path) -> Run:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # what it says of the graph is nothing that a user could change
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    # By their order: an input that is also an output has another name there.
    names = [one.name for one in session.get_inputs()]

    def run(call: ModelCall) -> list[Tensor]:
        feed = {name: leaf.numpy() for name, leaf in zip(names, tensors((call.args, call.kwargs)), strict=True)}
        return [torch.from_numpy(found) for found in session.run(None, feed)]

    return run


FORMATS = {
    one.name: one
    for one in (
        Format("torch", ".pt2", _write_torch, _open_torch),
        Format("onnx", ".onnx", _write_onnx, _open_onnx),
    )
}
