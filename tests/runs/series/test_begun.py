from pathlib import Path

import pytest

from lighter.errors import PathError
from lighter.runs.series.begun import Begun, read_begun


def test_what_was_begun_is_read_as_it_was_written(tmp_path: Path) -> None:
    begun = Begun(("a", "b"), ("fit", "test"), ("val/loss/epoch",), 2, "slurm", "torch")
    begun.write(tmp_path)
    assert read_begun(tmp_path) == begun


def test_a_folder_without_a_series_is_told(tmp_path: Path) -> None:
    with pytest.raises(PathError, match="holds no series"):
        read_begun(tmp_path)
