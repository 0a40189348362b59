from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
import torch
from monai.data import MetaTensor  # type: ignore[attr-defined]  # offered without an __all__

from lighter import Config, ConfigError
from lighter.errors import RunError
from lighter.results.exporting.real_batch import ModelCall, call_with, model_and_call, tensors
from lighter.runs.folder import RunDirectory
from lighter.training.adapters import BatchAdapter, Keywords, Positional

Make = Callable[..., Any]


def found(run: RunDirectory, *over: str, adapter: Any = None) -> tuple[torch.nn.Module, ModelCall]:
    config = Config.load(run.path, *over)
    with config.serving():
        return model_and_call(config, run.checkpoints / "best.ckpt", adapter)


def shapes(call: ModelCall) -> list[tuple[int, ...]]:
    return [tuple(one.shape) for one in call.args]


def test_the_model_has_its_weights_and_the_call_a_batch(run: Make, config: Make) -> None:
    folder = run(config())
    model, call = found(folder)
    state = torch.load(folder.checkpoints / "best.ckpt")["state_dict"]
    assert torch.equal(model.state_dict()["layer.weight"], state["model.layer.weight"])
    assert not model.training
    assert (shapes(call), call.kwargs, call.count) == ([(4, 3)], {}, 4)


def test_inputs_of_every_kind_are_given_as_the_system_gives_them(run: Make, config: Make) -> None:
    folder = run(config("Two", batch={"input": {"left": "left", "right": "right"}, "target": "target"}))
    _, call = found(folder)
    assert call.args == ()
    assert list(call.kwargs) == ["left", "right", "epoch"]
    assert call.kwargs["right"]["deep"][0].shape == (4, 3)
    assert call.kwargs["epoch"] == 0


@pytest.mark.parametrize(
    ("modes", "size"),
    [
        ({"predict": 1, "test": 2, "val": 3, "train": 4}, 1),
        ({"test": 2, "val": 3, "train": 4}, 2),
        ({"val": 3, "train": 4}, 3),
        ({"train": 4}, 4),
    ],
)
def test_the_data_is_such_as_the_model_is_for(run: Make, config: Make, modes: dict[str, int], size: int) -> None:
    rows = {"_target_": "nets.parts.Rows", "count": 8}
    target = "torch.utils.data.DataLoader"
    loaders = {mode: {"_target_": target, "dataset": rows, "batch_size": count} for mode, count in modes.items()}
    assert found(run(config(dataloaders=loaders)))[1].count == size


def test_an_inferer_tells_what_the_model_is_called_with(run: Make, config: Make) -> None:
    folder = run(config("Halves", inferer={"_target_": "nets.parts.halves", "_mode_": "callable"}))
    _, call = found(folder)
    assert shapes(call) == [(2, 3)]


def test_another_adapter_may_take_the_input(run: Make, config: Make) -> None:
    _, call = found(run(config()), adapter=BatchAdapter(input=["left", "right::deep::0"]))
    assert shapes(call) == [(4, 3), (4, 3)]


def of_lightning(config: Make) -> dict[str, Any]:
    plain = config()
    return {**plain, "system": {"_target_": "nets.parts.Module"}, "data": {"_target_": "nets.parts.Data"}}


def test_a_lightning_module_and_its_data(run: Make, config: Make) -> None:
    folder = run(of_lightning(config))
    model, call = found(folder, adapter=BatchAdapter(input="left"))
    assert type(model).__name__ == "Module"
    assert shapes(call) == [(2, 3)]  # of the first of its test loaders


def test_where_its_inputs_are_is_asked_for(run: Make, config: Make) -> None:
    with pytest.raises(RunError, match="has no 'input'") as caught:
        found(run(of_lightning(config)))
    assert "--input=image" in caught.value.__notes__[0]


def test_a_mistake_is_told_before_anything_is_built(run: Make, config: Make) -> None:
    with pytest.raises(ConfigError, match=r"torch\.utils\.data\.DataLoader takes no argument 'batch_sise'"):
        found(run(config()), "system::dataloaders::test::batch_sise=2")


def test_a_run_without_data_is_told(run: Make, config: Make) -> None:
    module = {**config(), "system": {"_target_": "nets.parts.Module"}}
    with pytest.raises(RunError, match="the run has no data to check the exported model on"):
        found(run(module))
    with pytest.raises(RunError, match="the test loader gives no batch"):
        found(run(config()), "system::dataloaders::test::dataset::count=0")


def test_a_checkpoint_with_objects_is_taken_where_the_config_says_so(run: Make, config: Make) -> None:
    folder = run(config())
    path = folder.checkpoints / "best.ckpt"
    torch.save({**torch.load(path), "share": Fraction(1, 2)}, path)
    with pytest.raises(RunError, match="holds more than weights"):
        found(folder)
    assert found(folder, "args::predict::weights_only=false")


def test_an_input_is_the_one_argument() -> None:
    call = call_with(torch.ones(3, 2), epoch=0)
    assert [one.shape for one in call.args] == [(3, 2)]
    assert (call.kwargs, call.count) == ({"epoch": 0}, 3)


def test_several_inputs_are_several_arguments() -> None:
    assert len(call_with(Positional([torch.ones(3, 2), torch.ones(3)])).args) == 2
    call = call_with(Keywords(mask=torch.ones(4, 2)), epoch=0)
    assert (call.args, list(call.kwargs), call.count) == ((), ["mask", "epoch"], 4)


def test_a_mapping_is_one_argument_too() -> None:
    call = call_with({"ids": torch.ones(5, 2), "length": torch.tensor(2)})
    assert list(call.args[0]) == ["ids", "length"]
    assert call.count == 5


def test_an_input_without_samples_counts_as_one() -> None:
    assert call_with(torch.tensor(1.0)).count == 1
    assert call_with("text").count == 1


def test_metadata_and_gradients_are_left_behind() -> None:
    given = MetaTensor(torch.ones(2, 1, requires_grad=True) * 2)
    (tensor,) = call_with(given).args
    assert type(tensor) is torch.Tensor
    assert not tensor.requires_grad


def test_the_samples_are_cut_and_doubled_where_there_are_any() -> None:
    call = ModelCall((torch.arange(3), {"a": [torch.arange(2), "b"]}), {"c": torch.zeros(3, 1)}, 3)
    first, twice = call.first(), call.twice()
    assert (first.count, twice.count) == (1, 6)
    assert [tuple(one.shape) for one in tensors((first.args, first.kwargs))] == [(1,), (2,), (1, 1)]
    assert [tuple(one.shape) for one in tensors((twice.args, twice.kwargs))] == [(6,), (2,), (6, 1)]
    assert twice.args[0].tolist() == [0, 1, 2, 0, 1, 2]


def test_a_call_gives_what_the_model_gives_without_gradients() -> None:
    def model(input: Any, *, factor: int) -> Any:
        assert not torch.is_grad_enabled()
        return {"a": input * factor, "b": None, "c": (1, input)}

    assert [one.tolist() for one in tensors(call_with(torch.ones(1), factor=3)(model))] == [[3], [1]]
