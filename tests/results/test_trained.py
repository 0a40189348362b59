import gc
import os
import subprocess
import sys
import weakref
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import lighter
from lighter import Config, ConfigError, Runner
from lighter.errors import RunError
from lighter.results.trained import has_model, put_weights, run_at, trained_checkpoint
from lighter.runs.folder import RunDirectory

QUIET = {
    "max_epochs": 1,
    "accelerator": "cpu",
    "enable_progress_bar": False,
    "enable_model_summary": False,
    "log_every_n_steps": 1,
}

MODULE = """
import pytorch_lightning as pl
import torch
from torch import nn


class Module(pl.LightningModule):
    def __init__(self, size):
        super().__init__()
        self.size = size

    def configure_model(self):
        if not hasattr(self, "layer"):
            self.layer = nn.Linear(self.size, 1)

    def on_save_checkpoint(self, checkpoint):
        checkpoint["note"] = "a"

    def on_load_checkpoint(self, checkpoint):
        self.note = checkpoint["note"]

    def training_step(self, batch, batch_idx):
        return self.layer(batch[0]).square().mean()

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1)


class State(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(2, 1)
        self.seen = 0

    def forward(self, input):
        self.seen += self.training
        return self.layer(input)

    def get_extra_state(self):
        return {"seen": self.seen}

    def set_extra_state(self, state):
        self.seen = state["seen"]
"""


@pytest.fixture
def run(line: Path) -> RunDirectory:
    return Runner("config.yaml").fit().run


def weights(run: RunDirectory, name: str = "best") -> Any:
    return torch.load(run.checkpoints / f"{name}.ckpt", weights_only=True)["state_dict"]


def test_the_trained_model_is_had_in_one_line(run: RunDirectory) -> None:
    for name in ("best", "last"):
        model = lighter.load(run.path, name)
        assert type(model).__name__ == "Line"
        assert not any(module.training for module in model.modules())
        assert all(torch.equal(model.state_dict()[key[6:]], value) for key, value in weights(run, name).items())
    assert not torch.equal(weights(run)["model.layer.weight"], torch.zeros(1, 2))


def test_nothing_but_the_model_is_built(line: Path) -> None:
    run = Runner("config.yaml").fit().run
    text = (run.path / "config.yaml").read_text()
    assert "torch.utils.data.DataLoader" in text
    for name in ("torch.utils.data.DataLoader", "line.parts.Points", "torch.optim.SGD", "torch.nn.MSELoss"):
        text = text.replace(name, "no.such.thing")
    (run.path / "config.yaml").write_text(text)
    assert type(lighter.load(run.path)).__name__ == "Line"


def test_from_another_folder_and_process(run: RunDirectory, tmp_path_factory: pytest.TempPathFactory) -> None:
    code = (
        "import sys, lighter; assert 'torch' not in sys.modules\n"
        f"model = lighter.load({str(run.path.absolute())!r})\n"
        "import copy, pickle; copy.deepcopy(model); print(pickle.loads(pickle.dumps(model)))"
    )
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=elsewhere, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Line(")
    assert done.stderr == ""


def test_a_checkpoint_may_be_a_path(run: RunDirectory) -> None:
    other = run.checkpoints / "other.ckpt"
    torch.save({"state_dict": {name: value + 1 for name, value in weights(run).items()}}, other)
    for path in (other, str(other), "other.ckpt"):
        model = lighter.load(run.path / "config.yaml", path)
        assert torch.equal(model.state_dict()["layer.bias"], weights(run)["model.layer.bias"] + 1)


def test_the_project_can_be_imported_while_the_model_lives(run: RunDirectory) -> None:
    model = lighter.load(run.path)
    assert "line" in sys.modules
    last = weakref.ref(model)
    del model
    gc.collect()
    assert last() is None
    assert "line" not in sys.modules


def test_a_model_that_nobody_has_any_more_is_gone_at_once(run: RunDirectory) -> None:
    first = lighter.load(run.path)  # what is imported for it keeps frames until garbage is collected
    last = weakref.ref(lighter.load(run.path))
    assert (first is not None, last()) == (True, None)


def test_two_runs_of_a_project_whose_code_has_changed(run: RunDirectory, line: Path) -> None:
    old = run.path
    code = (line / "line" / "parts.py").read_text()
    (line / "line" / "parts.py").write_text(code.replace("Linear(size, 1)", "Linear(size, 1, bias=False)"))
    new = Runner("config.yaml", "seed=2").fit().run
    model = lighter.load(new.path)
    assert model.state_dict().keys() == {"layer.weight"}
    with pytest.raises(RuntimeError, match=r"layer\.bias") as caught:
        lighter.load(old)
    assert "is the code of the model another since the run?" in caught.value.__notes__[0]
    del model, caught
    gc.collect()
    (line / "line" / "parts.py").write_text(code)
    assert lighter.load(old).state_dict().keys() == {"layer.weight", "layer.bias"}


def test_code_that_has_changed_while_a_model_lives_is_told(
    run: RunDirectory, line: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first = lighter.load(run.path)
    again = lighter.load(run.path)
    assert type(first) is type(again)
    assert caplog.text == ""
    with (line / "line" / "parts.py").open("a") as file:
        file.write("\nMORE = 1\n")
    lighter.load(run.path)
    assert "the model is built from the code of '" in caplog.text
    assert "as it was when it was first loaded here" in caplog.text


def test_a_lightning_module_is_the_model_itself(line: Path) -> None:
    (line / "line" / "module.py").write_text(MODULE)
    config = {
        "project": "line",
        "trainer": QUIET,
        "system": {"_target_": "line.module.Module", "size": 2},
        "args": {"fit": {"train_dataloaders": "$torch.utils.data.DataLoader(torch.ones(2, 1, 2))"}},
    }
    run = Runner(config).fit().run
    model: Any = lighter.load(run.path)
    assert type(model).__name__ == "Module"
    assert torch.equal(model.layer.weight, weights(run, "last")["layer.weight"])
    assert (model.note, model.training) == ("a", False)


def test_state_beside_the_tensors_is_loaded_as_well(line: Path) -> None:
    (line / "line" / "module.py").write_text(MODULE)
    run = Runner("config.yaml", "system::model::_target_=line.module.State").fit().run
    assert lighter.load(run.path).seen == 6  # type: ignore[comparison-overlap]  # three batches in two epochs


def test_a_model_that_is_compiled_by_config_or_system(run: RunDirectory) -> None:
    text = (run.path / "config.yaml").read_text()
    wrapped = "{_target_: torch.compile, backend: eager, model: {_target_: line.parts.Line}}"
    (run.path / "config.yaml").write_text(text.replace("\n    _target_: line.parts.Line", f" {wrapped}"))
    model = lighter.load(run.path)
    assert type(model).__name__ == "OptimizedModule"
    assert torch.equal(model.state_dict()["_orig_mod.layer.bias"], weights(run)["model.layer.bias"])


def test_the_weights_keep_their_precision(run: RunDirectory) -> None:
    state = {name: value.double() / 3 for name, value in weights(run).items()}
    torch.save({"state_dict": state}, "double.ckpt")
    model = lighter.load(run.path, "double.ckpt")
    assert torch.equal(model.state_dict()["layer.bias"], state["model.layer.bias"])


def test_a_device_may_be_named(run: RunDirectory) -> None:
    assert next(lighter.load(run.path, device="meta").parameters()).is_meta


@pytest.mark.parametrize("target", ["lighter.load_weights", "lighter.weights.load_weights"])
def test_weights_to_start_from_need_not_be_there_any_more(line: Path, target: str) -> None:
    torch.save({"layer.weight": torch.ones(1, 2), "layer.bias": torch.ones(1)}, "start.pt")
    model = {"_target_": target, "model": {"_target_": "line.parts.Line"}, "path": "start.pt"}
    run = Runner("config.yaml", {"system": {"=model": model}}).fit().run
    Path("start.pt").unlink()
    assert torch.equal(lighter.load(run.path).state_dict()["layer.bias"], weights(run)["model.layer.bias"])


def test_of_a_run_that_one_does_not_trust(run: RunDirectory) -> None:
    with pytest.raises(ConfigError, match=r"line\.parts\.Line"):
        lighter.load(run.path, allow="torch")
    assert type(lighter.load(run.path, allow=["torch", "line"])).__name__ == "Line"


def test_the_record_of_a_run_that_one_does_not_trust_leads_to_no_file_elsewhere(run: RunDirectory) -> None:
    kept = run.kept
    assert kept is not None
    elsewhere = kept.rename(run.path.parent / "elsewhere.ckpt")
    run.record("checkpoints", {"best": f"../{elsewhere.name}"})
    assert lighter.load(run.path) is not None
    for ask in (
        lambda: lighter.load(run.path, allow=["torch", "line"]),
        lambda: lighter.export(Config.load(run.path, allow=["torch", "line"])),
    ):
        with pytest.raises(RunError, match=r"elsewhere.ckpt' leads out of the folder"):
            ask()


def test_a_checkpoint_with_objects_is_refused_unless_it_is_trusted(run: RunDirectory) -> None:
    torch.save({"state_dict": weights(run), "price": Decimal(1), "rate": np.float64(1)}, "objects.ckpt")
    with pytest.raises(RunError, match=r"holds more than weights: decimal\.Decimal; .* say weights_only=False"):
        lighter.load(run.path, "objects.ckpt")
    assert lighter.load(run.path, "objects.ckpt", weights_only=False)


def test_what_is_no_checkpoint_is_told(run: RunDirectory) -> None:
    torch.save({"layer.weight": torch.ones(1, 2)}, "other.pt")
    with pytest.raises(RunError, match=r"'other\.pt' is no checkpoint of a run: it has no 'state_dict'"):
        lighter.load(run.path, "other.pt")
    (run.checkpoints / "parts.ckpt").mkdir()
    (run.checkpoints / "parts.ckpt" / ".metadata").write_bytes(b"")
    with pytest.raises(RunError, match="is a folder, with a part for each rank"):
        lighter.load(run.path, run.checkpoints / "parts.ckpt")
    with pytest.raises(
        RunError, match=r"there is no checkpoint '.*bst\.ckpt': .* has no 'bst.ckpt'; did you mean 'best\.ckpt'"
    ):
        lighter.load(run.path, run.checkpoints / "bst.ckpt")


def test_a_damaged_checkpoint_is_told_with_one_that_is_well(run: RunDirectory) -> None:
    best = run.checkpoints / "best.ckpt"
    best.write_bytes(best.read_bytes()[:2000])
    with pytest.raises(RunError, match=r"best\.ckpt' is damaged: it is cut off .*last\.ckpt"):
        lighter.load(run.path)
    assert lighter.load(run.path, "last")


def test_a_run_that_was_not_trained_is_told(line: Path) -> None:
    run = Runner("config.yaml").test().run
    with pytest.raises(RunError, match=r"has left no checkpoint; train it first, or name the file of another"):
        trained_checkpoint(run, "best", Config.load(run.path))
    with pytest.raises(RunError, match="has left no checkpoint"):
        lighter.load(run.path)


def test_a_plugin_model_is_told(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("system: {_target_: lighter.plugins.PluginSystem}\n")
    with pytest.raises(RunError, match="has trained a plugin model, which has no weights to load"):
        lighter.load(tmp_path)


def test_what_is_no_module_is_told(run: RunDirectory) -> None:
    config = Config.load(run.path)
    assert has_model(config)
    with pytest.raises(RunError, match=r"'system::model' is 3, not a torch\.nn\.Module"):
        put_weights(3, run.checkpoints / "best.ckpt", config)


def test_a_run_is_named_by_its_folder(run: RunDirectory, monkeypatch: pytest.MonkeyPatch) -> None:
    name = run.path.name
    assert run_at(run.path) == run_at(run.path / "config.yaml") == run
    for path, told in {
        run.path.with_name(f"{name}x"): f"there is no run '{run.path}x': '.*' has no '{name}x'; did you mean '{name}'",
        Path("rns/x"): "has no 'rns'; did you mean 'runs'",
        Path("runs"): f"'runs' is not the folder of a run; did you mean '{run.path}'",
        run.path.parent: f"is not the folder of a run; did you mean '{run.path}'",
        run.checkpoints: "is not the folder of a run; it has no 'config.yaml'",
        run.checkpoints / "best.ckpt": f"is a file, not the folder of a run; write load.'{run.path}'",
        Path(os.devnull): "is a file, not the folder of a run; give the folder|there is no run",
    }.items():
        with pytest.raises(RunError, match=told):
            run_at(path)
