"""Processes that are started together agree on one folder."""

import json
import os
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from pytorch_lightning.plugins.environments import LightningEnvironment, TorchElasticEnvironment

from lighter.errors import RunError
from lighter.runs import launches
from lighter.runs.launches import agreed, is_alive, launch_name, refuse_alone, refuse_waiting, started_by_torchrun

TORCHRUN = {"TORCHELASTIC_RUN_ID": "none", "MASTER_PORT": "29500", "TORCHELASTIC_RESTART_COUNT": "0"}
SLURM = {"SLURM_JOB_ID": "7", "SLURM_STEP_ID": "0", "SLURM_PROCID": "1"}


@pytest.mark.parametrize(
    ("variables", "name"),
    [
        ({}, None),
        ({**TORCHRUN, "WORLD_SIZE": "1"}, None),
        ({**TORCHRUN, "WORLD_SIZE": "2"}, "torchrun-none-29500-0"),
        ({**SLURM, "SLURM_NTASKS": "2"}, "slurm-7-0"),
        ({**SLURM, "SLURM_NTASKS": "1"}, None),
    ],
)
def test_what_a_launch_is_called(variables: dict[str, str], name: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("SLURM_NTASKS", *SLURM, *TORCHRUN, "WORLD_SIZE"):
        monkeypatch.delenv(variable, raising=False)
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value)
    assert launch_name() == name


def test_ranks_use_the_folder_that_rank_zero_chooses_for_each_run(tmp_path: Path) -> None:
    script = (
        "import sys\nfrom lighter.config.run_folder import RunFolder\nfrom lighter.runs.folder import open_run\n"
        "print(*(open_run('a', None).path.resolve() for _ in range(2)))\n"
        "print(open_run('a', None, RunFolder('out/{now:%Y/%f}', {})).path.resolve())\n"
        "sys.stdin.read()"  # a rank zero does not end before the others have begun
    )
    several = {**os.environ, **TORCHRUN, "WORLD_SIZE": "3"}
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": tmp_path}
    with ExitStack() as stack:
        ranks = [
            stack.enter_context(
                subprocess.Popen([sys.executable, "-c", script], env={**several, "RANK": str(rank)}, **pipes)
            )
            for rank in (2, 1, 0)
        ]
        said = [process.communicate(timeout=100)[0] for process in ranks]
    assert len(set(said)) == 1
    assert sorted(said[0].split()) == sorted(map(str, (*tmp_path.glob("runs/a/*"), *tmp_path.glob("out/*/*"))))


def test_what_a_killed_rank_zero_has_left_is_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launches, "PATIENCE", 0)
    monkeypatch.setattr(launches, "is_first", bool)
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    for process, is_believed in ((ended.pid, False), (os.getpid(), True), (1, True)):
        monkeypatch.setattr(launches, "_ASKED", iter([0]))
        (tmp_path / ".a-0").write_text(json.dumps(["run", socket.gethostname(), process]))
        if is_believed:
            assert agreed(Path, tmp_path, "a") == Path("run")
        else:
            with pytest.raises(RunError, match="has not told"):
                agreed(Path, tmp_path, "a")


def test_a_silent_rank_zero_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launches, "PATIENCE", 0)
    monkeypatch.setattr(launches, "is_first", bool)
    with pytest.raises(RunError, match=r"rank zero has not told its run folder in '.*a-.*'; give all ranks the same"):
        agreed(Path, tmp_path, "a")


def test_a_trainer_that_uses_fewer_processes_than_there_are_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TORCHELASTIC_RUN_ID", raising=False)
    assert started_by_torchrun() == {}
    refuse_alone(1)
    for variable, value in {**TORCHRUN, "LOCAL_WORLD_SIZE": "2", "GROUP_WORLD_SIZE": "3", "WORLD_SIZE": "6"}.items():
        monkeypatch.setenv(variable, value)
    assert started_by_torchrun() == {"devices": 2, "num_nodes": 3}
    refuse_alone(6)
    with pytest.raises(RunError, match="torchrun has started 6 processes, but the Trainer uses 1; leave"):
        refuse_alone(1)


def test_a_trainer_that_would_wait_for_machines_that_nobody_names_is_refused(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("MASTER_ADDR", raising=False)
    own = LightningEnvironment()
    refuse_waiting(1, own)
    refuse_waiting(9, TorchElasticEnvironment())
    refuse_waiting(9, None)
    with pytest.raises(
        RunError, match="'trainer::num_nodes' is 9, and nothing here tells where the other machines are"
    ):
        refuse_waiting(9, own)
    assert caplog.text == ""
    monkeypatch.setenv("MASTER_ADDR", "first")
    refuse_waiting(9, own)
    assert "waiting for 9 machines at first" in caplog.text


def test_a_process_is_alive_until_it_has_ended() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        assert is_alive(process.pid)
        process.kill()
        process.wait()
        assert not is_alive(process.pid)
    assert is_alive(os.getpid())
    assert is_alive(1)
    assert not is_alive(2**70)


def test_more_processes_than_cores_are_told(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launches, "cores", lambda: 2)
    for processes in (1, 2, 64):
        launches.warn_of_many(processes)
    assert caplog.messages == [
        "trainer::devices starts 64 processes on 2 cores; write trainer::devices=2 for a core each"
    ]
