import os
import subprocess
import sys
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
