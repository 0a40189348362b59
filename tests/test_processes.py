"""A project's modules in every process that training starts, whichever way this one was started."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

FILES = {
    "jobs-x/tools/shapes.py": """
        from dataclasses import dataclass

        from torch import Tensor


        @dataclass
        class Pair:
            input: Tensor
            target: Tensor

            def to(self, device, **kwargs):
                return Pair(self.input.to(device), self.target.to(device))
        """,
    "jobs-x/data.py": """
        import torch
        from tools.shapes import Pair


        class Points(torch.utils.data.Dataset):
            def __len__(self):
                return 4

            def __getitem__(self, index):
                from tools import shapes  # first imported in the worker

                assert shapes.Pair is Pair
                point = torch.full((2,), float(index))
                return Pair(point, point.sum(0, keepdim=True))


        def join(samples):
            assert type(samples[0]) is Pair
            return Pair(torch.stack([one.input for one in samples]), torch.stack([one.target for one in samples]))
        """,
    "jobs-x/net.py": """
        from dataclasses import dataclass

        import pytorch_lightning as pl
        from torch import nn


        class Net(nn.Sequential):
            def __init__(self):
                super().__init__(nn.Linear(2, 1))


        @dataclass
        class Note:
            text: str


        class Leave(pl.Callback):
            def state_dict(self):
                return {"note": Note("kept")}

            def load_state_dict(self, state):
                from net import Note

                assert state == {"note": Note("kept")}
                print("loaded", Note.__module__)
        """,
    "config.yaml": """
        project: jobs-x
        trainer:
          max_epochs: 1
          accelerator: cpu
          enable_progress_bar: false
          enable_model_summary: false
          num_sanity_val_steps: 0
          logger: false
          callbacks: [{_target_: jobs-x.net.Leave}]
        system:
          model: {_target_: jobs-x.net.Net}
          criterion: {_target_: torch.nn.MSELoss}
          optimizer: {_target_: torch.optim.SGD, lr: 0.001}
          adapters: {batch: {input: input, target: target}}
          dataloaders:
            train:
              _target_: torch.utils.data.DataLoader
              dataset: {_target_: jobs-x.data.Points}
              batch_size: 2
              num_workers: 1
              collate_fn: {_target_: jobs-x.data.join, _mode_: callable}
              multiprocessing_context: spawn
        """,
    "ways.yaml": """
        _base_: config.yaml
        system:
          dataloaders:
            val:
              - &loader
                _target_: torch.utils.data.DataLoader
                dataset: "@system::dataloaders::train::dataset"
                batch_size: 2
                num_workers: 1
                collate_fn: "@system::dataloaders::train::collate_fn"
                multiprocessing_context: forkserver
              - {<<: *loader, multiprocessing_context: fork}
            test:
              <<: *loader
              dataset: {_target_: jobs-x.data.Points}
              collate_fn: {_target_: project.data.join, _mode_: callable}
        """,
    "main.py": """
        import sys

        from lighter import Runner

        if __name__ == "__main__":
            before = sys.path[:], sys.meta_path[:], sys.modules.keys() & {"tools", "data", "net"}
            print(Runner("config.yaml").fit().metrics)
            assert before == (sys.path, sys.meta_path, sys.modules.keys() & {"tools", "data", "net"})
            assert not [name for name in sys.modules if name.startswith("jobs-x")]
        """,
}
LIGHTER = (sys.executable, "-m", "lighter")


@pytest.fixture(autouse=True)
def jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in: a project of scripts whose name is no identifier, a config, a script that runs it."""
    from textwrap import dedent

    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(dedent(text), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_workers_of_each_kind_and_a_checkpoint_with_an_object(
    jobs: Path, warm: Callable[..., "subprocess.CompletedProcess[str]"]
) -> None:
    fitted = warm("-m", "lighter", "fit", "ways.yaml", folder=jobs)
    assert fitted.returncode == 0, fitted.stderr
    assert "1/loss" in fitted.stdout  # of the second val loader
    words = ("ways.yaml", "--ckpt_path=best", "system::dataloaders::test::multiprocessing_context=spawn")
    assert "loaded jobs-x.net" in ran(*LIGHTER, "test", *words)


def test_workers_of_a_script(jobs: Path) -> None:
    assert "train/loss/epoch" in ran(sys.executable, "main.py")


def test_workers_of_a_notebook(jobs: Path) -> None:
    cells = [
        "from lighter import Config, Runner\nimport torch",
        "loader = Config.load('config.yaml').resolve('system::dataloaders::train')",
        "print([type(batch).__module__ for batch in loader])",
        "print(sorted(Runner('config.yaml').fit().metrics))",
    ]
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, timeout=200, kernel_name="python3").execute(cwd=str(jobs))
    shown = "".join(output.get("text", "") for cell in notebook.cells for output in cell.outputs)
    assert "['jobs-x.tools.shapes', 'jobs-x.tools.shapes']" in shown
    assert "'train/loss/epoch'" in shown


@pytest.mark.parametrize("strategy", ["ddp", "ddp_spawn"])
def test_ranks_that_lightning_starts(jobs: Path, strategy: str) -> None:
    words: tuple[str, ...] = (
        f"trainer::strategy={strategy}",
        "trainer::devices=2",
        "system::dataloaders::train::num_workers=0",
    )
    words += ("~system::dataloaders::train::multiprocessing_context", "run::dir=out/{config}/{now:%H-%M-%S-%f}")
    assert "fit results" in ran(*LIGHTER, "fit", "config.yaml", *words)
    assert [path.name for path in (jobs / "out").glob("*/*/checkpoints/*")] == ["last.ckpt"]
    assert len([*(jobs / "out" / jobs.name).iterdir()]) == 1


def test_ranks_that_torchrun_starts(jobs: Path) -> None:
    start = (sys.executable, "-m", "torch.distributed.run", "--nproc-per-node=2", "-m", "lighter")
    shown = ran(*start, "fit", "config.yaml", "--run_dir=run", "trainer::strategy=ddp", "trainer::devices=2")
    assert "fit results" in shown
    assert (jobs / "run" / "checkpoints" / "last.ckpt").is_file()


def ran(*words: str) -> str:
    """Runs a command in the current folder, and gives what it said."""
    environment = {**os.environ, "COLUMNS": "120", "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(words, capture_output=True, text=True, timeout=250, check=False, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr
