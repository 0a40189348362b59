"""File names from identifiers."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lighter.callbacks.file_names import LONGEST, file_name
from lighter.errors import RunError


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
