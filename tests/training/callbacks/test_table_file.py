"""A table that is there only when it is whole, and its formats, read back."""

import csv
import importlib.util
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lighter.errors import RunError
from lighter.training.callbacks import table_file
from lighter.training.callbacks.samples import Columns
from lighter.training.callbacks.table_file import BUCKET, ROWS, Spool, TableFile, format_of, in_order, length


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


FIRST: Columns = {
    "identifier": ["a", 'b, "c"\nd'],
    "score": np.array([0.1, np.nan], dtype=np.float32),
    "label": np.array([1, 2]),
    "sure": np.array([True, False]),
    "vector": np.array([[[1.5, 2], [3, 4]], [[5, 6], [7, 8]]], dtype=np.float32),
    "boxes": [np.zeros((0, 2), dtype=np.float32), np.ones((1, 2), dtype=np.float32)],
    "notes": [{"x": 1}, None],
}
SECOND: Columns = {**FIRST, "identifier": ["e", "f"], "boxes": [np.zeros((0, 2), dtype=np.float32)] * 2}
VECTORS = [[[1.5, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]]


def written(path: Path, *pieces: Columns) -> Path:
    rows = ROWS[format_of(path, None)](path)
    for piece in pieces:
        rows.write(piece)
    rows.close()
    return path


def test_csv(tmp_path: Path) -> None:
    with written(tmp_path / "t.csv", FIRST, SECOND).open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == list(FIRST)
    assert rows[:2] == [
        ["a", str(float(np.float32(0.1))), "1", "True", json.dumps(VECTORS[0]), "[]", '{"x": 1}'],
        ['b, "c"\nd', "nan", "2", "False", json.dumps(VECTORS[1]), "[[1.0, 1.0]]", ""],
    ]
    assert [row[0] for row in rows] == [*FIRST["identifier"], "e", "f"]


@pytest.mark.parametrize("group", [1, 3, 100])
def test_parquet_in_row_groups_of_any_size(tmp_path: Path, group: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_file, "ROW_GROUP", group)
    file = pq.ParquetFile(written(tmp_path / "t.parquet", FIRST, SECOND))
    assert file.num_row_groups == (1 if group > 2 else 2)
    table = file.read()
    assert {field.name: str(field.type) for field in table.schema} == {
        "identifier": "string",
        "score": "float",
        "label": "int64",
        "sure": "bool",
        "vector": "list<element: list<element: float>>",
        "boxes": "list<element: list<element: float>>",
        "notes": "string",
    }
    found = table.to_pydict()
    assert found["identifier"] == [*FIRST["identifier"], "e", "f"]
    assert found["score"][0] == np.float32(0.1)
    assert (found["vector"], found["label"]) == (VECTORS * 2, [1, 2] * 2)
    assert found["boxes"] == [[], [[1.0, 1.0]], [], []]
    assert found["notes"] == ['{"x": 1}', None] * 2


def test_a_table_without_rows(tmp_path: Path) -> None:
    assert written(tmp_path / "t.csv").read_text() == ""
    assert pq.read_table(written(tmp_path / "t.parquet")).num_rows == 0


def test_a_column_that_changes_its_kind_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_file, "ROW_GROUP", 1)
    with pytest.raises(RunError) as told:
        written(tmp_path / "t.parquet", {"a": [1]}, {"a": ["x"]})
    assert str(told.value) == (
        "TableWriter: the column 'a' holds str, and was int64 in the rows before; a Parquet column is of one kind: "
        "change it with transforms (complex: torch.view_as_real), or write a table that ends with .csv"
    )
    assert told.value.__cause__ is not None
    with pytest.raises(RunError, match=r"the column 'a' holds int, str; a Parquet column is of one kind"):
        written(tmp_path / "u.parquet", {"a": [1, "x"]})
    for column in ([[1j] * 100], [np.full(100, 1j)]):
        with pytest.raises(RunError, match=r"the column 'a' holds complex(128)?; a Parquet"):
            written(tmp_path / "u.parquet", {"a": column})


@pytest.mark.parametrize("name", ["t.csv", "t.parquet"])
def test_what_is_thrown_away_writes_nothing_more(tmp_path: Path, name: str) -> None:
    rows = ROWS[format_of(Path(name), None)](tmp_path / name)
    rows.write({"a": [1, "mixed"]})  # which Parquet would refuse
    rows.close(whole=False)
    rows.close(whole=False)


@pytest.mark.parametrize(
    ("name", "format", "found"),
    [("t.csv", None, "csv"), ("t.PARQUET", None, "parquet"), ("t.pq", None, "parquet"), ("t.txt", "csv", "csv")],
)
def test_the_format_is_that_of_the_suffix_unless_it_is_given(name: str, format: str | None, found: str) -> None:
    assert format_of(Path(name), format) == found


@pytest.mark.parametrize(
    ("name", "format", "told"),
    [
        ("t.txt", None, "TableWriter: the suffix of 't.txt' is of no known format; write .csv or .parquet"),
        ("t.csv", "parqet", "TableWriter: no table has the format 'parqet'; did you mean 'parquet'?"),
    ],
)
def test_what_is_no_format_is_refused(name: str, format: str | None, told: str) -> None:
    with pytest.raises(ValueError) as error:  # noqa: PT011  # the whole message is compared
        format_of(Path(name), format)
    assert str(error.value) == told


def test_parquet_without_pyarrow_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec

    def find(name: str) -> Any:
        return None if name == "pyarrow" else real(name)

    monkeypatch.setattr("importlib.util.find_spec", find)
    with pytest.raises(RunError, match=r"write 'pip install lighter\[parquet\]', or give a path that ends with \.csv"):
        format_of(Path("t.parquet"), None)
    assert format_of(Path("t.csv"), None) == "csv"


def test_what_another_has_written_into_the_folder_of_a_spool_is_not_read(tmp_path: Path) -> None:
    folders = spooled(tmp_path, [[1]])
    for name in ("metrics.csv", "0000-000000000000.pt", ".0000-000000000000"):
        (folders[0] / name).write_bytes(b"(cbuiltins\neval\nS'1/0'\ntR.")
    assert read(folders) == ([(1, "0")], 0)
