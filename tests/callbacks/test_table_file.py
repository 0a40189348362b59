"""A table that is there only when it is whole."""

from pathlib import Path

import pytest

from lighter.callbacks.table_file import TableFile
from lighter.errors import RunError


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def test_it_gets_its_name_when_it_is_whole(tmp_path: Path) -> None:
    table = TableFile(tmp_path / "t.csv", 0, 1)
    table.add({"pred": [5, 6]}, ["a", "b, c"], 2, 0)
    table.add({"pred": [7]}, ["d"], 1, 0)
    assert not (tmp_path / "t.csv").exists()
    table.close()
    table.publish()
    assert lines(tmp_path / "t.csv") == ["identifier,pred", "a,5", '"b, c",6', "d,7"]
    assert table.rows == 3
    assert list(tmp_path.iterdir()) == [tmp_path / "t.csv"]


def test_rows_without_identifiers_are_numbered_for_each_loader(tmp_path: Path) -> None:
    table = TableFile(tmp_path / "t.csv", 0, 1)
    for loader in (0, 0, 1):
        table.add({"pred": [5]}, None, 1, loader)
    table.close()
    table.publish()
    assert lines(tmp_path / "t.csv") == ["identifier,pred", "0,5", "1,5", "0,5"]


def test_the_rows_of_ranks_come_in_the_order_of_the_data(tmp_path: Path) -> None:
    tables = [TableFile(tmp_path / "t.csv", rank, 3) for rank in range(3)]
    samples = [[0, 3, 6], [1, 4], [2, 5]]
    for table, numbers in zip(tables, samples, strict=True):
        table.add({"pred": [10 * number for number in numbers[:2]]}, None, 2, 0)
        table.add({"pred": [10 * number for number in numbers[2:]]}, None, len(numbers) - 2, 0)
        table.close()
    tables[0].publish()
    assert lines(tmp_path / "t.csv") == ["identifier,pred", *[f"{number},{10 * number}" for number in range(7)]]
    assert tables[0].rows == 7
    assert list(tmp_path.iterdir()) == [tmp_path / "t.csv"]


def test_a_rank_without_rows(tmp_path: Path) -> None:
    tables = [TableFile(tmp_path / "t.csv", rank, 2) for rank in range(2)]
    tables[1].add({"pred": [1]}, ["x"], 1, 0)
    for table in tables:
        table.close()
    tables[0].publish()
    assert lines(tmp_path / "t.csv") == ["identifier,pred", "x,1"]


def test_other_columns_in_mid_table_are_told(tmp_path: Path) -> None:
    table = TableFile(tmp_path / "t.csv", 0, 1)
    table.add({"a": [1]}, None, 1, 0)
    with pytest.raises(RunError) as told:
        table.add({"b": [1]}, None, 1, 0)
    table.close()
    assert str(told.value) == (
        "TableWriter: the columns of this batch are identifier, b, those of the batches before identifier, a; "
        "a table needs the same for all"
    )


def test_other_columns_on_another_rank_are_told(tmp_path: Path) -> None:
    tables = [TableFile(tmp_path / "t.csv", rank, 2) for rank in range(2)]
    for table, name in zip(tables, "ab", strict=True):
        table.add({name: [1]}, None, 1, 0)
        table.close()
    with pytest.raises(RunError, match="the ranks have different columns, identifier, a and identifier, b;"):
        tables[0].publish()
    assert not (tmp_path / "t.csv").exists()
