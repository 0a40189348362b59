import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from lighter.records import hardware as module
from lighter.records.hardware import hardware


def test_the_machine_is_told() -> None:
    found = hardware()
    assert {"cpu", "cores", "memory_gib", "gpus"} == {*found}
    assert found["cpu"]
    assert 1 <= found["cores"] <= (os.cpu_count() or 1)
    assert 0.1 < found["memory_gib"] < 100_000
    assert len(found["gpus"]) == (torch.cuda.device_count() or torch.backends.mps.is_available())


def test_the_processor_is_the_one_that_the_system_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_CPU", tmp_path / "cpuinfo")
    assert hardware()["cpu"] == os.uname().machine
    (tmp_path / "cpuinfo").write_text("processor\t: 0\nmodel name\t: Fast 9000 @ 3: GHz\n\nmodel name\t: Other\n")
    assert hardware()["cpu"] == "Fast 9000 @ 3: GHz"


@pytest.mark.parametrize(
    ("told", "count", "names"),
    [
        (["A"], 1, ["A"]),
        (["A", "B"], 2, ["A", "B"]),
        (["A", "A", "A"], 2, ["A", "A"]),
        (["B", "A"], 1, ["A or B"]),  # which of them this process sees, nobody says
        ([], 2, ["GPU", "GPU"]),
    ],
)
def test_gpus_are_named_by_the_driver(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: list[str], count: int, names: list[str]
) -> None:
    for number, name in enumerate(told):
        (tmp_path / f"{number}").mkdir()
        (tmp_path / f"{number}" / "information").write_text(f"Model: \t\t {name}\nIRQ: 3\n")
    monkeypatch.setattr(module, "_NVIDIA", tmp_path)
    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: False)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: count)
    assert hardware()["gpus"] == names


def test_nothing_heavy_is_loaded_for_it() -> None:
    script = (
        "import sys; from lighter.records.hardware import hardware; print(hardware()['gpus'], 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[] False\n"
