"""On a real Ray cluster: what becomes of jobs when a node is lost."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.runs.jobs.conftest import MakeJob
from tests.runs.jobs.test_slurm import SLOW, SLOWLY

ALONE = ["unshare", "--net", "--pid", "--fork", "--mount-proc", "bash", "-c"]
LOOPBACK = 'ip link set lo up && ip addr add 10.99.0.1/32 dev lo && exec "$@"'


def lacking() -> str:
    try:
        tried = subprocess.run([*ALONE, LOOPBACK, "-", "true"], check=False, capture_output=True, timeout=120)
    except OSError as error:
        return f"Ray is tried where there is no network: {error}"
    return "" if tried.returncode == 0 else f"Ray is tried where there is no network: {tried.stderr.decode().strip()}"


pytestmark = [pytest.mark.timeout(900), pytest.mark.skipif(bool(told := lacking()), reason=told)]


def test_a_node_that_is_lost_costs_a_retry_which_resumes(job: MakeJob, line: Path) -> None:
    pytest.importorskip("ray")
    (line / "line" / "slow.py").write_text(SLOW)
    jobs = [job(name, *SLOWLY) for name in "ab"]
    for one in jobs:
        one.write()
    program = Path(__file__).with_name("ray_cluster.py")
    words = [*ALONE, LOOPBACK, "-", sys.executable, str(program), *(str(one.folder) for one in jobs)]
    environment = {**os.environ, "RAY_USAGE_STATS_ENABLED": "0", "PYTHONPATH": str(Path(__file__).parents[3])}
    ran = subprocess.run(words, capture_output=True, text=True, check=False, timeout=850, env=environment)
    assert ran.returncode == 0, ran.stderr[-5000:]
    found = json.loads(ran.stdout.splitlines()[-1])
    assert found["room"] == 2
    assert found["ended"] == {"a": "complete", "b": "complete"}
    assert sorted(found["states"].values()) == [["finished"], ["killed", "finished"]]
    assert len({(one.folder / "metrics.csv").read_bytes() for one in jobs}) == 1
