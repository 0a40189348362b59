"""A file appears whole or not at all."""

import errno
from pathlib import Path

import pytest

from lighter.runs.whole_files import opened_whole, write_whole


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "file"
    write_whole(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "new" * 10_000 + "\udc80")
    assert path.read_text(encoding="utf-8") == "old"
    assert list(path.parent.iterdir()) == [path]


def test_what_is_written_shows_only_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "file"
    write_whole(path, "old")
    with opened_whole(path, is_synced=True) as file:
        file.write(b"new" * 100_000)
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new" * 100_000
    assert list(path.parent.iterdir()) == [path]


def test_what_is_broken_off_leaves_the_file_that_was(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_whole(path, b"old")

    def break_off() -> None:
        with opened_whole(path) as file:
            file.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        break_off()
    assert [(one, one.read_bytes()) for one in tmp_path.iterdir()] == [(path, b"old")]


def test_the_first_error_of_the_disk_is_told_with_the_file(tmp_path: Path) -> None:
    def fill() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    def fail() -> None:
        with opened_whole(tmp_path / "file"):
            try:
                fill()
            except OSError as error:
                raise RuntimeError("unexpected position") from error

    with pytest.raises(OSError, match="No space left on device") as caught:
        fail()
    assert caught.value.filename == str(tmp_path / "file")
    assert list(tmp_path.iterdir()) == []
