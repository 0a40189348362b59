import re
import sys
from importlib.metadata import distributions
from pathlib import Path

import pytest

from lighter.records.versions import installed


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
