"""A plugin model with its data: how its plugins are called."""

import numpy as np
import pytest

from lighter.errors import RunError
from lighter.plugins import PluginSystem
from lighter.training.adapters import BatchAdapter, CriterionAdapter, MetricsAdapter
from lighter.training.stages import Mode

DATA = {"train": {"a": 1, "b": 2, "y": 3, "id": [4]}}


def called(*args, **kwargs):
    return args, kwargs


@pytest.mark.parametrize(
    ("data", "adapters", "given"),
    [
        ((1, 2), {}, (("model", 1, 2), {})),
        ({"input": 1}, {}, (("model", 1), {})),
        (DATA["train"], {"batch": BatchAdapter("a", "y")}, (("model", 1, 3), {})),
        (DATA["train"], {"batch": BatchAdapter(["a", "b"], "y")}, (("model", 1, 2, 3), {})),
        (DATA["train"], {"batch": BatchAdapter({"x": "a", "z": "b"})}, (("model",), {"x": 1, "z": 2})),
        ((1, 2), {"fit": CriterionAdapter({"X": "input", "y": "target"})}, (("model",), {"X": 1, "y": 2})),
    ],
)
def test_fit_is_called_with_what_the_data_holds(data, adapters, given):
    assert PluginSystem(fit=called, data={"train": data}, adapters=adapters).fitted("model") == given


def test_a_fit_that_returns_nothing_has_fitted_the_instance():
    assert PluginSystem(fit=lambda *_: None, data={"train": (1, 2)}).fitted("model") == "model"


def test_data_for_predictions_may_lack_the_target():
    adapters = {"batch": BatchAdapter("a", "y", "id")}
    system = PluginSystem(predict=called, data={"predict": {"a": 1, "id": [2]}}, adapters=adapters)
    assert system.parts(Mode.PREDICT) == (1, None, [2])
    assert system.predictions("model", 1) == (("model", 1), {})


def test_what_is_serialized_is_bytes():
    assert PluginSystem(serialize=lambda _: bytearray(b"x")).serialized("model") == b"x"
    with pytest.raises(RunError, match="'serialize' of the plugin model gives a str; let it return bytes"):
        PluginSystem(serialize=str).serialized("model")


def test_a_step_that_is_not_there_is_told():
    with pytest.raises(RunError, match=r"the plugin model has no 'deserialize'; register it with @plugins.deserialize"):
        PluginSystem().deserialized(b"")


def test_metrics_are_called_through_their_adapter():
    system = PluginSystem(adapters={"metrics": MetricsAdapter({"y_true": "target", "y_pred": "pred"})})
    assert system.metrics_adapter(called, 1, 2, 3) == ((), {"y_true": 2, "y_pred": 3})
    assert PluginSystem().metrics_adapter(called, 1, np.float64(2), 3) == ((3, 2), {})
