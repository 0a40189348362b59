"""What is used of Python without being promised is there in this Python, and does what is said of it."""

import multiprocessing.process
import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec

import pytest

from lighter.project.import_internals import WatchedSpec, calling_frame, process_settings


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (vars(pytest.__spec__), "_initializing"),
        (vars(multiprocessing.current_process()), "_config"),
        (vars(sys), "_getframe"),
    ],
)
def test_each_private_name_is_there(owner, name):
    assert name in owner


def test_the_import_system_says_when_a_module_has_run(tmp_path, monkeypatch):
    (tmp_path / "watched_a.py").write_text("x = 1\n")
    (tmp_path / "watched_b.py").write_text("1 / 0\n")
    has_run = []

    class Finder:
        @staticmethod
        def find_spec(name, path=None, target=None):
            found = PathFinder.find_spec(name, [str(tmp_path)]) if name.startswith("watched_") else None
            if found is None:
                return None
            spec = WatchedSpec(name, found.loader, origin=found.origin)
            spec.has_run = has_run.append
            return spec

    monkeypatch.setattr(sys, "meta_path", [Finder, *sys.meta_path])
    __import__("watched_a")
    assert has_run == ["watched_a"]
    with pytest.raises(ZeroDivisionError):
        __import__("watched_b")
    assert has_run == ["watched_a", "watched_b"]
    sys.modules.pop("watched_a")


def test_without_anybody_to_call_it_is_a_spec_like_any_other():
    spec = WatchedSpec("watched_c", None)
    assert module_from_spec(WatchedSpec("watched_c", PathFinder.find_spec("decimal").loader)).__name__ == "watched_c"
    spec._initializing = True
    assert spec._initializing
    spec._initializing = False
    assert not spec._initializing


def test_the_frame_that_called():
    def caller():
        return calling_frame(1)

    assert caller() is sys._getframe()


def test_the_settings_reach_every_process_that_is_started():
    settings = process_settings()
    settings["lighter.test"] = 1
    try:
        assert multiprocessing.process.BaseProcess()._config["lighter.test"] == 1
    finally:
        del settings["lighter.test"]
