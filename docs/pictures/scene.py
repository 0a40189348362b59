"""Where the pictures are taken: a folder with the project of `projects/digits`, and real runs of it.

It stays when the pictures are made, so that one of them can be made again without training.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from terminal import record

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PLACE = Path(tempfile.gettempdir()) / "lighter-pictures"
CONFIG = "digits/config.yaml"
FIT = ("fit", CONFIG, "system::model::width=8", "system::dataloaders::train::batch_size=8")
OTHERS = (
    ("fit", CONFIG, "system::optimizer::lr=3e-2", "trainer::max_epochs=4"),
    ("fit", CONFIG, "system::optimizer::lr=1e6", "trainer::max_epochs=4", "run::on_nan=stop"),
    ("fit", CONFIG, "system::model::width=64", "trainer::max_epochs=4"),
)


def clear() -> None:
    """Forgets the runs that are there."""
    shutil.rmtree(PLACE, ignore_errors=True)


def folder() -> Path:
    """The folder in which the commands run."""
    path = PLACE / "training"
    unused = shutil.ignore_patterns("runs", "__pycache__", "README.md")
    shutil.copytree(ROOT / "projects" / "digits", path / "digits", ignore=unused, dirs_exist_ok=True)
    shutil.copy(HERE / "mistaken.yaml", path / "config.yaml")
    shutil.copy(HERE / "digits_sweep.yaml", path)
    return path


def fit() -> str:
    """What a terminal got of the run that most pictures are of."""
    return recorded(*FIT)


def run() -> Path:
    """The folder of that run."""
    fit()
    return min((folder() / "runs" / "digits").iterdir())


def runs() -> str:
    """The list of it and of some others."""
    fit()
    for words in OTHERS:
        recorded(*words)  # one of them fails
    return recorded("runs")


def sweep() -> Path:
    """The folder of a sweep, with its report."""
    path = folder() / "digits_sweep"
    if not (path / "report.html").exists():
        shutil.rmtree(path, ignore_errors=True)
        lighter("sweep", "digits_sweep.yaml", "--run_dir=digits_sweep")
        lighter("report", "digits_sweep")
    return path


def mistakes() -> list[dict[str, Any]]:
    """The mistakes of the config that has some, as a program is told them."""
    told: list[dict[str, Any]] = json.loads(lighter("check", "config.yaml", "--json", status=2))["mistakes"]
    return told


def recorded(*words: str) -> str:
    """What a command of Lighter writes to a terminal; it is run once."""
    path = PLACE / f"{' '.join(words).replace('/', '_')}.txt"
    if not path.exists():
        print("$ lighter", *words, flush=True)
        path.write_bytes(record(_command(words), folder(), _environment()))
    return path.read_bytes().decode()


def lighter(*words: str, status: int = 0) -> str:
    """What a command of Lighter prints."""
    print("$ lighter", *words, flush=True)
    done = subprocess.run(
        _command(words), cwd=folder(), env=_environment(), capture_output=True, text=True, check=False
    )
    if done.returncode != status:
        raise SystemExit(f"lighter {' '.join(words)} ended with status {done.returncode}:\n{done.stderr}")
    return done.stdout


def _command(words: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "lighter", *words]


def _environment() -> dict[str, str]:
    shown = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "FORCE_COLOR"}}
    # One thread sums in one order: a picture changes where the program does.
    return {**shown, "OMP_NUM_THREADS": "1"}
