"""Parameters by name, by the type of their module, by their number of dimensions."""

import pytest
import torch
from torch import nn

from lighter.errors import RunError
from lighter.training.optimizers.selecting import Trained, counted, selected


class Norm(nn.LayerNorm):
    pass


def params() -> Trained:
    model = nn.ModuleDict(
        {"body": nn.Sequential(nn.Linear(2, 2), Norm(2), nn.BatchNorm1d(2)), "head": nn.Linear(2, 1, bias=False)}
    )
    return Trained(model=model, criterion=nn.Bilinear(1, 1, 1), metric=len)


def names(given: Trained, **said) -> list[str]:
    found = selected(given, said, "here")
    return [name.removeprefix("model.") for name, one in given.names.items() if one in found]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ({"names": "model.head"}, ["head.weight"]),
        ({"names": ["model.head", "*.2.bias"]}, ["body.2.bias", "head.weight"]),
        ({"types": "LayerNorm"}, ["body.1.weight", "body.1.bias"]),
        ({"types": "torch.nn.LayerNorm"}, ["body.1.weight", "body.1.bias"]),
        ({"types": nn.LayerNorm}, ["body.1.weight", "body.1.bias"]),
        ({"types": "*Norm*"}, ["body.1.weight", "body.1.bias", "body.2.weight", "body.2.bias"]),
        ({"types": ["Norm", nn.BatchNorm1d]}, ["body.1.weight", "body.1.bias", "body.2.weight", "body.2.bias"]),
        ({"types": "Norm", "names": "model.head"}, ["body.1.weight", "body.1.bias", "head.weight"]),
        ({"dimensions": 2}, ["body.0.weight", "head.weight"]),
        ({"dimensions": [2, 3], "except_names": "model.head"}, ["body.0.weight", "criterion.weight"]),
        ({"names": "model.body", "dimensions": 2}, ["body.0.weight"]),
        ({"except_names": ["model.body", "criterion"]}, ["head.weight"]),
    ],
)
def test_what_is_meant(said, meant):
    assert names(params(), **said) == meant


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"names": "model.haed"}, "here(names): nothing is called 'model.haed'; did you mean 'model.head'?"),
        ({"except_names": "head"}, "here(except_names): nothing is called 'head'; did you mean 'model.head'?"),
        ({"types": "LayerNrm"}, "here(types): no module with parameters is a 'LayerNrm'; did you mean 'LayerNorm'?"),
        (
            {"types": nn.Conv2d},
            "here(types): no module with parameters is a 'Conv2d'; there are Linear, Norm, LayerNorm",
        ),
        ({"types": "tests.LayerNorm"}, "here(types): no module with parameters is a 'tests.LayerNorm'; "),
        ({"names": "model", "dimensions": 5}, "here: no parameter is meant by all of names, dimensions together"),
    ],
)
def test_what_means_nothing_is_told(said, message):
    with pytest.raises(RunError) as told:
        selected(params(), said, "here")
    assert str(told.value).startswith(message)


@pytest.mark.parametrize(
    "said", [{"names": 1}, {"types": 1}, {"types": [None]}, {"dimensions": "2"}, {"dimensions": [True]}]
)
def test_what_cannot_mean_anything_is_told(said):
    with pytest.raises(TypeError, match=r"^here\(\w+\): "):
        selected(params(), said, "here")


def test_what_is_trained_and_what_has_a_name():
    model = nn.ModuleDict({"one": nn.Linear(1, 1), "two": nn.Linear(1, 1)})
    model["two"].weight = model["one"].weight
    model["one"].bias.requires_grad_(False)
    found = Trained(model=model)
    assert [found.name_of(one) for one in found] == ["model.one.weight", "model.two.bias"]
    assert list(found.names) == ["model.one.weight", "model.one.bias", "model.two.weight", "model.two.bias"]
    assert selected(found, {"names": "model.two.weight"}, "here") == {model["one"].weight}
    assert selected(found, {"names": "*.one.bias"}, "here") == {model["one"].bias}


def test_a_compiled_model_has_the_names_of_its_own():
    model = torch.compile(nn.Linear(1, 1), backend="eager")
    assert list(Trained(model=model).names) == ["model.weight", "model.bias"]


def test_of_flat_parameters_nobody_knows_the_dimensions():
    model = nn.Module()
    model.add_module("_fsdp_wrapped_module", nn.Linear(1, 1))
    given = Trained(model=model)
    assert names(given, names="model.bias") == ["bias"]
    with pytest.raises(RunError, match="FSDP has made the parameters flat; say them by names or types"):
        names(given, dimensions=1)


def test_of_lazy_layers_nobody_knows_the_dimensions_yet():
    given = Trained(model=nn.Sequential(nn.LazyLinear(2), nn.Linear(2, 2)))
    assert names(given, types="Linear") == ["0.weight", "0.bias", "1.weight", "1.bias"]
    assert counted(given) == "4 parameters (6 numbers, and 2 of lazy layers)"
    with pytest.raises(RunError) as told:
        names(given, dimensions=1)
    assert str(told.value) == (
        "here(dimensions): 'model.0.weight' is of a lazy layer, whose dimensions are known only after its first batch; "
        "say it by names or types, or give the layer its sizes"
    )
