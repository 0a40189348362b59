"""Parameter groups: who is in which, what it says, and what is told of those that cannot be."""

import pytest
import torch
from torch import nn
from torch.optim import SGD, AdamW

from lighter.errors import RunError
from lighter.training.optimizers.building import build_optimizer
from lighter.training.optimizers.parameter_groups import described, grouped
from lighter.training.optimizers.selecting import Trained


class Model(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
        self.norm = nn.LayerNorm(2)
        self.head = nn.Linear(2, 1)


NO_DECAY = {"names": "*.bias", "types": "LayerNorm", "weight_decay": 0.0}
HEAD = {"names": "model.head", "lr": 0.5}


def built(said, model: nn.Module | None = None, kind=AdamW, **options):
    parameters = Trained(model=model or Model())
    return build_optimizer(
        lambda params: kind(grouped(params, **said), **{"lr": 1.0, **options}), parameters
    ), parameters


def table(said, **options) -> dict[str, tuple[list[str], float, float]]:
    """The parameters, the rate and the weight decay of each group by name."""
    optimizer, parameters = built(said, **options)
    return {
        group.get("name", ""): (
            [parameters.name_of(one).removeprefix("model.") for one in group["params"]],
            group["lr"],
            group["weight_decay"],
        )
        for group in optimizer.param_groups
    }


def test_without_groups_there_is_one():
    assert table({"names": "model.head"}) == {"": (["head.weight", "head.bias"], 1.0, 0.01)}
    (group,) = built({})[0].param_groups
    assert len(group["params"]) == 8
    assert "name" not in group
    assert "lr_scale" not in group


def test_a_parameter_of_two_groups_has_what_both_say():
    found = table({"groups": {"no_decay": NO_DECAY, "head": HEAD}})
    assert list(found) == ["rest", "no_decay", "no_decay+head", "head"]
    assert found == {
        "rest": (["blocks.0.weight", "blocks.1.weight"], 1.0, 0.01),
        "no_decay": (["blocks.0.bias", "blocks.1.bias", "norm.weight", "norm.bias"], 1.0, 0.0),
        "no_decay+head": (["head.bias"], 0.5, 0.0),
        "head": (["head.weight"], 0.5, 0.01),
    }


def test_a_group_of_all_leaves_no_rest():
    assert list(table({"groups": {"all": {"names": "model"}}})) == ["all"]


def test_what_is_frozen_is_in_no_group_and_no_mistake():
    model = Model()
    model.head.requires_grad_(False)
    assert list(table({"groups": {"head": HEAD}}, model=model)) == ["rest"]
    with pytest.raises(
        RunError, match="optimizer::params: no parameter is left to train; those that are meant are fro"
    ):
        built({"names": "model.head"}, model)


def test_each_layer_learns_more_slowly_than_the_one_above():
    found = table({"layer_decay": 0.5, "groups": {"head": HEAD}})
    assert list(found) == ["rest/layer0", "rest/layer1", "rest/layer2", "head/layer2"]
    assert {name: rate for name, (_, rate, _) in found.items()} == {
        "rest/layer0": 0.25,
        "rest/layer1": 0.5,
        "rest/layer2": 1.0,
        "head/layer2": 0.5,
    }
    found = table({"layer_decay": 0.5, "layers": ["model.norm"]})
    assert {name: rate for name, (_, rate, _) in found.items()} == {"layer0": 0.5, "layer1": 1.0}


def test_a_rate_that_is_a_tensor_is_scaled_too():
    rate = torch.tensor(1.0)
    optimizer, _ = built({"layer_decay": 0.5}, lr=rate, capturable=False, foreach=False)
    assert [float(group["lr"]) for group in optimizer.param_groups] == [0.25, 0.5, 1.0]
    assert float(rate) == 1


def test_the_rest_is_what_the_optimizers_before_have_left():
    parameters = Trained(model=Model())
    first = grouped(parameters, names="model.blocks", dimensions=2)
    second = grouped(parameters, rest=True)
    assert [len(group["params"]) for group in (*first, *second)] == [2, 6]
    with pytest.raises(RunError, match="no parameter is left to train"):
        grouped(parameters, rest=True)


@pytest.mark.parametrize(
    ("said", "error", "message"),
    [
        ({"names": "model.hed"}, RunError, "optimizer::params(names): nothing is called 'model.hed'; did you mean"),
        (
            {"groups": {"head": {**HEAD, "names": "head"}}},
            RunError,
            "optimizer::params::groups::head(names): nothing is called 'head'; did you mean 'model.head'?",
        ),
        (
            {"groups": {"bias": {"names": "*.bias", "lr": 0.1}, "head": HEAD}},
            RunError,
            "optimizer::params::groups: 'model.head.bias' is in 'bias' with lr 0.1 and in 'head' with lr 0.5; leave it",
        ),
        (
            {"groups": {"head": {"names": "model.head", "weight_deacy": 0}}},
            RunError,
            "optimizer::params::groups: AdamW knows no 'weight_deacy', which 'head' sets; did you mean 'weight_decay'?",
        ),
        (
            {"groups": {"head": {"names": "model.head", "momentum": 0}}},
            RunError,
            "optimizer::params::groups: AdamW knows no 'momentum', which 'head' sets; it knows lr, betas",
        ),
        (
            {"groups": {"head": {"lr": 1}}},
            RunError,
            "optimizer::params::groups::head: which parameters are meant is not said; write one of names, except_names",
        ),
        (
            {"groups": {"head": {"names": "model.head", "params": []}}},
            RunError,
            "optimizer::params::groups::head: a group has no 'params'; it may hold names, ",
        ),
        (
            {"groups": {"head": "model.head"}},
            TypeError,
            "optimizer::params::groups::head: a mapping is wanted, as in {",
        ),
        ({"layers": ["model.head"]}, RunError, "optimizer::params: 'layers' without 'layer_decay'; write layer_decay"),
        (
            {"layer_decay": 0.5, "layers": ["model.hed"]},
            RunError,
            "optimizer::params::layers: nothing is called 'model.hed'; did you mean 'model.head'?",
        ),
    ],
)
def test_what_cannot_be_is_told(said, error, message):
    with pytest.raises(error) as told:
        built(said)
    assert str(told.value).startswith(message)


def test_an_optimizer_of_ones_own_may_know_more_than_it_says():
    class Mine(SGD):
        pass

    groups = {"head": {"names": "model.head", "uses_newton": True}}
    assert built({"groups": groups}, kind=Mine)[0].param_groups[1]["uses_newton"]
    with pytest.raises(RunError, match="Mine knows no 'momentm', which 'head' sets; did you mean 'momentum'"):
        built({"groups": {"head": {"names": "model.head", "momentm": 1}}}, kind=Mine)


def test_groups_need_what_the_system_gives():
    with pytest.raises(TypeError, match="params: the parameters as the System gives them are wanted, not list"):
        grouped([nn.Parameter(torch.zeros(1))])  # type: ignore[arg-type]  # what is tested


def test_what_is_said_of_groups():
    optimizer, _ = built({"groups": {"head": HEAD}})
    assert described([optimizer]) == ("rest: 6 parameters (16 numbers) at 1; head: 2 parameters (3 numbers) at 0.5")
    assert described([built({})[0]]) == ""


def test_one_step_with_groups_is_one_step_with_groups_of_torch():
    torch.manual_seed(0)
    one, other = Model(), Model()
    other.load_state_dict(one.state_dict())
    ours = built({"groups": {"no_decay": NO_DECAY, "head": HEAD}}, one)[0]
    low = [*other.norm.parameters(), other.blocks[0].bias, other.blocks[1].bias]
    theirs = AdamW(
        [
            {"params": [other.blocks[0].weight, other.blocks[1].weight]},
            {"params": low, "weight_decay": 0.0},
            {"params": [other.head.weight], "lr": 0.5},
            {"params": [other.head.bias], "lr": 0.5, "weight_decay": 0.0},
        ],
        lr=1.0,
    )
    for model, optimizer in ((one, ours), (other, theirs)):
        model.head(model.norm(model.blocks(torch.ones(1, 2)))).sum().backward()
        optimizer.step()
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))
    assert bool(one.head.weight.detach().isfinite().all())
