import os
import re
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

import pytest
import torch

from lighter.runs.record import machine as module
from lighter.runs.record.machine import hardware, installed

SCRIPT = "from lighter.runs.record.machine import command\nprint(command())\n"


def test_a_script(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(SCRIPT)
    assert told(tmp_path, sys.executable, "train.py", "--api-key=abc", "a b") == (
        f"['{Path(sys.executable).name}', 'train.py', '--api-key=***', 'a b']"
    )


def test_a_module(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(SCRIPT)
    found = told(tmp_path, sys.executable, "-m", "train", "vars::password=abc")
    assert found == f"['{Path(sys.executable).name}', '-m', 'train', \"vars::password=$env('PASSWORD')\"]"


def test_an_installed_command(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.symlink_to(sys.executable)
    installed = tmp_path / "train"
    # As pip writes it, but for the environment, which a link elsewhere does not find.
    installed.write_text(f"#!{python}\nimport sys\nsys.path[:] = {sys.path}\n{SCRIPT}")
    installed.chmod(0o755)
    assert told(tmp_path, str(installed), "fit", "config.yaml") == "['train', 'fit', 'config.yaml']"


def told(folder: Path, *words: str) -> str:
    return subprocess.run(words, capture_output=True, text=True, check=True, cwd=folder).stdout.strip()


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
    script = "import sys; from lighter.runs.record.machine import hardware;"
    script += "print(hardware()['gpus'], 'torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[] False\n"


def test_it_equals_what_the_standard_library_says() -> None:
    known: dict[str, str] = {}
    for one in distributions():
        known.setdefault(re.sub(r"[-_.]+", "-", one.name).lower(), one.version)
    assert installed() == dict(sorted(known.items()))
    assert "pytorch-lightning" in installed()


def test_what_stands_first_on_the_path_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "PyTorch_Lightning-0.0.1.dist-info").mkdir()
    (tmp_path / "old_one.egg-info").mkdir()
    (tmp_path / "old_one.egg-info" / "PKG-INFO").write_text("Metadata-Version: 1.0\nName: old-one\nVersion: 3.4\n")
    (tmp_path / "older-1.2-py3.9.egg-info").write_text("Metadata-Version: 1.0\nName: older\nVersion: 1.2\n")
    (tmp_path / "left-over.dist-info").mkdir()
    (tmp_path / "-2.dist-info").mkdir()
    monkeypatch.setattr(sys, "path", [str(tmp_path), str(tmp_path / "absent"), *sys.path])
    found = installed()
    assert (found["pytorch-lightning"], found["old-one"], found["older"]) == ("0.0.1", "3.4", "1.2")
    assert "" not in found


def test_the_folder_of_work_is_looked_into_where_python_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here-7.dist-info").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [""])
    assert installed() == {"here": "7"}
