"""A damaged checkpoint is named, with one beside it that is well."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from lighter.errors import RunError
from lighter.resuming.intact import require_intact


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def overwritten(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def flipped(path: Path) -> None:
    """One bit of one weight."""
    with zipfile.ZipFile(path) as archive:
        info = next(one for one in archive.infolist() if one.filename.endswith("data/0"))
    content = bytearray(path.read_bytes())
    content[content.index(torch.full((99,), 1.5).numpy().tobytes()) + 200] ^= 1
    assert info.file_size == 4 * 99
    path.write_bytes(content)


@pytest.fixture
def last(tmp_path: Path) -> Path:
    path = tmp_path / "last.ckpt"
    torch.save({"weights": torch.full((99,), 1.5)}, path)
    return path


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        (cut_off, "it is cut off or overwritten (File is not a zip file)"),
        (emptied, "it is empty"),
        (overwritten, "it does not begin as a checkpoint does"),
        (flipped, "the content of its part 'last/data/0' has changed since it was written"),
    ],
)
def test_damage_is_told_with_the_checkpoint_before(last: Path, damage: Callable[[Path], None], fault: str) -> None:
    require_intact(last)
    previous, older = last.with_name("previous.ckpt"), last.with_name("older.ckpt")
    previous.write_bytes(last.read_bytes())
    damage(last)
    older.write_bytes(last.read_bytes())  # newer than the good one, but no better
    with pytest.raises(RunError) as told:
        require_intact(last)
    cure = f"the one before it is well: --ckpt_path={previous}"
    assert str(told.value) == f"the checkpoint '{last}' is damaged: {fault}; {cure}"


def test_that_there_is_no_other_is_told(last: Path) -> None:
    emptied(last)
    with pytest.raises(RunError, match="is damaged: it is empty; there is no other beside it"):
        require_intact(last)


def test_what_is_not_known_is_not_called_damaged(last: Path) -> None:
    torch.save({"a": torch.ones(2)}, last, _use_new_zipfile_serialization=False)
    require_intact(last)
    last.write_text('{"format": "of its own"}', encoding="utf-8")
    require_intact(last)
    require_intact(last.parent)  # a part for each rank
