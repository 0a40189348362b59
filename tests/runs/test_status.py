import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from lighter import Runner
from lighter.errors import ConfigError, RunError
from lighter.runs.folder import LOCK, STATUS, RunDirectory
from lighter.runs.status import SILENCE, State, read_status, read_statuses, running_in
from lighter.training.stages import Stage

HOLDING = """
import sys
from pathlib import Path
from lighter.runs.folder import RunDirectory
from lighter.runs.status import running_in
from lighter.training.stages import Stage

with running_in(RunDirectory(Path("one")), Stage(sys.argv[1])):
    print("running", flush=True)
    sys.stdin.readline()
"""

# Says when its first batch is there, and then waits for what never comes: a worker of a loader is a process as well.
ENDLESS = """
import time
from pathlib import Path
import torch

class Endless(torch.utils.data.Dataset):
    def __len__(self):
        return 100

    def __getitem__(self, index):
        if index == 8:
            Path("worker").write_text("here")
            time.sleep(100)
        return torch.ones(2), torch.ones(1)
"""


@contextmanager
def another_process(stage: str) -> Iterator[subprocess.Popen[str]]:
    """One that runs a stage in the folder `one` until it is given a line."""
    start = [sys.executable, "-c", HOLDING, stage]
    with subprocess.Popen(start, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "running\n"
        try:
            yield process
        finally:
            process.kill()


def finish(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.close()
    assert process.wait(60) == 0


@pytest.fixture
def one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunDirectory:
    monkeypatch.chdir(tmp_path)
    run = RunDirectory(Path("one"))
    run.path.mkdir()
    return run


def changed(run: RunDirectory, **values: object) -> None:
    """The status as another process would have left it."""
    path = run.path / STATUS
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def test_every_stage_of_a_run_is_recorded(line: Path) -> None:
    runner = Runner("config.yaml", "trainer::max_epochs=1")
    run = runner.fit().run
    runner.test()
    with pytest.raises(KeyError):
        Runner(run.path, "system::dataloaders::test::dataset::fails_at=1").test()
    fitted, tested, failed = read_statuses(run)
    assert [(one.stage, one.state) for one in (fitted, tested)] == [("fit", "finished"), ("test", "finished")]
    assert timedelta(0) < fitted.duration < timedelta(minutes=5)
    assert (failed.state, failed.error) == (State.FAILED, "KeyError: 'no such point'")
    assert read_status(run) == failed
    assert (failed.pid, tested.error) == (os.getpid(), None)


def test_what_stands_there_while_it_runs(one: RunDirectory) -> None:
    assert read_status(one) is None
    with running_in(one, Stage.FIT):
        status = read_status(one)
        assert status is not None
        assert (status.stage, status.state, status.ended) == (Stage.FIT, State.RUNNING, None)
        assert status.duration >= timedelta(0)
    written = json.loads((one.path / STATUS).read_text())
    assert {"stage", "state", "started", "ended", "error", "host", "pid"} == {*written}


class Stopped(Exception):  # noqa: N818
    state_of_run = "interrupted"


@pytest.mark.parametrize(
    ("raised", "state", "told"),
    [
        (KeyboardInterrupt(), State.INTERRUPTED, "KeyboardInterrupt"),
        (Stopped("by SIGTERM"), State.INTERRUPTED, "Stopped: by SIGTERM"),
        (SystemExit(3), State.FAILED, "SystemExit: 3"),
        (RuntimeError("out of memory\nread a manual"), State.FAILED, "RuntimeError: out of memory"),
        (RuntimeError("Caught x.\nOriginal Traceback:\n  a\nKeyError: 3"), State.FAILED, "KeyError: 3"),
        (RuntimeError("Process 1 terminated with the following error:\n a\nKeyError: 3"), State.FAILED, "KeyError: 3"),
        (ConfigError("wrong"), State.FAILED, "lighter.errors.ConfigError: error: wrong"),
    ],
)
def test_how_it_ended(one: RunDirectory, raised: BaseException, state: State, told: str) -> None:
    raised.add_note("while building")
    with pytest.raises(type(raised)), running_in(one, Stage.FIT):
        raise raised
    status = read_status(one)
    assert status is not None
    assert status.state is state
    assert status.error is not None
    assert status.error.removeprefix(f"{__name__}.").endswith(told)
    assert status.ended is not None


def test_the_rank_that_failed_first_says_why(one: RunDirectory, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first rank only sees a connection that is closed, or is killed where it waits."""
    from lightning_fabric.utilities.rank_zero import rank_zero_only

    def fail() -> None:
        monkeypatch.setattr(rank_zero_only, "rank", 1)
        with pytest.raises(ValueError, match="no such"), running_in(one, Stage.FIT):
            raise ValueError("no such file")
        monkeypatch.setattr(rank_zero_only, "rank", 0)
        raise RuntimeError("Connection closed by peer")

    with pytest.raises(RuntimeError), running_in(one, Stage.FIT):
        fail()
    status = read_status(one)
    assert status is not None
    assert status.error == "rank1: ValueError: no such file"
    with pytest.raises(RuntimeError), running_in(one, Stage.FIT):
        raise RuntimeError("mine")
    status = read_status(one)
    assert status is not None
    assert status.error == "RuntimeError: mine"


def test_a_secret_in_an_error_has_stars(one: RunDirectory) -> None:
    with pytest.raises(PermissionError), running_in(one, Stage.FIT, ["hunter2-hunter2"]):
        raise PermissionError("hunter2-hunter2 is wrong")
    status = read_status(one)
    assert status is not None
    assert status.error == "PermissionError: *** is wrong"


def test_a_second_process_is_refused_while_a_fit_runs(line: Path) -> None:
    Runner("config.yaml", run_dir="one").fit()
    log = Path("one/log.txt").read_text()
    with another_process("fit") as process:
        for stage in ("test", "fit"):
            with pytest.raises(RunError, match=r"in use: 'fit' runs there since .* on '.*' as process") as caught:
                start(stage)
            assert f"as process {process.pid}; wait for its end, stop it (kill {process.pid})" in str(caught.value)
            assert str(caught.value).endswith("or give another '--run_dir'")
        assert Path("one/log.txt").read_text() == log
        finish(process)
    assert Runner("one").test().metrics


def start(stage: str) -> None:
    if stage == "test":
        Runner("config.yaml", run_dir="one").test()
    with running_in(RunDirectory(Path("one")), Stage(stage)):
        pass


def test_two_may_evaluate_at_once_and_none_may_fit_meanwhile(one: RunDirectory) -> None:
    with another_process("test") as process:
        with pytest.raises(RunError, match="'test' runs there"), running_in(one, Stage.FIT):
            pass
        with running_in(one, Stage.PREDICT):
            finish(process)
            assert [status.state for status in read_statuses(one)] == [State.FINISHED, State.RUNNING]
        assert [status.state for status in read_statuses(one)] == [State.FINISHED, State.FINISHED]


def test_a_stage_inside_another_of_this_process_is_let_through(one: RunDirectory) -> None:
    with running_in(one, Stage.FIT), running_in(one, Stage.TEST):
        pass
    assert [status.stage for status in read_statuses(one)] == [Stage.FIT]


def test_a_run_that_was_killed_is_told_from_one_that_runs(line: Path) -> None:
    (line / "line" / "endless.py").write_text(ENDLESS)
    override = "system::dataloaders::train={_target_: torch.utils.data.DataLoader, num_workers: 1, batch_size: 4, "
    override += "dataset: {_target_: line.endless.Endless}}"
    start = [sys.executable, "-m", "lighter", "fit", "config.yaml", override, "--run_dir=one"]
    run = RunDirectory(Path("one"))
    with subprocess.Popen(start, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while not Path("worker").exists():
            assert process.poll() is None
            time.sleep(0.05)
        status = read_status(run)
        assert status is not None
        assert (status.state, status.pid) == (State.RUNNING, process.pid)
        process.send_signal(signal.SIGKILL)
        process.wait()
        # Its worker, which waits, does not keep the lock.
        killed = read_status(run)
    assert killed is not None
    assert killed.state is State.KILLED
    assert killed.ended is not None
    assert timedelta(0) <= killed.duration < timedelta(minutes=5)
    assert json.loads((run.path / STATUS).read_text())["state"] == "running"
    assert json.loads((run.path / "environment.json").read_text())["world_size"] == 1
    Runner("config.yaml", run_dir="one").test()
    assert [one.state for one in read_statuses(run)] == [State.KILLED, State.FINISHED]


def test_of_another_machine_a_run_is_told_by_its_files(one: RunDirectory) -> None:
    with running_in(one, Stage.FIT):
        pass
    changed(one, state="running", ended=None, host="elsewhere")
    assert str(read_status(one)).count("RUNNING") == 1
    long_ago = time.time() - SILENCE - 60
    for path in one.path.iterdir():
        os.utime(path, (long_ago, long_ago))
    status = read_status(one)
    assert status is not None
    assert status.state is State.KILLED


def test_without_a_lock_it_is_told_by_its_process(one: RunDirectory) -> None:
    with running_in(one, Stage.FIT):
        pass
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        changed(one, state="running", ended=None, pid=process.pid)
        # A number is given again; who has it without the lock is another.
        assert str(read_status(one)).count("KILLED") == 1
        (one.path / LOCK).unlink()
        assert str(read_status(one)).count("RUNNING") == 1
        process.kill()
        process.wait()
        assert str(read_status(one)).count("KILLED") == 1


def test_what_cannot_be_written_or_locked_is_told_and_ends_nothing(
    one: RunDirectory, caplog: pytest.LogCaptureFixture
) -> None:
    (one.path / STATUS).mkdir()
    (one.path / LOCK).mkdir()
    with running_in(one, Stage.FIT):
        assert read_status(one) is None
    assert "the run folder 'one' cannot be locked" in caplog.text
    assert [record.levelno for record in caplog.records] == [logging.WARNING] * 3
    assert "'one/status.json' could not be written" in caplog.text


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"stage": "fit"}', '{"earlier": 3}', '{"state": "gone"}'])
def test_a_file_that_no_run_has_written_tells_nothing(one: RunDirectory, text: str) -> None:
    (one.path / STATUS).write_text(text)
    assert read_status(one) is None
