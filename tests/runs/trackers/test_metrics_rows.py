"""The rows of `metrics.csv`."""

import csv
import sys
import warnings
from pathlib import Path

import pytest
from pytorch_lightning.loggers import CSVLogger

from lighter.runs.trackers.metrics_rows import begin_rows, count_rows, cut_rows, header, rows_of

HEADER = "epoch,step,train\r\n"


def logger(folder: Path, keeps: bool = False) -> CSVLogger:
    made = CSVLogger(folder, name=None, version="")
    begin_rows(made, keeps)
    return made


def write(folder: Path, *rows: str) -> Path:
    path = folder / "metrics.csv"
    path.write_bytes((HEADER + "".join(rows)).encode())
    return path


def test_a_file_begins_anew_without_a_warning(tmp_path: Path) -> None:
    path = write(tmp_path, "0,0,1\r\n")
    made = logger(tmp_path)
    assert rows_of(made) == path
    assert not path.exists()


def test_a_file_that_a_killed_process_has_put_aside_goes_on(tmp_path: Path) -> None:
    write(tmp_path, "0,0,1\r\n").replace(tmp_path / ".metrics.csv.kept")
    logger(tmp_path, keeps=True)
    assert count_rows(tmp_path / "metrics.csv") == 1


def test_there_may_be_nothing_to_go_on_with(tmp_path: Path) -> None:
    logger(tmp_path, keeps=True).log_metrics({"a": 1}, step=0)
    assert count_rows(tmp_path / "metrics.csv") == 0
    cut_rows(tmp_path / "metrics.csv", 3, 0)


def test_rows_outlast_a_process_that_ends_as_it_puts_columns_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = logger(tmp_path)
    made.log_metrics({"a": 1}, step=0)
    made.save()
    before = (tmp_path / "metrics.csv").read_bytes()
    made.log_metrics({"b": 2}, step=1)
    with monkeypatch.context() as patch:
        patch.setattr(csv.DictWriter, "writeheader", lambda _: sys.exit())  # the file that it writes is empty now
        with pytest.raises(SystemExit):
            made.save()
    assert (tmp_path / "metrics.csv").read_bytes() == before
    made.log_metrics({"c": 3}, step=2)
    made.save()
    assert count_rows(tmp_path / "metrics.csv") == 3
    assert header(tmp_path / "metrics.csv") == ["a", "b", "c", "step"]


def test_rows_that_are_written_again_are_dropped(tmp_path: Path) -> None:
    path = write(tmp_path, "0,0,1\r\n", "0,1,2\r\n", "0,1,3\r\n", "1,2,4\r\n")
    cut_rows(path, 2, 2)  # the third belongs to the step before: the end of an epoch, logged after its checkpoint
    assert path.read_bytes().decode() == HEADER + "0,0,1\r\n0,1,2\r\n0,1,3\r\n"
    cut_rows(path, 2, 1)
    assert path.read_bytes().decode() == HEADER + "0,0,1\r\n0,1,2\r\n"


@pytest.mark.parametrize("torn", ["0,", "0,1,5", "1", ",,\r\n", "0,x,1\r\n"])
def test_a_row_that_was_not_written_to_its_end_is_dropped(tmp_path: Path, torn: str) -> None:
    path = write(tmp_path, "0,0,1\r\n", torn)
    cut_rows(path, 1, 9)
    assert path.read_bytes().decode() == HEADER + "0,0,1\r\n"


def test_rows_before_the_checkpoint_stay_whatever_their_step(tmp_path: Path) -> None:
    path = write(tmp_path, "0,7,1\r\n", "0,8,1\r\n")
    cut_rows(path, 2, 0)
    assert count_rows(path) == 2


def test_a_file_goes_on_with_the_names_it_has(tmp_path: Path) -> None:
    path = write(tmp_path, "0,0,1\r\n")
    made = logger(tmp_path, keeps=True)
    made.log_metrics({"epoch": 1, "val": 5}, step=1)
    made.save()
    assert path.read_text(encoding="utf-8") == "epoch,step,train,val\n0,0,1,\n1,1,,5\n"
    assert [p.name for p in tmp_path.iterdir()] == ["metrics.csv"]


def test_nothing_is_said_of_a_folder_that_is_not_empty(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").touch()
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        logger(tmp_path)
    assert told == []
