import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Lighter = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def lighter() -> Lighter:
    """Runs the command line for real, in the current folder."""

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "COLUMNS": "120"}
        start = [sys.executable, "-m", "lighter", *words]
        return subprocess.run(
            start, capture_output=True, text=True, timeout=200, check=False, env=environment, cwd=Path.cwd()
        )

    return run
