"""Layers replaced by their names."""

import logging
from typing import Any

import pytest
import torch
from torch import nn

from lighter.config import Config
from lighter.errors import RunError
from lighter.training.replacing import replace_layers


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 3))
        self.blocks = nn.ModuleDict({"a": nn.ModuleList([nn.Linear(3, 3)])})
        self.fc = nn.Linear(3, 4)


def net() -> Any:
    return Net()


def test_the_same_model_with_other_layers() -> None:
    model, new = Net(), nn.Linear(3, 10)
    assert replace_layers(model, {"fc": new, "features.1": nn.GELU(), "blocks.a.0": None}) is model
    assert model.fc is new
    assert [type(one) for one in model.features] == [nn.Linear, nn.GELU, nn.Linear]
    assert isinstance(model.get_submodule("blocks.a.0"), nn.Identity)
    assert len(list(model.parameters())) == 6


def wider(old: Any) -> nn.Module:
    return nn.Sequential(nn.Dropout(), nn.Linear(old.in_features, 7))


def test_a_function_makes_a_layer_of_the_one_that_stands_there() -> None:
    model = replace_layers(net(), {"fc": wider})
    assert model.fc[1].weight.shape == (7, 3)
    old = model.features[0]
    assert replace_layers(model, {"features.0": lambda old: nn.Sequential(old, nn.Tanh())}).features[0][0] is old


def test_positions_count_from_the_end_too() -> None:
    model = net()
    last = model.features[2]
    replace_layers(model, {"features.-3": None, "blocks.a.-1": None})
    assert [type(one) for one in model.features] == [nn.Identity, nn.ReLU, nn.Linear]
    assert model.features[2] is last
    assert isinstance(model.get_submodule("blocks.a.0"), nn.Identity)
    assert isinstance(replace_layers(nn.Sequential(nn.ReLU(), nn.ReLU()), {"-1": None})[1], nn.Identity)


def test_what_stands_at_several_places_is_replaced_at_each(caplog: pytest.LogCaptureFixture) -> None:
    act, new = nn.ReLU(), nn.GELU()
    model: Any = nn.Sequential(nn.Linear(1, 1), act, nn.Sequential(nn.Linear(1, 1), act))
    with caplog.at_level(logging.INFO, "lighter"):
        replace_layers(model, {"2.1": new})
    assert model[1] is model[2][1] is new
    assert caplog.messages == ["layer 2.1: GELU in place of ReLU, at 1, 2.1"]


def test_a_layer_takes_over_eval_mode() -> None:
    model = net().eval()
    replace_layers(model, {"fc": nn.Sequential(nn.Dropout())})
    assert not any(one.training for one in model.modules())
    assert replace_layers(net(), {"fc": nn.Dropout().eval()}).fc.training


def test_a_compiled_layer_is_replaced_whole() -> None:
    model = net()
    model.fc = torch.compile(model.fc, backend="eager")
    assert isinstance(replace_layers(model, {"fc": None}).fc, nn.Identity)


@pytest.mark.parametrize(
    ("name", "help"),
    [
        ("fcc", "did you mean 'fc'?"),
        ("feature.0", "did you mean 'features.0'?"),
        ("features.7", "did you mean 'features.2'?"),
        ("features.-4", "did you mean 'features.2'?"),
        ("fc.weight", "there are features, features.0, features.1, features.2, blocks, blocks.a, blocks.a.0, fc"),
        ("", "there are features"),
    ],
)
def test_a_layer_that_is_not_there_is_told_with_the_nearest(name: str, help: str) -> None:
    with pytest.raises(RunError) as told:
        replace_layers(net(), {name: None})
    assert f"replace_layers: there is no layer '{name}' in Net; {help}" in str(told.value)


@pytest.mark.parametrize("layer", [3, lambda old: 3])
def test_what_is_no_layer_is_told(layer: Any) -> None:
    with pytest.raises(TypeError, match="a module, or a function that makes one, is wanted for 'fc', not 3"):
        replace_layers(net(), {"fc": layer})


def test_it_reads_well_in_a_config() -> None:
    config = Config.load(
        {
            "model": {
                "_target_": "lighter.replacing.replace_layers",
                "model": {
                    "_target_": "torch.nn.Sequential",
                    "_args_": [{"_target_": "torch.nn.Linear", "in_features": 2, "out_features": 3}],
                },
                "layers": {
                    "0": "$lambda old: torch.nn.Linear(old.in_features, 5)",
                },
            },
        }
    )
    assert config.check() == []
    assert config.resolve("model")[0].weight.shape == (5, 2)
