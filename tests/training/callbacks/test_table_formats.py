"""The formats of a table, read back."""

import csv
import importlib.util
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from lighter.errors import RunError
from lighter.training.callbacks import table_formats
from lighter.training.callbacks.cells import Columns
from lighter.training.callbacks.table_formats import format_of, open_rows

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
    rows = open_rows(format_of(path, None), path)
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
    monkeypatch.setattr(table_formats, "ROW_GROUP", group)
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
    monkeypatch.setattr(table_formats, "ROW_GROUP", 1)
    with pytest.raises(RunError) as told:
        written(tmp_path / "t.parquet", {"a": [1]}, {"a": ["x"]})
    assert str(told.value) == (
        "TableWriter: the column 'a' holds str, and was int64 in the rows before; a Parquet column is of one kind: "
        "change it with transforms, or write a table that ends with .csv"
    )
    assert told.value.__cause__ is not None
    with pytest.raises(RunError, match=r"the column 'a' holds int, str; a Parquet column is of one kind"):
        written(tmp_path / "u.parquet", {"a": [1, "x"]})


@pytest.mark.parametrize("name", ["t.csv", "t.parquet"])
def test_what_is_thrown_away_writes_nothing_more(tmp_path: Path, name: str) -> None:
    rows = open_rows(format_of(Path(name), None), tmp_path / name)
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
