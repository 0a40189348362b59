"""A project whose plugins fit a line through points, without scikit-learn."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lighter.project.registry import registry

CODE = """
import json

import numpy as np
from lighter import plugins


@plugins.data_access("points", state_cb_arg_name="tell")
def points(count, tell, first=0):
    tell({"progress": 1.0, "count": count})
    x = np.arange(first, first + count, dtype=np.float64)
    return {"x": x, "y": 2 * x + 1, "name": [f"p{int(one)}" for one in x]}


@plugins.instantiate("line.Line")
def line(degree=1):
    return {"degree": degree}


@plugins.fit(["line.Line"], state_cb_arg_name="tell", instance_arg_name="instance")
def fit(x, y, tell, instance, weight=1.0):
    tell({"progress": 0.5, "weight": weight})
    instance["found"] = np.polyfit(x, y, instance["degree"], w=np.full(len(x), weight)).tolist()


@plugins.predict(["line.Line"])
def predict(instance, x, shift=0.0):
    return np.polyval(instance["found"], x) + shift


@plugins.serialize(["line.Line"])
def serialize(instance):
    return json.dumps(instance).encode()


@plugins.deserialize(["line.Line"])
def deserialize(content):
    return json.loads(content)
"""
CONFIG = """
project: line
plugins: {names: [line.plugins]}
seed: 1
system:
  _target_: lighter.plugins.PluginSystem
  model: {_target_: instantiate/line.Line, degree: 1}
  adapters:
    batch: {input: x, target: y, identifier: name}
  data:
    train: {_target_: data_access/points, count: 8}
    val: {_target_: data_access/points, count: 4, first: 8}
    test: {_target_: data_access/points, count: 5, first: 20}
    predict: "%system::data::test"
  metrics:
    val: {error: {_target_: torchmetrics.MeanAbsoluteError}}
    test: {error: {_target_: torchmetrics.MeanAbsoluteError}, largest: "$lambda pred, target: abs(pred - target).max()"}
"""


@pytest.fixture(autouse=True)
def _registry() -> Iterator[None]:
    before = dict(registry._known)
    yield
    registry._known.clear()
    registry._known.update(before)


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with the project and its `config.yaml`."""
    (tmp_path / "line").mkdir()
    (tmp_path / "line" / "plugins.py").write_text(CODE, encoding="utf-8")
    (tmp_path / "config.yaml").write_text(CONFIG, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path
