"""Which run goes on, from which checkpoint."""

import json
from pathlib import Path

import pytest
import torch

from lighter.config import Config
from lighter.errors import RunError, UsageError
from lighter.runs.folder import RunDirectory
from lighter.runs.resume.start import checkpoint_to_resume, clean_up, logged_steps, run_to_resume
from lighter.runs.runner import Runner

ROWS = "epoch,step,loss\n0,0,1.5\n0,1,1.4\n"


def left(folder: Path) -> RunDirectory:
    """A run that was killed as it wrote a checkpoint, and one beside it."""
    run = RunDirectory(folder)
    run.checkpoints.mkdir()
    for name in ("last.ckpt", "best.ckpt", ".last.ckpt.123", ".previous.ckpt", ".own"):
        (run.checkpoints / name).touch()
    (folder / "metrics.csv").write_text(ROWS, encoding="utf-8")
    return run


def test_checkpoints_that_were_never_whole_are_deleted(tmp_path: Path) -> None:
    run = left(tmp_path)
    clean_up(run, run.checkpoints / "last.ckpt")
    assert sorted(path.name for path in run.checkpoints.iterdir()) == [".own", "best.ckpt", "last.ckpt"]
    assert (tmp_path / "metrics.csv").read_text() == ROWS  # the checkpoint tells which of them stay


def test_where_a_run_begins_anew_so_do_its_rows(tmp_path: Path) -> None:
    clean_up(left(tmp_path), None)
    assert (tmp_path / "metrics.csv").read_text() == "epoch,step,loss\n"


def test_nothing_is_left_of_a_run_that_has_only_begun(tmp_path: Path) -> None:
    clean_up(RunDirectory(tmp_path), None)
    assert list(tmp_path.iterdir()) == []


CONFIG = Config.load({"vars": {"rate": 1}, "system": {"model": "$@vars::rate"}})
POSITION = {"phase": "batch", "batch": 1, "is_last": False, "logged": 7}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunDirectory:
    """A run without a checkpoint."""
    monkeypatch.chdir(tmp_path)
    run = RunDirectory(Path("runs/mine/first"))
    run.checkpoints.mkdir(parents=True)
    (run.path / "config.yaml").write_text(CONFIG.dump(), encoding="utf-8")
    return run


def save(run: RunDirectory, name: str, **content: object) -> Path:
    path = run.checkpoints / name
    torch.save({"state_dict": {}, **content}, path)
    return path


def test_a_folder_is_that_run_and_last_the_newest(run: RunDirectory) -> None:
    assert run_to_resume("runs/mine/first") == run
    Path("mine.yaml").write_text("{}", encoding="utf-8")
    mine = Config("mine.yaml")
    with pytest.raises(UsageError) as told:
        run_to_resume("last", mine)
    assert str(told.value) == "no run of 'mine' has a checkpoint yet; leave '--resume' out to begin one"
    save(run, "last.ckpt")
    assert run_to_resume("last", mine) == run
    # Where the config names the folder, it is looked for there.
    assert run_to_resume("last", Config("mine.yaml", "run::dir=runs/{config}/first")) == run
    with pytest.raises(UsageError, match="no run of 'mine' has a checkpoint yet"):
        run_to_resume("last", Config("mine.yaml", "run::dir=out/{now}"))


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("runs/mine/frist", "there is no run 'runs/mine/frist': 'runs/mine' has no 'frist'; did you mean 'first'?"),
        ("runs/mine", "'runs/mine' is not the folder of a run; did you mean 'runs/mine/first'?"),
        ("no/such", "there is no run 'no/such': '.' has no 'no'; it has runs"),
    ],
)
def test_what_is_no_run_is_told(run: RunDirectory, asked: str, told: str) -> None:
    with pytest.raises(UsageError) as error:
        run_to_resume(asked)
    assert str(error.value) == told


def test_the_last_checkpoint_is_gone_on_from_else_the_one_before(run: RunDirectory) -> None:
    assert checkpoint_to_resume(run, CONFIG, None, force=False) is None
    previous = save(run, "previous.ckpt")
    assert checkpoint_to_resume(run, CONFIG, None, force=False) == previous
    last = save(run, "last.ckpt")
    assert checkpoint_to_resume(run, CONFIG, None, force=False) == last
    assert checkpoint_to_resume(run, CONFIG, previous, force=False) == previous


def test_the_steps_that_are_logged_are_those_of_the_checkpoint(run: RunDirectory) -> None:
    assert logged_steps(None, CONFIG) == 0
    assert logged_steps(save(run, "last.ckpt", global_step=4, lighter={"position": POSITION}), CONFIG) == 7
    assert logged_steps(save(run, "of_another.ckpt", global_step=4), CONFIG) == 4


def test_another_config_is_refused_unless_forced(run: RunDirectory) -> None:
    other = Config.load({"vars": {"rate": 2}, "system": {"model": "$@vars::rate"}})
    with pytest.raises(UsageError, match="vars::rate: 1 -> 2"):
        checkpoint_to_resume(run, other, None, force=False)
    assert checkpoint_to_resume(run, other, None, force=True) is None


def test_a_damaged_checkpoint_is_refused_also_where_forced(run: RunDirectory) -> None:
    previous, last = save(run, "previous.ckpt"), save(run, "last.ckpt")
    last.write_bytes(last.read_bytes()[:200])
    with pytest.raises(RunError, match=f"last.ckpt' is damaged: .* --ckpt_path={previous}"):
        checkpoint_to_resume(run, CONFIG, None, force=True)


def test_a_checkpoint_in_parts_is_left_to_its_strategy(run: RunDirectory) -> None:
    (run.checkpoints / "last.ckpt").mkdir()
    assert checkpoint_to_resume(run, CONFIG, None, force=False) == run.checkpoints / "last.ckpt"
    assert logged_steps(run.checkpoints / "last.ckpt", CONFIG) == 0


def test_a_run_goes_on_from_the_command_line(line: Path) -> None:
    """What ended, is damaged, is another, or goes on for longer, in the life of one run."""
    first = Runner("config.yaml", "system::criterion={_target_: torch.nn.L1Loss}", run_dir="run").fit()
    status = json.loads(Path("run/status.json").read_text())
    assert status["state"] == "finished"

    rows, results = Path("run/metrics.csv").read_text(), Path("run/results.json").read_text()
    assert Runner("run").fit(resume="run").checkpoints == first.checkpoints  # nothing is left to do
    assert (Path("run/metrics.csv").read_text(), Path("run/results.json").read_text()) == (rows, results)

    with pytest.raises(UsageError, match=r"system::optimizer::lr: 0\.1 -> 0\.5"):
        Runner("run", "system::optimizer::lr=0.5").fit(resume="run")

    last = Path("run/checkpoints/last.ckpt")
    whole = last.read_bytes()
    last.write_bytes(whole[:2000])
    with pytest.raises(RunError, match=r"is damaged: .*--ckpt_path=run/checkpoints/"):
        Runner("run").fit(resume="run")
    last.write_bytes(whole)

    longer = Runner("run", "trainer::max_epochs=4").fit(resume="run")
    assert Path("run/metrics.csv").read_text().startswith(rows)
    whole_run = Runner(
        "config.yaml", "system::criterion={_target_: torch.nn.L1Loss}", "trainer::max_epochs=4", run_dir="four"
    ).fit()
    assert longer.metrics == whole_run.metrics
    assert Path("run/metrics.csv").read_text() == Path("four/metrics.csv").read_text()

    forced = Runner("run", "system::optimizer::lr=0.5", "trainer::max_epochs=5").fit(resume="run", force=True)
    assert forced.metrics["train/loss/epoch"] != longer.metrics["train/loss/epoch"]


@pytest.mark.filterwarnings("ignore:You're resuming from a checkpoint that ended before the epoch")
def test_a_run_that_max_steps_has_ended_goes_on_within_the_epoch(line: Path) -> None:
    """In double precision, which is not to pass through float32."""
    more = ("trainer::precision=64-true", "trainer::max_epochs=-1")
    Runner("config.yaml", *more, "trainer::max_steps=8", run_dir="whole").fit()
    Runner("config.yaml", *more, "trainer::max_steps=4", run_dir="part").fit()  # of three batches an epoch
    assert Path("part/metrics.csv").read_text().count("\n") == 1 + 4 + 2 + 1  # names, steps, epochs, validation
    Runner("part", "trainer::max_steps=8").fit(resume="part")
    assert Path("part/metrics.csv").read_text() == Path("whole/metrics.csv").read_text()
    part, whole = (torch.load(f"{run}/checkpoints/last.ckpt")["state_dict"] for run in ("part", "whole"))
    assert whole["model.layer.weight"].dtype == torch.float64
    torch.testing.assert_close(part, whole, rtol=0, atol=0)


def test_a_run_without_a_checkpoint_begins_anew_and_says_so(line: Path, caplog: pytest.LogCaptureFixture) -> None:
    first = Runner("config.yaml", run_dir="run").fit()
    rows = Path("run/metrics.csv").read_text()
    for path in Path("run/checkpoints").iterdir():
        path.unlink()
    assert Runner("run").fit(resume="run").metrics == first.metrics
    assert Path("run/metrics.csv").read_text() == rows
    assert "the run 'run' has no checkpoint to resume from yet: it starts again, with the seed it had" in caplog.text
