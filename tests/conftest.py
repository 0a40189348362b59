"""What holds for all tests."""

import gc
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from lighter.project.importable import unload
from lighter.project.registry import registry

if TYPE_CHECKING:
    from playwright.sync_api import Browser

Write = Callable[[str, str | bytes], Path]

# The models of tests are so small that threads cost them more than they gain; processes they start inherit this.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A shell that starts the suite in the background has it ignore Ctrl-C, which some tests send to what they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# No test asserts a time: a busy machine is no mistake of the code.
settings.register_profile("lighter", deadline=None)
settings.load_profile("lighter")


def pytest_collection_finish() -> None:
    """What is loaded by now stays until the end: no search for garbage goes through it again, which takes long."""
    gc.collect()
    gc.freeze()


BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER_FLAGS = (
    "--no-sandbox",  # which it cannot have as root in a container
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

CODE = """
import torch
from torch import nn
from torch.utils.data import Dataset


class Line(nn.Module):
    def __init__(self, size=2):
        super().__init__()
        self.layer = nn.Linear(size, 1)

    def forward(self, input):
        return self.layer(input)


class Points(Dataset):
    def __init__(self, count, fails_at=None):
        self.inputs = torch.randn(count, 2, generator=torch.Generator().manual_seed(0))
        self.fails_at = fails_at

    def __len__(self):
        return len(self.inputs)

    def __getitem__(self, index):
        if index == self.fails_at:
            raise KeyError("no such point")
        return self.inputs[index], self.inputs[index].sum(0, keepdim=True)
"""

CONFIG = """
project: line
seed: 1
trainer:
  {max_epochs: 2, accelerator: cpu, enable_progress_bar: false, enable_model_summary: false, log_every_n_steps: 1}
system:
  model: {_target_: line.parts.Line}
  criterion: {_target_: torch.nn.MSELoss}
  optimizer: {_target_: torch.optim.SGD, lr: 0.1}
  metrics:
    val: {error: {_target_: torchmetrics.MeanAbsoluteError}}
    test: "%system::metrics::val"
  dataloaders:
    train: {_target_: torch.utils.data.DataLoader, dataset: {_target_: line.parts.Points, count: 12}, batch_size: 4}
    val: {_target_: torch.utils.data.DataLoader, dataset: {_target_: line.parts.Points, count: 6}, batch_size: 4}
    test: {_target_: torch.utils.data.DataLoader, dataset: {_target_: line.parts.Points, count: 5}, batch_size: 4}
    predict: "@system::dataloaders::test"
"""


# A project whose plugins fit a line through points, without scikit-learn.
PLUGINS = """
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
PLUGIN_CONFIG = """
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


def _torchrun(ranks: int) -> list[dict[str, str]]:
    """What torchrun tells each of its processes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    told = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "TORCHELASTIC_RUN_ID": "none", "GROUP_RANK": "0"}
    sizes = {"WORLD_SIZE": str(ranks), "LOCAL_WORLD_SIZE": str(ranks)}
    return [{**told, **sizes, "RANK": str(rank), "LOCAL_RANK": str(rank)} for rank in range(ranks)]


@pytest.fixture(scope="session")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., subprocess.CompletedProcess[str]]]:
    """Runs `python WORDS` as a shell would, but in a fork of a process that has torch and Lightning loaded: `warm.py`.

    With several `ranks`, as many processes as torchrun would start. `merged`: stderr goes where stdout goes, in order.
    """
    command = [sys.executable, str(Path(__file__).with_name("warm.py"))]
    outputs = tmp_path_factory.mktemp("warm")
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        questions, answers = process.stdin, process.stdout
        assert questions is not None
        assert answers is not None

        def run(*words: object, folder: Path, ranks: int = 1, merged: bool = False) -> subprocess.CompletedProcess[str]:
            names = ("both", "both") if merged else ("stdout", "stderr")
            files = [[str(outputs / f"{name}{rank}") for name in names] for rank in range(ranks)]
            args = [*map(str, words)]
            shared = {"words": args, "folder": str(folder)}
            places = _torchrun(ranks) if ranks > 1 else [{}]
            several = [
                {**shared, "outputs": own, "environment": {**os.environ, "COLUMNS": "120", **place}}
                for own, place in zip(files, places, strict=True)
            ]
            print(json.dumps(several), file=questions, flush=True)
            status = int(answers.readline())
            said = ["".join(Path(own[at]).read_text(encoding="utf-8") for own in files) for at in (0, 1)]
            return subprocess.CompletedProcess(args, status, said[0], "" if merged else said[1])

        yield run
        questions.close()


@pytest.fixture(autouse=True)
def _path() -> Iterator[None]:
    """What a project's files put on `sys.path` in a test is gone after it."""
    before = sys.path[:]
    yield
    sys.path[:] = before


@pytest.fixture(autouse=True)
def _loader_classes() -> Iterator[None]:
    """The classes of loaders are as they were: Lightning leaves them wrapped where a hook that makes loaders raises."""
    yield
    data = sys.modules.get("torch.utils.data")
    pending = [data.DataLoader, data.BatchSampler] if data is not None else []
    for kind in pending:
        pending.extend(kind.__subclasses__())
        for name in ("__init__", "__setattr__", "__delattr__"):
            if f"__old{name}" in vars(kind):
                setattr(kind, name, vars(kind)[f"__old{name}"])
                delattr(kind, f"__old{name}")


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with the smallest project and its `config.yaml`."""
    (tmp_path / "line").mkdir()
    (tmp_path / "line" / "parts.py").write_text(CODE, encoding="utf-8")
    (tmp_path / "config.yaml").write_text(CONFIG, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Write]:
    """Work in an empty folder whose modules can be imported, and write files there: `write("a.yaml", "x: 1")`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)

    def _write(name: str, text: str | bytes) -> Path:
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    unload()
    yield _write
    unload()
    for name, module in list(sys.modules.items()):
        held = getattr(module, "__dict__", {})  # attributes of some modules are code that raises
        if str(tmp_path) in f"{held.get('__file__')} {held.get('__path__')}":
            del sys.modules[name]


@pytest.fixture
def plugin_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder to work in, with a project of plugins and its `config.yaml`; what they register is gone after it."""
    (tmp_path / "line").mkdir()
    (tmp_path / "line" / "plugins.py").write_text(PLUGINS, encoding="utf-8")
    (tmp_path / "config.yaml").write_text(PLUGIN_CONFIG, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    before = dict(registry._known)
    yield tmp_path
    registry._known.clear()
    registry._known.update(before)


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """One browser for all tests here. It is closed with them: its event loop would be in the way of other tests'."""
    from playwright.sync_api import sync_playwright

    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        told = f"no browser is found: install chromium, or name one with CHROMIUM (looked for {', '.join(BROWSERS)})"
        if os.environ.get("LIGHTER_NEEDS_BROWSER"):
            pytest.fail(told)
        pytest.skip(told)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=BROWSER_FLAGS)
        yield browser
        browser.close()
