import os
from pathlib import Path

import pytest

from lighter.errors import RunError
from lighter.runs.folder import LOCK
from lighter.runs.locking import claimed, is_held, is_held_here, locked


def test_a_folder_is_held_while_it_is_locked(tmp_path: Path) -> None:
    assert is_held(tmp_path) is None
    with locked(tmp_path, alone=True) as has_locks:
        assert has_locks
        assert is_held(tmp_path)
        assert is_held_here(tmp_path / "." / "")
    assert is_held(tmp_path) is False
    assert not is_held_here(tmp_path)


def test_it_is_let_go_when_something_is_raised(tmp_path: Path) -> None:
    with pytest.raises(KeyError), locked(tmp_path, alone=True):
        raise KeyError
    assert is_held(tmp_path) is False


def test_one_alone_bears_no_other(tmp_path: Path) -> None:
    for first, second in ((True, False), (False, True), (True, True)):
        with (
            locked(tmp_path, alone=first),
            pytest.raises(BlockingIOError, match="locked by another process"),
            locked(tmp_path, alone=second),
        ):
            pass


def test_many_runs_are_done_by_one_process(tmp_path: Path) -> None:
    with (
        claimed(tmp_path, "sweep"),
        pytest.raises(RunError, match=f"another process runs the sweep in '{tmp_path}'"),
        claimed(tmp_path, "sweep"),
    ):
        pass


def test_a_child_does_not_hold_it(tmp_path: Path) -> None:
    with locked(tmp_path, alone=True):
        files = open_files()
        child = os.fork()
        if child == 0:
            has_let_go = len(open_files()) == len(files) - 1 and not is_held_here(tmp_path)
            os._exit(0 if has_let_go else 1)
        assert os.waitpid(child, 0)[1] == 0
        assert is_held(tmp_path)


def open_files() -> list[Path]:
    return list(Path("/proc/self/fd").iterdir())


def test_no_file_is_left_open(tmp_path: Path) -> None:
    before = len(open_files())
    with locked(tmp_path, alone=True):
        is_held(tmp_path)
    (tmp_path / LOCK).unlink()
    (tmp_path / LOCK).mkdir()
    with pytest.raises(IsADirectoryError), locked(tmp_path, alone=True):
        pass
    assert len(open_files()) == before
