from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

Lighter = Callable[..., CompletedProcess[str]]


def test_test_takes_a_checkpoint_by_path(lighter: Lighter, line: Path) -> None:
    assert lighter("fit", "config.yaml", "--run_dir=fitted").returncode == 0
    done = lighter("test", "config.yaml", "--ckpt_path", "fitted/checkpoints/last.ckpt", "--run_dir=tested")
    assert done.returncode == 0, done.stderr
    assert "test results" in done.stdout
    assert (line / "tested" / "results.json").exists()
