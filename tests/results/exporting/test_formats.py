from pathlib import Path

import onnx
import pytest
import torch
from torch import nn

from lighter.errors import UsageError
from lighter.results.exporting.formats import FORMATS, format_named
from lighter.results.exporting.real_batch import call_with
from lighter.training.adapters import Positional

pytestmark = pytest.mark.filterwarnings("ignore")  # what PyTorch says of its exporters is kept away a layer above


@pytest.mark.parametrize(
    ("name", "out", "found"),
    [
        (None, None, "torch"),
        ("onnx", None, "onnx"),
        (None, "a/model.onnx", "onnx"),
        (None, "model.pt2", "torch"),
        ("torch", "model.pt2", "torch"),
    ],
)
def test_a_format_is_known_by_its_name_or_the_file(name: str | None, out: str | None, found: str) -> None:
    assert format_named(name, out).name == found


@pytest.mark.parametrize(
    ("name", "out", "told"),
    [
        ("onx", None, "there is no format 'onx'; did you mean 'onnx'"),
        ("onnx", "model.pt2", "a file of the format 'onnx' ends in '.onnx', and 'model.pt2' does not"),
        (None, "model.bin", r"the file 'model.bin' is to end in .pt2 \(torch\) or .onnx \(onnx\)"),
    ],
)
def test_another_is_told(name: str | None, out: str | None, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        format_named(name, out)


class Mean(nn.Module):
    def forward(self, left: torch.Tensor, names: str, *, right: torch.Tensor) -> tuple[torch.Tensor, ...]:
        return (left + right) / 2, left, right.argmax(1)


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_written_gives_the_same(name: str, tmp_path: Path) -> None:
    call = call_with(torch.randn(2, 3), right=torch.randn(2, 3))
    call = type(call)((*call.args, "a text"), call.kwargs, 2)
    program = torch.export.export(Mean(), call.args, call.kwargs)
    path = tmp_path / f"model{FORMATS[name].suffix}"
    FORMATS[name].write(program, path)
    found = FORMATS[name].open(path)(call)
    assert [one.dtype for one in found] == [torch.float32, torch.float32, torch.int64]
    assert all(torch.allclose(one, own) for one, own in zip(found, call(Mean()), strict=True))


def test_large_weights_stand_beside_an_onnx_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.onnx._internal.exporter._onnx_program._LARGE_MODEL_THRESHOLD", 100)
    call, model = call_with(torch.randn(2, 50)), nn.Linear(50, 50)
    FORMATS["onnx"].write(torch.export.export(model, call.args), tmp_path / "model.onnx")
    assert {path.name for path in tmp_path.iterdir()} == {"model.onnx", "model.onnx.data"}
    (found,) = FORMATS["onnx"].open(tmp_path / "model.onnx")(call)
    assert torch.allclose(found, call(model), atol=1e-6)


def test_the_open_dimension_of_an_onnx_file_is_called_batch(tmp_path: Path) -> None:
    class Two(nn.Module):
        def forward(self, x: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            return x @ x.T, y.flatten()

    given = (torch.ones(3, 2), torch.ones(3, 2))
    auto = {0: torch.export.Dim.AUTO}
    program = torch.export.export(Two(), given, dynamic_shapes=(auto, auto), strict=False)
    FORMATS["onnx"].write(program, tmp_path / "model.onnx")
    graph = onnx.load(tmp_path / "model.onnx").graph
    found = [[one.dim_param or one.dim_value for one in v.type.tensor_type.shape.dim] for v in graph.input]
    assert found == [["batch", 2], ["batch", 2]]
    assert [one.dim_param for one in graph.output[0].type.tensor_type.shape.dim] == ["batch", "batch"]
    call = call_with(Positional((torch.ones(5, 2), torch.ones(5, 2))))
    assert [tuple(one.shape) for one in FORMATS["onnx"].open(tmp_path / "model.onnx")(call)] == [(5, 5), (10,)]
