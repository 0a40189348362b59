"""Files of a run are opened only where they are plain ones."""

import os
from pathlib import Path

import pytest

from lighter.runs.plain_files import obstacle, open_plain, read_plain


def test_a_plain_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"one\ntwo\n")
    with open_plain(tmp_path / "a") as file:
        assert list(file) == [b"one\n", b"two\n"]
    assert read_plain(tmp_path / "a", 8) == b"one\ntwo\n"
    assert obstacle(tmp_path / "a") == obstacle(tmp_path / "none") == ""


@pytest.mark.parametrize(
    ("make", "reason", "found"),
    [
        (lambda path: path.symlink_to("/etc/hostname"), "it is a link", "a link"),
        (lambda path: path.symlink_to(path.name), "it is a link", "a link"),
        (os.mkfifo, "it is no plain file", "no plain file"),
        (os.mkdir, "Is a directory", "a folder"),
    ],
)
def test_what_is_no_plain_file_is_refused_at_once(tmp_path: Path, make, reason: str, found: str) -> None:
    make(tmp_path / "a")
    with pytest.raises(OSError, match=reason):
        open_plain(tmp_path / "a")
    assert obstacle(tmp_path / "a") == found


def test_a_device_is_no_plain_file() -> None:
    with pytest.raises(OSError, match="it is no plain file"):
        read_plain(Path("/dev/zero"))


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"12345")
    with pytest.raises(OSError, match="it is larger than 0 MiB"):
        read_plain(tmp_path / "a", 4)
