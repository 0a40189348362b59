"""What a step would call in vain is told before anything is built."""

import pytest

from lighter.config import Config

PARTS = """
import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x): return x
class Bare(nn.Module): ...
class Misspelt(nn.Module):
    def foward(self, x): return x
class Below(Net): ...
class InInit(nn.Module):
    def __init__(self):
        super().__init__()
        self.forward = lambda x: x
class ByName(nn.Module):
    def __init__(self):
        super().__init__()
        setattr(self, "forward", lambda x: x)
class InInner(nn.Module):
    def __init__(self):
        super().__init__()
        def inner(): self.forward = print
        inner()
def use(module, function):
    module.forward = function
class Helped(nn.Module):
    def __init__(self):
        super().__init__()
        use(self, self.run)
    def run(self, x): return x
class ByVars(nn.Module):
    def __init__(self):
        super(ByVars, self).__init__()
        vars(self).update(forward=self.run)
    def run(self, x): return x
class Kept(nn.Module):
    def __init__(self):
        nn.Module.__init__(self)
        self.width = len(self.children.__name__) if isinstance(self, nn.Module) else 0
class Called(nn.Module):
    def __call__(self, x): return x
class Plain:
    def __call__(self, guess, truth): return guess
class NoCall: ...
class Anything:
    def __new__(cls): return print
class Meta(type):
    def __call__(cls): return print
class ByMeta(metaclass=Meta): ...
class Loss(nn.Module):
    def forward(self, output, *, label, weight=None): return output
class Loose(nn.Module):
    def forward(self, *args, **kwargs): return args[0]
def loss(pred, target, margin): return pred
def make_loss(): return loss
"""


@pytest.fixture(autouse=True)
def parts(write):
    write("proj/parts.py", PARTS)


def at(name, **more):
    return {"_target_": name if "." in name else f"proj.parts.{name}", **more}


def told(stage="fit", **system):
    config = {"project": "proj", "system": {"model": at("Net"), "criterion": None, "optimizer": None, **system}}
    return [(p.place, p.what, p.help) for p in Config.load(config).check_calls(stage)]


@pytest.mark.parametrize(
    ("name", "what", "help"),
    [
        ("Bare", "proj.parts.Bare has no 'forward'", "define 'forward' in the class"),
        ("Kept", "proj.parts.Kept has no 'forward'", "define 'forward' in the class"),
        ("Misspelt", "proj.parts.Misspelt has no 'forward'", "is 'foward' meant to be it? Name it 'forward'"),
        ("NoCall", "proj.parts.NoCall has no '__call__'", "define '__call__' in the class"),
        ("torch.nn.ModuleList", "torch.nn.ModuleList has no 'forward'", "define 'forward' in the class"),
    ],
)
@pytest.mark.parametrize("place", ["model", "criterion"])
def test_a_class_without_a_forward_is_told(place, name, what, help):
    assert told(**{place: at(name)}) == [
        (f"system::{place}::_target_", f"{what}, which is called with each batch", help)
    ]


@pytest.mark.parametrize(
    "name",
    [
        "Net",
        "Below",
        "InInit",
        "ByName",
        "InInner",
        "Helped",
        "ByVars",
        "Called",
        "Plain",
        "Anything",
        "ByMeta",
        "make_loss",
    ],
)
def test_what_may_be_callable_is_not(name):
    assert told(model=at(name), criterion=at(name)) == []


def test_a_model_that_only_an_inferer_calls_is_not():
    assert told("predict", model=at("Bare"), inferer=at("make_loss")) == []
    assert told(model={"_target_": "proj.parts.Net", "_mode_": "callable"})[0][0] == "system::model::_mode_"


def test_a_model_of_somebody_elses_system_is_not():
    own = {"project": "proj", "system": {"_target_": "proj.parts.make_loss", "model": at("Bare")}}
    assert not [p for p in Config.load(own).check_calls("fit") if "forward" in p.what]


@pytest.mark.parametrize("below", [(), ("train",), ("val",)])
@pytest.mark.parametrize(
    ("criterion", "arguments", "problems"),
    [
        (at("Loss"), {"output": "pred", "label": "target"}, []),
        (at("Loose"), {"any": "pred"}, []),
        (at("Loose"), {"any": {"of": "input", "part": 0}}, []),
        (at("make_loss"), {"any": "pred"}, []),
        (at("Plain"), {"guess": "pred", "truth": "target"}, []),
        (at("loss", _mode_="callable", margin=1), {"pred": "pred", "target": "target"}, []),
        (at("Loss"), ["pred", "target"], []),
        (at("Loss"), {"output": "pred", "labels": "target"}, [("::labels", "Loss.forward takes no argument 'labels'")]),
        (at("Loss"), {"output": "pred"}, [("", "Loss.forward needs the argument 'label'")]),
        (at("Plain"), {0: "pred", "true": "target"}, [("::true", "Plain takes no argument 'true'")]),
        (at("Plain"), {"guess": "pred", "true": "target"}, [("::true", "Plain takes no argument 'true'")]),
        (
            at("loss", _mode_="callable", margin=1),
            {"pred": "pred", "tagret": "target"},
            [("::tagret", "loss takes no argument 'tagret'")],
        ),
        (
            at("torch.nn.CrossEntropyLoss"),
            {"input": "pred", "targets": "target"},
            [("::targets", "torch.nn.CrossEntropyLoss.forward takes no argument 'targets'")],
        ),
    ],
)
def test_what_an_adapter_gives_is_held_against_the_criterion(below, criterion, arguments, problems):
    adapters = {"criterion": {"arguments": arguments}}
    place = "::".join(("system::adapters", *below, "criterion::arguments"))
    found = told(criterion=criterion, adapters={below[0]: adapters} if below else adapters)
    assert [(at, what) for at, what, _ in found] == [
        (place + key, what if what.startswith("torch") else f"proj.parts.{what}") for key, what in problems
    ]


def test_the_nearest_argument_is_named():
    adapters = {"criterion": {"arguments": {"output": "pred", "labels": "target"}}}
    assert told(criterion=at("Loss"), adapters=adapters)[0][2] == "did you mean 'label'?"


@pytest.mark.parametrize(
    ("own", "problems"),
    [
        ({"mae": {"arguments": ["pred"]}, "size": {"mse": {}, "transforms": {}}}, []),
        ({"mea": {}}, [("::mea", "there is no metric 'mea'", "did you mean 'mae'?")]),
        ({"argments": ["pred"]}, [("::argments", "there is no metric 'argments'", "did you mean 'arguments'?")]),
        ({"sise": {}}, [("::sise", "there is no metric 'sise'", "did you mean 'size'?")]),
        ({"size": {"mes": {}}}, [("::size::mes", "there is no metric 'size/mes'", "did you mean 'size/mse'?")]),
    ],
)
@pytest.mark.parametrize("below", [(), ("val",)])
def test_an_adapter_for_a_metric_names_one(below, own, problems):
    metric = at("torchmetrics.MeanSquaredError")
    adapters = {"metrics": {"arguments": ["pred", "target"], **own}}
    place = "::".join(("system::adapters", *below, "metrics"))
    given = {"adapters": {below[0]: adapters} if below else adapters}
    found = told(metrics={"val": {"mae": metric, "size": {"mse": metric}}, "test": {"mae": metric}}, **given)
    assert found == [(place + key, *rest) for key, *rest in problems]
    assert told(metrics={"val": [metric]}, **given) == []


def test_an_argument_is_a_part_of_what_a_step_has():
    adapters = {
        "metrics": {"mae": {"arguments": ["pred", "prd::x"]}},
        "criterion": {"arguments": {"output": "pred", "label": {"of": "traget"}}},
    }
    found = told(
        criterion=at("Loss"), metrics={"val": {"mae": at("torchmetrics.MeanAbsoluteError")}}, adapters=adapters
    )
    assert found == [
        ("system::adapters::criterion::arguments::label::of", "a step has no 'traget'", "did you mean 'target'?"),
        ("system::adapters::metrics::mae::arguments::1", "a step has no 'prd'", "did you mean 'pred'?"),
    ]
