"""A table that is there only when it is whole."""

from pathlib import Path

import numpy as np
import pytest

from lighter.errors import RunError
from lighter.training.callbacks.cells import Columns
from lighter.training.callbacks.table_file import TableFile


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def add(table: TableFile, numbers: list[int], columns: Columns | None = None) -> None:
    table.add(columns or {"pred": [10 * number for number in numbers]}, np.array(numbers), 0)


@pytest.mark.parametrize("is_ordered", [True, False])
def test_it_gets_its_name_when_it_is_whole(tmp_path: Path, is_ordered: bool) -> None:
    table = TableFile(tmp_path / "t.csv", "csv", is_ordered=is_ordered)
    add(table, [0, 1])
    add(table, [2])
    table.close()
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv.part0"]
    table.publish()
    assert lines(tmp_path / "t.csv") == ["pred", "0", "10", "20"]
    assert (table.rows, table.left_out) == (3, 0)
    assert list(tmp_path.iterdir()) == [tmp_path / "t.csv"]


def test_rows_that_came_in_disorder_are_put_in_order(tmp_path: Path) -> None:
    table = TableFile(tmp_path / "t.csv", "csv", is_ordered=False)
    add(table, [2, 0])
    add(table, [1])
    table.close()
    table.publish()
    assert lines(tmp_path / "t.csv") == ["pred", "0", "10", "20"]


def test_the_rows_of_ranks_come_in_the_order_of_the_data_and_each_once(tmp_path: Path) -> None:
    tables = [TableFile(tmp_path / "t.csv", "csv", rank, 3) for rank in range(3)]
    for table, numbers in zip(tables, [[0, 3, 6], [1, 4, 0], [2, 5, 1]], strict=True):
        add(table, numbers[:2])
        add(table, numbers[2:])
        table.close()
    tables[0].publish()
    assert lines(tmp_path / "t.csv") == ["pred", *[str(10 * number) for number in range(7)]]
    assert (tables[0].rows, tables[0].left_out) == (7, 2)
    assert list(tmp_path.iterdir()) == [tmp_path / "t.csv"]


def test_a_rank_without_rows(tmp_path: Path) -> None:
    tables = [TableFile(tmp_path / "t.csv", "csv", rank, 2) for rank in range(2)]
    add(tables[1], [1])
    for table in tables:
        table.close()
    tables[0].publish()
    assert lines(tmp_path / "t.csv") == ["pred", "10"]


def test_other_columns_in_mid_table_are_told(tmp_path: Path) -> None:
    table = TableFile(tmp_path / "t.csv", "csv")
    add(table, [0], {"identifier": [0], "a": [1]})
    with pytest.raises(RunError) as told:
        add(table, [1], {"identifier": [1], "b": [1]})
    table.close()
    assert str(told.value) == (
        "TableWriter: the columns of this batch are identifier, b, those of the batches before identifier, a; "
        "a table needs the same for all"
    )


def test_what_cannot_be_joined_leaves_no_file(tmp_path: Path) -> None:
    tables = [TableFile(tmp_path / "t.csv", "csv", rank, 2) for rank in range(2)]
    for table, name in zip(tables, "ab", strict=True):
        add(table, [0], {name: [1]})
        table.close()
    with pytest.raises(RunError, match="the ranks have different columns, a and b;"):
        tables[0].publish()
    for table in tables:
        table.discard()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("is_ordered", [True, False])
def test_a_table_that_is_discarded_leaves_nothing(tmp_path: Path, is_ordered: bool) -> None:
    table = TableFile(tmp_path / "t.csv", "csv", is_ordered=is_ordered)
    add(table, [0])
    table.discard()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "t[1].csv.part").write_text("left")
    (tmp_path / "t[1].csv.part0").write_text("left")
    (tmp_path / "t[1].csv.part3").mkdir()
    (tmp_path / "t[1].csv.part3" / "0000-000000000000").write_text("left")
    (tmp_path / "t[1].csv.part1").mkdir()  # of rank 1, which removes it itself
    kept = ["t1.csv.part3", "t[1].csv.partial", "t[1].csv.part0.md", "u.csv.part0"]
    for name in kept:
        (tmp_path / name).write_text("mine")
    TableFile(tmp_path / "t[1].csv", "csv", 0, 2).close()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*kept, "t[1].csv.part0", "t[1].csv.part1"])
    TableFile(tmp_path / "t[1].csv", "csv", 1, 2).close()
