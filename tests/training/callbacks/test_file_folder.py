"""A folder of files, each of which is there only when it is whole."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lighter.errors import RunError
from lighter.training.callbacks.file_folder import LONGEST, FileFolder, file_name


def text(content: str) -> Any:
    return lambda path: path.write_text(content)


def test_a_file_is_moved_to_its_place_when_it_is_whole(tmp_path: Path) -> None:
    folder = FileFolder(tmp_path)

    def write(path: Path) -> None:
        assert path.name == "a.txt"
        path.write_text("half")
        assert not (tmp_path / "x" / "a.txt").exists()

    folder.put("x/a.txt", write)
    assert (tmp_path / "x" / "a.txt").read_text() == "half"
    folder.close()
    assert folder.files == 1
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_what_fails_leaves_no_file(tmp_path: Path) -> None:
    folder = FileFolder(tmp_path)

    def fails(path: Path) -> None:
        path.write_text("half")
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        folder.put("a.txt", fails)
    folder.close()
    assert list(tmp_path.iterdir()) == []


def test_a_second_sample_of_one_name_is_told(tmp_path: Path) -> None:
    folder = FileFolder(tmp_path)
    folder.put("a.txt", text("first"))
    with pytest.raises(RunError) as told:
        folder.put("a.txt", text("second"))
    assert str(told.value) == (
        f"FileWriter: two samples have the file '{tmp_path / 'a.txt'}'; the second would replace the first. "
        "Give each sample an identifier of its own, or leave it out to number the files"
    )
    assert (tmp_path / "a.txt").read_text() == "first"
    other = FileFolder(tmp_path, 1, 2)
    folder.put("b.txt", text("first"))
    with pytest.raises(RunError, match="two samples have the file"):
        other.put("b.txt", text("second"))


def test_ranks_that_may_share_a_sample_write_it_twice(tmp_path: Path) -> None:
    folders = [FileFolder(tmp_path, rank, 2, may_repeat=True) for rank in range(2)]
    for folder in folders:
        folder.put("a.txt", text("same"))
        folder.close()
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_files_of_an_earlier_run_are_replaced_and_others_stay(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("old")
    (tmp_path / "other.txt").write_text("other")
    folder = FileFolder(tmp_path)
    folder.put("a.txt", text("new"))
    folder.close()
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a.txt": "new", "other.txt": "other"}


def test_what_a_killed_run_left_is_removed(tmp_path: Path) -> None:
    for name in (".part0", ".part5", ".part1", ".partial", ".part5x"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "half.txt").write_text("half")
    folder = FileFolder(tmp_path, 0, 2)
    assert not (tmp_path / ".part0" / "half.txt").exists()
    folder.close()
    # That of rank 1 is for rank 1 to remove.
    assert sorted(path.name for path in tmp_path.iterdir()) == [".part1", ".part5x", ".partial"]


def test_a_writer_that_writes_nothing_is_told(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"the writer has made no file 'a\.obj'; it is called with a value and a path"):
        FileFolder(tmp_path).put("a.obj", lambda path: None)


@pytest.mark.parametrize(
    ("identifier", "name"),
    [
        ("case 1", "case 1.npy"),
        (7, "000007.npy"),
        (12345678, "12345678.npy"),
        (2.5, "2.5.npy"),
        ("a/b\\c:d", "a_b_c_d.npy"),
        ("/data/scans/a.npy", "_data_scans_a.npy"),
        ("..a", "__a.npy"),
        ("../../etc/passwd", "___.._etc_passwd.npy"),
        (".hidden", "_hidden.npy"),
        ("a\n?*|\x00", "a_____.npy"),
        ("ends with dots...", "ends with dots.npy"),
        ("naïve ☃", "naïve ☃.npy"),
        (("a", 1), "('a', 1).npy"),
        (True, "True.npy"),
    ],
)
def test_what_a_file_is_called(identifier: Any, name: str) -> None:
    assert file_name(identifier, ".npy") == name


@pytest.mark.parametrize("identifier", ["", " ", ".", "..", "/", "___", ".npy"])
def test_an_identifier_that_gives_no_name_is_told(identifier: str) -> None:
    with pytest.raises(RunError) as told:
        file_name(identifier, ".npy")
    assert str(told.value) == (
        f"FileWriter: the identifier {identifier!r} gives no name for a file; "
        "change it in the data, or leave it out to number the files"
    )


def test_long_names_are_cut_and_stay_different() -> None:
    names = {file_name("☃" * 200 + end, ".npy") for end in "ab"}
    assert len(names) == 2
    assert all(len(name.encode()) <= LONGEST + len(".npy") for name in names)


@given(st.text())
def test_no_name_leads_out_of_the_folder(identifier: str) -> None:
    try:
        name = file_name(identifier, ".npy")
    except RunError:
        return
    assert not {"/", "\\", "\0"} & set(name)
    assert not name.startswith(".")
    assert len(name.encode()) <= LONGEST + len(".npy")
