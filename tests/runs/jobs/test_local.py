import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lighter.runs.folder import RunDirectory
from lighter.runs.jobs.job import Job, Outcome, Progress
from lighter.runs.jobs.local import Local
from lighter.runs.status import State, read_status
from tests.runs.jobs.conftest import Done, MakeJob

pytestmark = pytest.mark.timeout(900)
PATIENCE = 300.0
COMPLETE = Outcome(Progress.COMPLETE)


def test_jobs_of_one_server_share_no_modules_folders_or_variables(job: MakeJob, done: Done, line: Path) -> None:
    jobs = []
    for name in "ab":
        there = line / name / "line"
        there.mkdir(parents=True)
        code = (line / "line" / "parts.py").read_text()
        (there / "parts.py").write_text(
            f"{code}\nimport os, pathlib\npathlib.Path('said').write_text(__file__ + os.environ['A'])\n"
        )
        one = job(f"run_{name}", f"project={there}")
        jobs.append(Job(one.folder, one.config, environment={"A": name}, work=there.parent))
    assert done(*jobs) == {"run_a": COMPLETE, "run_b": COMPLETE}
    said = [(line / name / "said").read_text() for name in "ab"]
    assert said == [f"{line / name / 'line' / 'parts.py'}{name}" for name in "ab"]


def test_a_job_is_the_run_that_the_command_gives(job: MakeJob, done: Done, warm, line: Path) -> None:
    assert done(job("one")) == {"one": COMPLETE}
    assert warm("-m", "lighter", "fit", "config.yaml", "--run_dir=alone", folder=line).returncode == 0
    names = ("metrics.csv", "checkpoints")
    here, alone = ({path.name for path in Path(folder).iterdir()} for folder in ("out/one", "alone"))
    assert here == {*alone, "job"}
    assert Path("out/one/metrics.csv").read_bytes() == Path("alone/metrics.csv").read_bytes(), names


@pytest.mark.parametrize(
    ("visible", "asked", "room", "dealt"),
    [
        ("", (None, None), 1, {None}),
        ("3,5", (None, None), 2, {"3", "5"}),
        ("3,5", (None, 1), 1, {"3,5"}),
        ("3,5", (2, None), 1, {"3,5"}),
        ("3,5", (None, 4), 4, {"3", "5"}),
        ("0,1,2", (2, None), 1, {"0,1"}),
    ],
)
def test_gpus_are_dealt_out(
    monkeypatch: pytest.MonkeyPatch,
    visible: str,
    asked: tuple[int | None, int | None],
    room: int,
    dealt: set[str | None],
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    gpus, at_once = asked
    local = Local(gpus)
    assert local.room(at_once) == room
    assert {local._deal() for _ in range(room)} == dealt


def test_where_there_is_no_gpu_a_job_is_dealt_none(local: Local, monkeypatch: pytest.MonkeyPatch) -> None:
    torch = pytest.importorskip("torch")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert len(local._devices()) == torch.cuda.device_count()


def test_cores_are_shared_unless_that_is_settled(monkeypatch: pytest.MonkeyPatch) -> None:
    local = Local()
    local.room(1000)
    monkeypatch.delenv("OMP_NUM_THREADS")
    assert local._threads == {"OMP_NUM_THREADS": "1"}
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    assert local._threads == {}


SCRIPT = """
import sys
from pathlib import Path
from lighter.runs.jobs.job import Job
from lighter.runs.jobs.local import Local
from lighter.runs.jobs.scheduling import run_jobs
run_jobs(iter([Job.read(Path(folder)) for folder in sys.argv[1:]]), Local(), 2)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_all_processes_end_with_the_one_that_has_started_them(job: MakeJob) -> None:
    jobs = [job(name, "trainer::max_epochs=1000000") for name in "ab"]
    for one in jobs:
        one.write()
    with subprocess.Popen([sys.executable, "-c", SCRIPT, *(str(one.folder) for one in jobs)]) as process:
        wait(lambda: all((one.folder / "checkpoints" / "last.ckpt").exists() for one in jobs))
        before = [status(one).pid for one in jobs]
        process.send_signal(signal.SIGKILL)
    wait(lambda: all(status(one).state is State.KILLED for one in jobs))
    assert all(not Path(f"/proc/{pid}").exists() or is_zombie(pid) for pid in before)


def status(one: Job):
    found = read_status(RunDirectory(one.folder))
    assert found is not None
    return found


def is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


def wait(until) -> None:
    end = time.monotonic() + PATIENCE
    while not until():
        assert time.monotonic() < end
        time.sleep(0.05)
