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


LIMITED = ["--allow=torch,line", "--run_dir=out"]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("search: {_target_: os.system, command: touch done}\ntrials: 1", "'os.system' is not on the list"),
        ("prune: {_target_: os.system, command: touch done}", "'os.system' is not on the list"),
        ("launcher: {_target_: os.system, command: touch done}", "'os.system' is not on the list"),
        ("launcher: {_target_: lighter.launchers.Slurm, setup: [touch done]}", "'lighter.launchers.Slurm' is"),
        ("launcher: slurm", "'lighter.launchers.Slurm' is"),
        ("launcher: ../launcher.yaml", "lies outside of the folders"),
        ("search: cmaes\ntrials: 1", "'optuna.samplers.CmaEsSampler' is"),  # it takes pickles from the journal
        ("storage: sqlite:////tmp/x.db", "'storage' may be any file"),
    ],
)
def test_a_limited_sweep_is_not_led_elsewhere_by_its_file(
    line: Path, capfd: pytest.CaptureFixture[str], written: str, told: str
) -> None:
    Path("sweep.yaml").write_text(f"config: config.yaml\nparameters: {{seed: [1, 2]}}\n{written}\n")
    assert fails("sweep.yaml", *LIMITED) == 2
    assert told in capfd.readouterr().err
    assert not Path("out").exists()
    assert not Path("done").exists()


def test_a_limited_sweep_reads_no_config_elsewhere_and_searches_with_what_is_listed(
    line: Path, tmp_path_factory: pytest.TempPathFactory, capfd: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path_factory.mktemp("other") / "config.yaml"
    other.write_text("vars: {secret: 1}")
    Path("sweep.yaml").write_text(f"config: {other}\nparameters: {{vars::secret: [1, 2]}}\n")
    assert fails("sweep.yaml", *LIMITED) == 2
    assert "lies outside of the folders" in capfd.readouterr().err
    search = "{_target_: optuna.samplers.TPESampler, seed: 1}\nprune: {_target_: optuna.pruners.MedianPruner}"
    Path("sweep.yaml").write_text(f"config: config.yaml\nparameters: {{seed: [1, 2]}}\ntrials: 2\nsearch: {search}\n")
    main(["check", "sweep.yaml", "--allow=torch,line"])


def test_a_prepared_sweep_says_nothing_of_what_a_limited_one_goes_on_with(
    line: Path, tmp_path_factory: pytest.TempPathFactory, capfd: pytest.CaptureFixture[str]
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    launcher = "{_target_: os.system, command: touch done}"
    Path("out/trial_0").mkdir(parents=True)
    record = {"words": ["evil.yaml"], "flags": {"launcher": launcher, "allow": None}}
    Path("out/sweep.json").write_text(json.dumps(record))
    Path("evil.yaml").write_text('config: config.yaml\nparameters: {vars::x: [\'$__import__("os").mkdir("done")\']}\n')
    assert fails("--resume=out", "--allow=torch,line") == 2
    assert "name the sweep's file again" in capfd.readouterr().err
    Path("out/trial_0/job").symlink_to(elsewhere)
    assert fails("config.yaml", "seed=1,2", "--resume=out", "--launcher=local", "--allow=torch,line") == 1
    assert "'out/trial_0/job' leads out of the folder 'out'" in capfd.readouterr().err
    assert not Path("done").exists()
    assert not any(elsewhere.iterdir())


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
