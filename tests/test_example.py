"""The example that `make demo` runs keeps what it promises."""

import csv
import json
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from lighter.utils.dynamic_imports import import_module_from_path

DIGITS = Path(__file__).parents[1] / "projects" / "digits"
CONFIG = str(DIGITS / "config.yaml")
PROMISED = 0.98


def test_the_digits_are_learned_tested_and_predicted(
    warm: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    for words in (["fit"], ["test", "--ckpt_path=best"], ["predict", "--ckpt_path=best"]):
        done = warm("-m", "lighter", words[0], CONFIG, *words[1:], folder=tmp_path)
        assert done.returncode == 0, done.stderr
    (results,) = tmp_path.glob("runs/digits/*/results.json")
    assert json.loads(results.read_text(encoding="utf-8"))["test"]["test/metrics/accuracy/epoch"] >= PROMISED

    with (results.parent / "predictions" / "predictions.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len({row["identifier"] for row in rows}) == len(rows) == len(parts()["test"])
    assert sum(row["digit"] == row["label"] for row in rows) / len(rows) >= PROMISED


def test_the_parts_share_no_image_and_leave_none_out() -> None:
    found = [index for part in parts().values() for index in part.indices]
    assert sorted(found) == list(range(1797))


def test_every_part_has_its_share_of_every_digit() -> None:
    counts = {split: Counter(part.labels.tolist()) for split, part in parts().items()}
    for digit in range(10):
        train, val, test = (counts[split][digit] for split in ("train", "val", "test"))
        assert abs(train - 3 * val) <= 3
        assert abs(val - test) <= 1


def test_a_sample_is_an_image_a_label_and_an_index() -> None:
    sample = parts()["val"][0]
    assert sample["image"].shape == (1, 8, 8)
    assert 0 <= sample["image"].min() < sample["image"].max() <= 1
    assert {"label", "id"} < sample.keys()


def test_a_part_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="split is 'valid'; it must be one of train, val, test"):
        datasets().Digits("valid")


def parts() -> dict[str, Any]:
    return {split: datasets().Digits(split) for split in ("train", "val", "test")}


def datasets() -> ModuleType:
    return import_module_from_path("digits.datasets", str(DIGITS))
