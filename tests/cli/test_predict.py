from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

Lighter = Callable[..., CompletedProcess[str]]


def test_predict_says_where_the_predictions_are(lighter: Lighter, line: Path) -> None:
    done = lighter("predict", "config.yaml", "--run_dir=predicted")
    assert done.returncode == 0, done.stderr
    (where,) = [told for told in done.stdout.splitlines() if told.startswith("predictions: ")]
    path = line / where.removeprefix("predictions: ")
    assert len(path.read_text().splitlines()) == 1 + 5
