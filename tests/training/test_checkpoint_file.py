from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
import torch

from lighter.training.checkpoint_file import declared_safe, more_than_weights, read_checkpoint, unsafe_names


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.ckpt"


@pytest.mark.parametrize("is_zip", [True, False])
def test_a_checkpoint_is_read_on_the_cpu(path: Path, is_zip: bool) -> None:
    torch.save({"a": torch.ones(2), "step": np.float64(3)}, path, _use_new_zipfile_serialization=is_zip)
    with declared_safe():
        found = read_checkpoint(path)
    assert torch.equal(found["a"], torch.ones(2))
    assert found["step"] == 3


def test_plain_data_beside_weights_is_nothing_more(path: Path) -> None:
    torch.save({"a": torch.ones(2), "step": 3}, path)
    assert more_than_weights(path, "") is None


def test_other_objects_are_named_with_a_cure(path: Path) -> None:
    torch.save({"price": Decimal(1)}, path)
    assert unsafe_names(path) == ["decimal.Decimal"]
    told = (
        f"'{path}' holds more than weights: decimal.Decimal; if you trust it, write x, which runs what code it brings"
    )
    assert more_than_weights(path, "write x") == told
    assert read_checkpoint(path, weights_only=False) == {"price": Decimal(1)}


@pytest.mark.parametrize("content", [b"PK\x03\x04 cut off", b"a note"])
def test_what_is_no_checkpoint_names_nothing(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    assert unsafe_names(path) == []
