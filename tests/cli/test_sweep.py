import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lighter.cli import main
from lighter.runs.folder import RunDirectory
from lighter.runs.status import read_statuses

Lighter = Callable[..., subprocess.CompletedProcess[str]]


def fails(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["sweep", *words])
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_a_config_with_choices_is_searched_and_the_sweep_goes_on_with_more(line: Path, lighter: Lighter) -> None:
    done = lighter("sweep", "config.yaml", "system::optimizer::lr=0.1,0.01", "trainer::max_epochs=1", "--jobs=2")
    assert done.returncode == 0, done.stderr
    (folder,) = Path("runs").glob("*_sweep/*")
    assert "2/2 done, best " in done.stdout
    assert done.stdout.endswith(f"summary: {folder}\n")
    again = lighter("sweep", "--resume", str(folder))
    assert (again.returncode, again.stdout.count("│ complete │")) == (0, 2)
    other = lighter("sweep", "config.yaml", "system::optimizer::lr=0.1,0.02", f"--run_dir={folder}")
    assert other.returncode == 2
    assert "cannot go on as it began, for this has changed:" in other.stderr
    assert "parameters: +system::optimizer::lr: [0.1, 0.02]" in other.stderr


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (["config.yaml"], 2, "nothing is listed to choose from"),
        (["config.yaml", "seed=1,2", "--trials=many"], 2, "--trials=many: write a whole number"),
        (["config.yaml", "seed=1,2", "--launcher=lighter.launchers.Lokal"], 2, "did you mean 'Local'?"),
        (["config.yaml", "seed=1,2", "--resume=a", "--run_dir=b"], 2, "leave '--run_dir' out"),
        (["--resume=runs/nothing"], 2, "there is no sweep 'runs/nothing'"),
        (["config.yaml", "seed=1,2", "--run_dir=line"], 1, "'line' holds other files, and no sweep"),
        (["config.yaml", "system::optimizer::lrr=1,2"], 2, "takes no argument 'lrr'"),
    ],
)
def test_what_cannot_be_swept_is_told(
    line: Path, capfd: pytest.CaptureFixture[str], words: list[str], status: int, told: str
) -> None:
    assert fails(*words) == status
    assert told in capfd.readouterr().err
    assert not Path("runs").exists()


def test_a_dry_run_lists_and_runs_nothing(line: Path, capfd: pytest.CaptureFixture[str]) -> None:
    main(["sweep", "config.yaml", "system::optimizer::lr=0.1,0.01", "seed=1,2", "--dry_run"])
    said = capfd.readouterr().out.splitlines()
    assert said[0] == "grid: 4 trials of 4 points"
    assert said[3] == "trial 1: system::optimizer::lr=0.1, seed=2"
    assert not Path("runs").exists()


def test_mistakes_of_form_load_no_torch(line: Path, loaded: Callable[..., tuple[int, set[str]]]) -> None:
    Path("all.yaml").write_text("config: config.yaml\nparameters: {seed: {low: 2, high: 1}}\n")
    assert loaded("sweep", "all.yaml") == (2, set())


@pytest.mark.skipif(sys.platform == "win32", reason="signals are not those of POSIX")
def test_a_sweep_that_is_stopped_says_what_is_done_and_goes_on(held: str, stopped: Lighter, lighter: Lighter) -> None:
    done = stopped(signal.SIGTERM, "sweep", held, "system::optimizer::lr=0.1,0.01", "--run_dir=swept")
    assert done.returncode == 143, done.stderr
    assert "│     0 │ open  │ 0.1 │" in done.stdout
    assert done.stdout.endswith("summary: swept\ngo on with: lighter sweep --resume swept\n")
    assert [row["status"] for row in json.loads(Path("swept/summary.json").read_text())] == ["open"]
    done = stopped(signal.SIGINT, "sweep", "--resume=swept")
    assert (done.returncode, "go on with: lighter sweep --resume swept" in done.stdout) == (130, True)
    Path("held").unlink()
    done = lighter("sweep", "--resume=swept")
    assert (done.returncode, done.stdout.count("│ complete │")) == (0, 2)
    assert done.stdout.endswith("summary: swept\n")
    assert len(read_statuses(RunDirectory(Path("swept/trials/0000")))) == 3
