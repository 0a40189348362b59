from pathlib import Path


def test_validate_shows_the_val_results(lighter, line: Path) -> None:
    done = lighter("validate", "config.yaml", "--run_dir=evaluated")
    assert done.returncode == 0, done.stderr
    assert "validate results" in done.stdout
    assert "loss" in done.stdout
    assert (line / "evaluated" / "results.json").exists()
