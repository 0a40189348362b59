from pathlib import Path

import pytest

from lighter.cli import main

pytestmark = pytest.mark.timeout(900)
OWN = """
import subprocess
import sys

from lighter.runs.jobs.job import Outcome, Progress


class Nowhere:
    def submit(self, job):
        return None

    def poll(self, handle):
        return Outcome(Progress.FAILED, "there is no room")

    def cancel(self, handle):
        pass


class Here:
    def __init__(self, greeting="hello"):
        self.greeting = greeting

    def submit(self, job):
        print(self.greeting)
        return subprocess.Popen([sys.executable, "-m", "lighter.runs.jobs", str(job.folder)])

    def poll(self, process):
        return process.poll()

    def cancel(self, process):
        process.terminate()
"""


def lighter(*words: str) -> int:
    try:
        main(words)
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


def test_fit_runs_by_a_launcher_of_ones_own_in_a_folder_that_is_chosen_before(
    line: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("own.py").write_text(OWN)
    monkeypatch.syspath_prepend(line)
    monkeypatch.setenv("PYTHONPATH", str(line))
    assert lighter("fit", "config.yaml", "--run_dir=fails", "--launcher={_target_: own.Nowhere}") == 1
    assert "failed: there is no room (fails/job)" in capfd.readouterr().out
    words = ("fit", "config.yaml", "trainer::max_epochs=1", "--launcher={_target_: own.Here, greeting: good day}")
    assert lighter(*words, "run::dir=out/{now:%Y}/{overrides}") == 0
    (folder,) = Path("out").glob("*/trainer.max_epochs=1")
    said = capfd.readouterr().out
    assert f"run folder: {folder}\n" in said
    assert "good day\n" in said
    assert (folder / "checkpoints" / "last.ckpt").exists()
    assert {path.name for path in (folder / "sources").iterdir()} >= {"config.yaml"}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["config.yaml", "--launcher=slrm"], "there is no launcher 'slrm'"),
        (["config.yaml", "--launcher={_target_: lighter.launchers.Slurm, time: 1}"], "begins to save 90 s before"),
        (["config.yaml", "--launcher=slurm", "trainer::num_nodes=2"], "write 'nodes: 2' in the launcher"),
        (["config.yaml", "--launcher=slurm", "trainer::devices=2"], "write 'ntasks_per_node: 2' in the launcher"),
        (["config.yaml", "--launcher=local", "trainer::num_nodes=2"], "2 nodes, and this machine is one"),
        (["config.yaml", "--launcher={_target_: torch.nn.Identity}"], "'Identity' is no launcher"),
        (["config.yaml", "--launcher={_target_: lighter.launchers.Local, gpu: 1}"], "did you mean 'gpus'?"),
        (["config.yaml", "--launcher=local", "--force"], "'--launcher' takes neither"),
        (["a::b=1", "--launcher=local"], "needs a config"),
    ],
)
def test_what_a_launcher_does_not_give_is_told_before_anything_is_submitted(
    line: Path, capfd: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    assert lighter("fit", *words) == 2
    assert told in capfd.readouterr().err
    assert not Path("runs").exists()


def test_several_at_once_that_are_too_many_are_told(line: Path, capfd: pytest.CaptureFixture[str]) -> None:
    Path("all.yaml").write_text("experiments: {one: config.yaml}")
    assert lighter("run", "all.yaml", "--jobs=0") == 2
    assert "--jobs=0: write a whole number" in capfd.readouterr().err
