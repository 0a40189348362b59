"""Checkpoints as files: whole or not at all, and the one before kept."""

import os
from pathlib import Path

import fsspec
import pytest
import pytorch_lightning as pl
import torch
from pytorch_lightning.plugins.io import TorchCheckpointIO

from lighter.runs.resume.checkpoint_files import (
    WholeCheckpointIO,
    keep_previous,
    write_checkpoints_whole,
)


class Full:
    """What cannot be written, as on a disk without room."""

    def __reduce__(self) -> str:
        raise OSError(28, "No space left on device")


def test_a_checkpoint_that_cannot_be_written_leaves_the_one_that_was(tmp_path: Path) -> None:
    path = tmp_path / "checkpoints" / "last.ckpt"
    WholeCheckpointIO().save_checkpoint({"step": 1}, path)
    with pytest.raises(OSError, match="No space left"):
        WholeCheckpointIO().save_checkpoint({"weights": torch.ones(10_000), "step": Full()}, path)
    assert torch.load(path, weights_only=True) == {"step": 1}
    assert list(path.parent.iterdir()) == [path]


def test_a_checkpoint_elsewhere_is_written_as_lightning_does() -> None:
    WholeCheckpointIO().save_checkpoint({"step": 1}, "memory://whole/last.ckpt")
    with fsspec.open("memory://whole/last.ckpt") as file:
        assert torch.load(file, weights_only=True) == {"step": 1}


class Own(TorchCheckpointIO):
    """How a config writes its files."""


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({}, WholeCheckpointIO),
        ({"strategy": "ddp", "devices": 2}, WholeCheckpointIO),
        ({"plugins": [Own()]}, Own),
    ],
)
def test_files_are_written_whole_unless_the_config_says_how(options: dict[str, object], kind: type) -> None:
    trainer = pl.Trainer(accelerator="cpu", logger=False, enable_checkpointing=False, **options)  # type: ignore[arg-type]
    write_checkpoints_whole(trainer.strategy)
    assert type(trainer.strategy.checkpoint_io) is kind


def test_the_checkpoint_before_is_kept(tmp_path: Path) -> None:
    last, previous = tmp_path / "last.ckpt", tmp_path / "previous.ckpt"
    keep_previous(last)
    assert list(tmp_path.iterdir()) == []
    for text in ("first", "second"):
        last.write_text(text, encoding="utf-8")
        (tmp_path / ".previous.ckpt").write_text("left by a process that was killed", encoding="utf-8")
        keep_previous(last)
        assert last.read_text() == previous.read_text() == text  # there is a last one at every moment
        last.unlink()
    assert list(tmp_path.iterdir()) == [previous]


def test_it_is_moved_where_there_are_no_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_link(*names: object) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_link)
    last = tmp_path / "last.ckpt"
    last.write_text("first", encoding="utf-8")
    keep_previous(last)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("previous.ckpt", "first")]


def test_a_checkpoint_of_several_files_is_moved(tmp_path: Path) -> None:
    last = tmp_path / "last.ckpt"
    for rank in (1, 2):
        last.mkdir()
        (last / f"rank{rank}").touch()
        keep_previous(last)
    assert [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")] == ["previous.ckpt", "previous.ckpt/rank2"]


def test_a_file_takes_the_place_of_a_folder_of_ranks(tmp_path: Path) -> None:
    last, previous = tmp_path / "last.ckpt", tmp_path / "previous.ckpt"
    (previous / "part").mkdir(parents=True)
    last.write_text("file")
    keep_previous(last)
    assert previous.read_text() == last.read_text() == "file"
