"""Rows put down in any order, and read back in that of the data."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lighter.errors import RunError
from lighter.training.callbacks.cells import length
from lighter.training.callbacks.spool import BUCKET, Spool, in_order


def spooled(folder: Path, ranks: list[list[int]], batch: int = 3) -> list[Path]:
    """The folder of each rank, with these samples in it; a row tells its sample and rank."""
    folders = [folder / str(rank) for rank in range(len(ranks))]
    for rank, (path, numbers) in enumerate(zip(folders, ranks, strict=True)):
        spool = Spool(path)
        for start in range(0, len(numbers), batch):
            some = np.array(numbers[start : start + batch])
            spool.add({"x": some, "of": [f"{rank}"] * len(some)}, some, 0)
        spool.close()
    return folders


def read(folders: list[Path]) -> tuple[list[tuple[int, str]], int]:
    rows: list[tuple[int, str]] = []
    left_out = 0
    for columns, left in in_order(folders):
        rows += zip(np.asarray(columns["x"]).tolist(), columns["of"], strict=True)
        left_out += left
    return rows, left_out


@given(st.lists(st.lists(st.integers(0, 3 * BUCKET)), min_size=1, max_size=4))
def test_rows_come_back_in_order_and_of_each_sample_those_of_one_rank(ranks: list[list[int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        rows, left_out = read(spooled(Path(folder), ranks))
    owner: dict[int, int] = {}
    for rank, numbers in enumerate(ranks):
        for number in numbers:
            owner.setdefault(number, rank)
    expected = sorted((number, str(rank)) for rank, numbers in enumerate(ranks) for number in numbers
                      if owner[number] == rank)  # fmt: skip
    assert rows == expected
    assert left_out == sum(map(len, ranks)) - len(expected)


def test_rows_of_one_sample_stay_in_their_order(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "0")
    spool.add({"x": np.array([5, 6, 7, 8])}, np.array([1, 0, 1, 1]), 0)
    spool.close()
    (found,) = [columns["x"] for columns, _ in in_order([tmp_path / "0"])]
    assert list(found) == [6, 5, 7, 8]


def test_loaders_come_one_after_the_other(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "0")
    for loader in (0, 1, 0, 10):
        spool.add({"x": np.array([loader])}, np.array([loader + 9 * BUCKET]), loader)
    spool.close()
    assert [list(columns["x"]) for columns, _ in in_order([tmp_path / "0"])] == [[0, 0], [1], [10]]


def test_rows_leave_the_memory_while_they_come(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "0")
    numbers = np.random.default_rng(0).permutation(8 * BUCKET)
    for some in numbers.reshape(8, -1):
        spool.add({"x": some}, some, 0)
        assert sum(gathered._rows for gathered in spool._gathered.values()) < 2 * BUCKET
    assert [length(columns) for columns, _ in in_order([tmp_path / "0"])] == [BUCKET] * 8


def test_what_is_thrown_away_is_not_put_down(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "0")
    spool.add({"x": np.array([1])}, np.array([1]), 0)
    spool.close(whole=False)
    assert list((tmp_path / "0").iterdir()) == []


def test_other_columns_on_another_rank_are_told(tmp_path: Path) -> None:
    for rank, name in enumerate("ab"):
        spool = Spool(tmp_path / str(rank))
        spool.add({name: np.array([rank])}, np.array([rank]), 0)
        spool.close()
    with pytest.raises(RunError, match="TableWriter: the ranks have different columns, a and b; a table needs"):
        list(in_order([tmp_path / "0", tmp_path / "1"]))


def test_a_rank_on_a_machine_without_the_folder_is_told(tmp_path: Path) -> None:
    Spool(tmp_path / "0").close()
    with pytest.raises(RunError, match=r"not where this one looks \(.*1\); give a path that all machines of the run"):
        list(in_order([tmp_path / "0", tmp_path / "1"]))
