from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

Lighter = Callable[..., CompletedProcess[str]]


def test_validate_shows_the_val_results(lighter: Lighter, line: Path) -> None:
    done = lighter("validate", "config.yaml", "--run_dir=evaluated")
    assert done.returncode == 0, done.stderr
    assert "validate results" in done.stdout
    assert "loss" in done.stdout
    assert (line / "evaluated" / "results.json").exists()
