"""Predictions of a plugin model, written as those of a Trainer."""

import csv
from pathlib import Path

import numpy as np
import pytest
import torch

from lighter.callbacks import FileWriter, TableWriter
from lighter.errors import RunError
from lighter.plugins.writing import write, writers_of
from lighter.training.stages import Stage

PARTS = (np.zeros((3, 2)), np.array([1, 2, 3]), np.array(["a", "b", "c"]), np.array([0.5, 1.5, 2.5]))


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_table_is_written_where_a_run_has_it(tmp_path: Path) -> None:
    (path,) = write(writers_of(None), Stage.PREDICT, tmp_path, PARTS)
    assert path == tmp_path / "predictions" / "predictions.csv"
    assert rows(path) == [{"identifier": i, "pred": p} for i, p in (("a", "0.5"), ("b", "1.5"), ("c", "2.5"))]
    assert [file.name for file in path.parent.iterdir()] == ["predictions.csv"]


@pytest.mark.parametrize("input", [["x", "y", "z"], {"left": np.zeros(3)}, object(), torch.zeros(3)])
def test_any_input_and_no_identifier(tmp_path: Path, input) -> None:
    (path,) = write(
        [TableWriter(columns=["pred", "target"])], Stage.PREDICT, tmp_path, (input, [4, 5, 6], None, [1, 2, 3])
    )
    assert rows(path)[2] == {"identifier": "2", "pred": "3", "target": "6"}


def test_test_is_written_if_a_writer_wants_it(tmp_path: Path) -> None:
    assert write([TableWriter()], Stage.TEST, tmp_path, PARTS) == []
    assert len(rows(write([TableWriter(stages=["test"])], Stage.TEST, tmp_path, PARTS)[0])) == 3


def test_a_file_for_each_sample(tmp_path: Path) -> None:
    (folder,) = write([FileWriter("files", format="npy")], Stage.PREDICT, tmp_path, PARTS)
    assert len(list(folder.rglob("*.npy"))) == 3


def test_a_failed_writer_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="identifier"):
        write([TableWriter()], Stage.PREDICT, tmp_path, (*PARTS[:2], ["a"], PARTS[3]))
    assert list((tmp_path / "predictions").iterdir()) == []


def test_what_writes_no_predictions_is_told() -> None:
    assert writers_of([]) == []
    with pytest.raises(RunError, match="system::writers holds a int, which writes no predictions"):
        writers_of(1)
