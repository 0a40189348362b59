import math
import warnings
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from lighter import Config
from lighter.errors import RunError, UsageError
from lighter.results.exporting import Exported, export
from lighter.results.exporting.exporting import Difference, difference
from lighter.results.exporting.formats import FORMATS
from lighter.runs.folder import RunDirectory

Make = Callable[..., Any]

TWO = {"input": {"left": "left", "right": "right"}, "target": "target"}


def exported(run: RunDirectory, format: str = "torch", **options: Any) -> Exported:
    return export(Config.load(run.path), format=format, **options)


def left_behind(run: RunDirectory) -> set[str]:
    return {path.name for path in run.path.iterdir()} - {"config.yaml", "checkpoints"}


@pytest.mark.parametrize("format", FORMATS)
def test_a_model_of_any_inputs_and_outputs_is_exported_and_checked(run: Make, config: Make, format: str) -> None:
    folder = run(config("Two", batch=TWO))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        done = exported(folder, format)
    assert done.difference.relative < 1e-6
    assert (done.samples, done.is_dynamic) == (4, True)
    assert left_behind(folder) == {done.files[0].name}


def test_the_file_serves_batches_of_other_sizes(run: Make, config: Make) -> None:
    done = exported(run(config()))
    model = torch.export.load(done.files[0]).module()
    for size in (1, 3, 9):
        assert model(torch.ones(size, 3)).shape == (size, 1)


def test_so_it_does_where_the_loader_gives_one_sample_at_a_time(run: Make, config: Make) -> None:
    done = exported(run(config(size=1)))
    assert (done.samples, done.is_dynamic) == (1, True)
    assert torch.export.load(done.files[0]).module()(torch.ones(5, 3)).shape == (5, 1)


@pytest.mark.parametrize(("model", "size"), [("Fixed", 4), ("Sized", 4), ("One", 1)])
def test_a_model_that_permits_one_size_is_exported_for_it(run: Make, config: Make, model: str, size: int) -> None:
    done = exported(run(config(model, size=size)))
    assert (done.samples, done.is_dynamic) == (size, False)
    assert torch.export.load(done.files[0]).module()(torch.ones(size, 3)).shape == (size, 1)


def test_the_model_inside_an_inferer_is_exported(run: Make, config: Make) -> None:
    folder = run(config("Halves", inferer={"_target_": "nets.parts.halves", "_mode_": "callable"}))
    assert exported(folder).samples == 2


def test_one_that_torch_compile_has_wrapped_too(run: Make, config: Make) -> None:
    wrapped = {"_target_": "torch.compile", "backend": "eager", "model": {"_target_": "nets.parts.Plain"}}
    made = config()
    made["system"]["model"] = wrapped
    assert exported(run(made)).is_dynamic


def test_a_model_that_differs_is_not_kept(run: Make, config: Make) -> None:
    folder = run(config("Random"))
    with pytest.raises(RunError, match="and was not kept: the model itself gives something else each time"):
        exported(folder)
    assert left_behind(folder) == set()


def test_the_tolerance_decides(run: Make, config: Make) -> None:
    folder = run(config())
    with pytest.raises(RunError, match=r"by up to 0, 0 of the largest value, and was not kept: --tolerance is -1"):
        exported(folder, tolerance=-1)
    assert left_behind(folder) == set()


def test_what_torch_says_of_a_model_that_it_cannot_follow_is_kept(run: Make, config: Make) -> None:
    folder = run(config("Branching"))
    with pytest.raises(Exception, match="data-dependent") as caught:
        exported(folder)
    assert type(caught.value).__module__.startswith("torch.")
    assert "write an `if` on a tensor's values as torch.where or torch.cond" in caught.value.__notes__[-1]
    assert left_behind(folder) == set()


def test_an_earlier_file_is_replaced_as_a_whole_or_stays(run: Make, config: Make) -> None:
    folder = run(config())
    done = exported(folder)
    before = done.files[0].read_bytes()
    with pytest.raises(RunError):
        exported(folder, tolerance=-1)
    assert done.files[0].read_bytes() == before
    exported(folder)
    assert left_behind(folder) == {"model.pt2"}


def test_weights_beside_the_file_move_with_it(run: Make, config: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.onnx._internal.exporter._onnx_program._LARGE_MODEL_THRESHOLD", 1)
    folder = run(config())
    done = exported(folder, "onnx")
    assert done.files[0].name == "model.onnx"
    assert left_behind(folder) == {path.name for path in done.files}


@pytest.mark.parametrize(
    ("own", "other", "absolute", "relative"),
    [
        ([1.0, -4.0], [1.0, -4.0], 0, 0),
        ([1.0, -4.0], [1.5, -4.0], 0.5, 0.125),
        ([0.0], [0.1], 0.1, math.inf),
        ([], [], 0, 0),
        ([math.inf, math.nan, 1.0], [math.inf, math.nan, 1.0], 0, 0),
        ([math.inf, 2.0], [math.inf, 1.0], 1, 0.5),
        ([math.nan], [1.0], math.inf, math.inf),
        ([math.inf], [1.0], math.inf, math.inf),
        ([1], [3], 2, 2),
        ([True, False], [True, True], 1, 1),
        ([1 + 1j], [1 + 2j], 1, 1 / math.sqrt(2)),
    ],
)
def test_the_largest_of_an_output(own: list[float], other: list[float], absolute: float, relative: float) -> None:
    found = difference([torch.tensor(own)], [torch.tensor(other)])
    assert found.absolute == pytest.approx(absolute)
    assert found.relative == pytest.approx(relative)


def test_the_largest_over_all_outputs() -> None:
    pairs = [torch.tensor([100.0]), torch.tensor([1.0])], [torch.tensor([101.0]), torch.tensor([1.5])]
    assert difference(*pairs) == Difference(1.0, 0.5)


@pytest.mark.parametrize("other", [[], [torch.ones(3)], [torch.ones(2), torch.ones(2)]])
def test_other_shapes_are_told(other: list[Tensor]) -> None:
    with pytest.raises(RunError, match=r"gives outputs of shapes .*, and the model \[\(2,\)\]"):
        difference([torch.ones(2)], other)


def test_checkpoint_and_file_are_told_by_name_or_path(run: Make, config: Make, tmp_path: Any) -> None:
    folder, out = run(config()), tmp_path / "elsewhere" / "net.pt2"
    done = export(Config.load(folder.path), folder.checkpoints / "best.ckpt", out=out)
    assert done.files == (out,)
    with pytest.raises(UsageError, match=r"'net\.pt2' does not"):
        export(Config.load(folder.path), "best", "onnx", "net.pt2")
    with pytest.raises(RunError, match="there is no run 'runs'"):
        export(Config({}))
