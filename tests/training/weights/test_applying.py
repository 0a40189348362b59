"""Weights put into a model: what fits is there afterwards, and nothing is silent."""

import logging
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from lighter.config import Config
from lighter.errors import RunError, shown_path
from lighter.training.weights import LoadReport, apply_weights, load_weights
from lighter.training.weights.applying import grouped


def test_all_is_well() -> None:
    assert str(LoadReport("'a.ckpt'", ("a", "b"))) == "weights of 'a.ckpt': loaded 2 of 2 tensors"


def test_all_that_may_be_told() -> None:
    report = LoadReport(
        "'a.ckpt'",
        loaded=("a", "b"),
        missing=("c",),
        unexpected=("x.w", "x.b"),
        other_shape=(("d", (2, 3), (4, 3)), ("e", (), (1,))),
        ignored=("f",),
        converted=("a",),
    )
    assert str(report).splitlines() == [
        "weights of 'a.ckpt': loaded 2 of 5 tensors",
        "  1 missing in the file: c",
        "  2 not in the model: x.w, x.b",
        "  2 of other shape: d (2x3 in the file, 4x3), e (a number in the file, 1)",
        "  1 ignored: f",
        "  1 converted from another dtype: a",
    ]


def test_many_names_are_told_by_their_modules() -> None:
    layers = [f"layer{n}.{part}" for n in range(2) for part in ("a.w", "a.b", "b.w")]
    assert grouped(layers) == "layer0 (3), layer1 (3)"
    assert grouped([*layers, "fc.weight"]) == "layer0 (3), layer1 (3), fc.weight"
    assert grouped([f"model.{name}" for name in layers]) == "model.layer0 (3), model.layer1 (3)"
    assert grouped([f"a.b{n}" for n in range(9)]) == "a (9)"
    assert grouped([f"b{n}" for n in range(9)]) == "b0, b1, b2, b3, b4, b5, ..."
    assert grouped(["a"] * 4) == "a (4)"
    assert grouped(["a.w", "b.w", "c.w"]) == "a.w, b.w, c.w"
    assert grouped([]) == ""


def test_of_many_shapes_the_first_are_told() -> None:
    (line,) = LoadReport("x", other_shape=tuple((f"p{n}", (1,), (2,)) for n in range(9))).rest()
    assert line == "  9 of other shape: p0 (1 in the file, 2), p1 (1 in the file, 2), p2 (1 in the file, 2), ..."


class Net(nn.Module):
    def __init__(self, classes: int = 2) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
        self.head = nn.Linear(3, classes)


def given(prefix: str = "", classes: int = 2, **more: Any) -> dict[str, Tensor]:
    """Weights of such a net, all of them 7."""
    state = {name: torch.full_like(one, 7) for name, one in Net(classes).state_dict().items()}
    return {**{prefix + name: one for name, one in state.items()}, **more}


def loaded(model: nn.Module) -> list[str]:
    return [name for name, one in model.state_dict().items() if bool((one == 7).all())]


BODY = [name for name in Net().state_dict() if name.startswith("body")]
ALL = list(Net().state_dict())
CRITERION: dict[str, Any] = {"criterion.w": torch.ones(1)}
EXTRA: dict[str, Any] = {"extra.w": torch.ones(1)}
NOTHING = """\
weights of a mapping: loaded 0 of 8 tensors
  8 missing in the file: body (6), head (2)
  9 not in the model: model.body (7), model.head (2)
nothing of it is called as a part of the model, and has its shape
did you mean prefix: {model.: ""}?"""


@pytest.mark.parametrize(
    ("weights", "arguments", "names"),
    [
        (given(), {}, ALL),
        (given("model."), {"prefix": {"model.": ""}}, ALL),
        (given("model."), {"prefix": "model"}, ALL),
        (given("model.", **CRITERION), {"prefix": "model"}, ALL),
        (given("x."), {"prefix": {"x.body": "body"}, "ignore": "head"}, BODY),
        (given("_orig_mod."), {}, ALL),
        (given(classes=5), {"ignore": ["head.*"]}, BODY),
        (given(classes=5), {"strict_shape": False}, BODY),
        (given(more=torch.ones(1)), {"ignore": "more"}, ALL),
        (given(more=torch.ones(1)), {"strict": False}, ALL),
        ({name: one for name, one in given().items() if name in BODY}, {"strict": False, "require": "body"}, BODY),
        (
            {name: one for name, one in given().items() if "num_batches" not in name},
            {},
            [n for n in ALL if "num" not in n],
        ),
    ],
)
def test_what_is_loaded(weights: dict[str, Tensor], arguments: dict[str, Any], names: list[str]) -> None:
    model = Net()
    before = {name: one.clone() for name, one in model.state_dict().items()}
    report = apply_weights(model, weights, **arguments)
    assert loaded(model) == list(report.loaded) == names
    assert all(torch.equal(before[name], one) for name, one in model.state_dict().items() if name not in names)


def test_the_account() -> None:
    weights = given(classes=5, **EXTRA)
    weights["body.0.weight"] = weights["body.0.weight"].half()
    del weights["body.1.weight"]
    model = Net()
    report = apply_weights(model, weights, strict=False, strict_shape=False, ignore="body.1.bias")
    assert report.loaded == tuple(name for name in BODY if name not in ("body.1.weight", "body.1.bias"))
    assert report.missing == ("body.1.weight",)
    assert report.unexpected == ("extra.w",)
    assert report.other_shape == (("head.weight", (5, 3), (2, 3)), ("head.bias", (5,), (2,)))
    assert report.ignored == ("body.1.bias",)
    assert report.converted == ("body.0.weight",)
    assert model.state_dict()["body.0.weight"].dtype == torch.float32


@pytest.mark.parametrize(
    ("weights", "arguments", "message"),
    [
        (
            given("model."),
            {},
            NOTHING,
        ),
        (
            given("model."),
            {"strict": False},
            "nothing of it is called as a part of the model, and has its shape\ndid you",
        ),
        (given(), {"prefix": "model"}, "nothing of it is called as a part of the model"),
        ({"body.0.bias": torch.ones(9)}, {"strict": False, "strict_shape": False}, "nothing of it is called"),
        (given(classes=5), {}, "name those of other shape in 'ignore', or write strict_shape: false"),
        (given(extra=torch.ones(1)), {}, "name in 'ignore' what is to stay as it is, or write strict: false"),
        ({"body.0.bias": torch.ones(3)}, {}, "loaded 1 of 8 tensors\n  7 missing in the file: body (5), head (2)\n"),
        (
            given(classes=5),
            {"strict_shape": False, "require": "*.bias"},
            "'require' asks for head.bias, which the file",
        ),
        (given(), {"ignore": "haed"}, "load_weights(ignore): nothing is called 'haed'; did you mean 'head'?"),
        (given(), {"require": "haed"}, "load_weights(require): nothing is called 'haed'; did you mean 'head'?"),
        (given(), {"ignore": "*"}, "nothing of it is called"),
    ],
)
def test_what_does_not_fit_is_told(weights: dict[str, Tensor], arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(RunError) as told:
        apply_weights(Net(), weights, **arguments)
    assert message in str(told.value)


def test_a_prefix_that_would_load_more_is_told_though_some_was_loaded(caplog: pytest.LogCaptureFixture) -> None:
    weights = {**given("model."), "head.bias": torch.full((2,), 7.0)}
    apply_weights(Net(), weights, strict=False)
    assert caplog.messages == ['weights of a mapping: did you mean prefix: {model.: ""}?']


def test_tied_weights_may_be_in_the_file_once() -> None:
    model = nn.ModuleDict({"inner": nn.Linear(2, 2, bias=False), "outer": nn.Linear(2, 2, bias=False)})
    model["outer"].weight = model["inner"].weight
    report = apply_weights(model, {"inner.weight": torch.full((2, 2), 7.0)})
    assert report.missing == ()
    assert loaded(model) == ["inner.weight", "outer.weight"]


@pytest.mark.filterwarnings("ignore:Lazy modules are a new feature")
def test_a_lazy_layer_takes_the_shape_of_the_file() -> None:
    model = nn.LazyLinear(3)
    apply_weights(model, {"weight": torch.full((3, 5), 7.0), "bias": torch.full((3,), 7.0)})
    assert model.weight.shape == (3, 5)


def test_a_module_that_knows_older_names() -> None:
    class Renamed(nn.Linear):
        def _load_from_state_dict(self, state: Any, prefix: str, *rest: Any) -> None:
            state[f"{prefix}weight"] = state.pop(f"{prefix}kernel")
            super()._load_from_state_dict(state, prefix, *rest)

    model = Renamed(1, 1)
    report = apply_weights(model, {"kernel": torch.full((1, 1), 7.0), "bias": torch.full((1,), 7.0)})
    assert sorted(report.loaded) == ["bias", "weight"]
    assert report.unexpected == report.missing == ()


def test_a_compiled_model() -> None:
    model = torch.compile(Net(), backend="eager")
    apply_weights(model, given())  # type: ignore[arg-type]  # a module
    assert [name.removeprefix("_orig_mod.") for name in loaded(model)] == ALL  # type: ignore[arg-type]  # as above


def test_as_a_target_in_a_config(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    torch.save(
        {"state_dict": {"model.weight": torch.full((3, 2), 7.0), "model.bias": torch.ones(3)}}, tmp_path / "w.ckpt"
    )
    (tmp_path / "config.yaml").write_text(f"""
        model:
          _target_: lighter.weights.load_weights
          model: {{_target_: torch.nn.Linear, in_features: 2, out_features: 3}}
          path: {tmp_path / "w.ckpt"}
          prefix: {{model.: ""}}
          ignore: [bias]
    """)
    config = Config.load(tmp_path / "config.yaml")
    assert config.check() == []
    with caplog.at_level(logging.INFO, "lighter"):
        assert loaded(config.resolve("model")) == ["weight"]
    path = shown_path(tmp_path / "w.ckpt")
    assert caplog.messages == [f"weights of '{path}': loaded 1 of 1 tensors\n  1 ignored: bias"]


def test_the_model_is_given_back(tmp_path: Path) -> None:
    model = Net()
    torch.save(given(), tmp_path / "w.pt")
    assert load_weights(model, tmp_path / "w.pt") is model
