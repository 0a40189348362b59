"""Which layer of a model each parameter is in."""

import pytest
from torch import nn

from lighter.errors import RunError
from lighter.training.optimizers.layer_decay import layer_of_each
from lighter.training.optimizers.selecting import Trained


class Model(nn.Module):
    def __init__(self, blocks: int = 3) -> None:
        super().__init__()
        self.token = nn.Parameter(nn.Linear(1, 1).weight.detach())
        self.embed = nn.Linear(1, 1, bias=False)
        self.blocks = nn.ModuleList(nn.Sequential(nn.Linear(1, 1, bias=False), nn.ReLU()) for _ in range(blocks))
        self.head = nn.Linear(1, 1, bias=False)


def layers(given, model: nn.Module | None = None) -> tuple[dict[str, int], int]:
    params = Trained(model=model or Model())
    found, count = layer_of_each(params, given, "here")
    return {
        params.name_of(one).removeprefix("model.").removesuffix(".weight"): index for one, index in found.items()
    }, count


def test_the_longest_list_of_a_model_is_its_layers():
    found, count = layers(None)
    assert found == {"token": 0, "embed": 0, "blocks.0.0": 1, "blocks.1.0": 2, "blocks.2.0": 3}
    assert count == 5
    assert layers(None, nn.Sequential(nn.Linear(1, 1, bias=False), nn.ReLU(), nn.Linear(1, 1, bias=False))) == (
        {"0": 0, "2": 1},
        2,
    )


def test_layers_in_the_order_of_their_names():
    found, count = layers([["model.token", "model.emb*"], "model.blocks", "model.head"])
    assert (found["token"], found["embed"], found["blocks.2.0"], found["head"], count) == (0, 0, 3, 4, 5)
    found, count = layers(["model.embed", ["model.blocks"]])
    assert (found["embed"], found["blocks.0.0"], found["blocks.2.0"], count) == (0, 1, 1, 3)
    assert "head" not in found


@pytest.mark.parametrize(
    ("given", "model", "message"),
    [
        (["model.embd"], None, "here: nothing is called 'model.embd'; did you mean 'model.embed'?"),
        (
            ["model.blocks", "model.blocks.1"],
            None,
            "here: 'model.blocks.1.0.weight' is in two layers, model.blocks.1 and model.blocks.1.0; ",
        ),
        (None, nn.Linear(1, 1), "here: which modules are the layers is not known, the model has no list of them; "),
        (
            None,
            nn.ModuleDict({"a": Model(), "b": Model()}),
            "here: which modules are the layers is not known, there are several lists of 3: model.a.blocks, model.b.bl",
        ),
    ],
)
def test_layers_that_are_not_known_are_told(given, model, message):
    with pytest.raises(RunError) as told:
        layers(given, model)
    assert str(told.value).startswith(message)


@pytest.mark.parametrize("given", ["model.blocks", 3, [4]])
def test_what_is_no_list_of_layers_is_told(given):
    with pytest.raises(TypeError, match=r"^here: "):
        layers(given)
