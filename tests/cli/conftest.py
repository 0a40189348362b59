import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

Lighter = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def lighter(warm: Lighter) -> Lighter:
    """Runs the command line in the current folder."""
    return lambda *words: warm("-m", "lighter", *words, folder=Path.cwd())


@pytest.fixture
def cold_lighter() -> Lighter:
    """The same from the start of Python on, which takes seconds: for what a warm process may hide."""

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "COLUMNS": "120"}
        start = [sys.executable, "-m", "lighter", *words]
        return subprocess.run(
            start, capture_output=True, text=True, timeout=200, check=False, env=environment, cwd=Path.cwd()
        )

    return run


HELD = """
from pathlib import Path

import pytorch_lightning as pl


class TrainsWhileHeld(pl.Callback):
    def on_train_batch_start(self, trainer, pl_module, batch, batch_idx):
        Path("trains").touch()
        trainer.should_stop = not Path("held").exists()
"""


@pytest.fixture
def held(line: Path) -> str:
    """A config in the folder of `line` that trains until the file `held` is gone."""
    Path("line/held.py").write_text(HELD, encoding="utf-8")
    Path("held.yaml").write_text(
        "_base_: config.yaml\ntrainer: {max_epochs: -1, callbacks: [{_target_: line.held.TrainsWhileHeld}]}\n"
    )
    Path("held").touch()
    return "held.yaml"


@pytest.fixture
def stopped() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the command line until it trains the config that is `held`, and asks it to stop with a signal."""

    def run(number: int, *words: str) -> subprocess.CompletedProcess[str]:
        Path("trains").unlink(missing_ok=True)
        start, pipe = [sys.executable, "-m", "lighter", *words], subprocess.PIPE
        with subprocess.Popen(start, stdout=pipe, stderr=pipe, text=True, start_new_session=True) as process:
            while not Path("trains").exists() and process.poll() is None:
                time.sleep(0.05)
            if number == signal.SIGINT:
                os.killpg(process.pid, number)  # as a terminal does
            else:
                process.send_signal(number)
            said = process.communicate(timeout=400)
        return subprocess.CompletedProcess(start, process.returncode, *said)

    return run


@pytest.fixture
def lighter_into_head() -> Callable[..., tuple[str, str]]:
    """Runs the command line into a reader that closes after one line; gives what either said."""

    def run(*words: str) -> tuple[str, str]:
        start = [sys.executable, "-m", "lighter", *words]
        # Without a buffer Python gives up a text that a pipe takes in part, and never comes to the closed end.
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
        pipe = subprocess.PIPE
        with subprocess.Popen(start, stdout=pipe, stderr=pipe, text=True, env=environment) as process:
            assert process.stdout is not None
            first = process.stdout.readline()
            process.stdout.close()
            assert process.stderr is not None
            return first, process.stderr.read()

    return run


@pytest.fixture
def loaded() -> Callable[..., tuple[int, set[str]]]:
    """Runs the command line, and gives its status and which of the heavy packages it has loaded."""

    def run(*words: str) -> tuple[int, set[str]]:
        script = (
            "import sys, lighter.cli\n"
            f"try: lighter.cli.main({list(words)})\n"
            "finally: print('loaded', *{'torch', 'numpy', 'pytorch_lightning', 'monai'} & set(sys.modules))"
        )
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
        return done.returncode, set(done.stdout.splitlines()[-1].split()[1:])

    return run
