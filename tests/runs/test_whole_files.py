"""A file appears whole or not at all."""

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
