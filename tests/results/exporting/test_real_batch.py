from collections.abc import Callable
from typing import Any

import pytest
import torch

from lighter import Config, ConfigError
from lighter.errors import RunError
from lighter.results.exporting.model_call import ModelCall
from lighter.results.exporting.real_batch import model_and_call
from lighter.runs.folder import RunDirectory
from lighter.training.adapters import BatchAdapter

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
    torch.save({**torch.load(path), "device": torch.nn.Identity()}, path)
    with pytest.raises(RunError, match="holds more than weights"):
        found(folder)
    assert found(folder, "args::predict::weights_only=false")
