"""A dataset that gives a mark in place of what cannot be read."""

from typing import Any

import pytest
from torch.utils.data import Dataset, IterableDataset

from lighter.training.unreadable import TolerantDataset, Unreadable


class Files(Dataset[Any]):
    """Sample 2 raises, sample 3 is None."""

    def __len__(self) -> int:
        return 5

    def __getitem__(self, index: int) -> Any:
        if index == 2:
            raise OSError("file 2 is\nbroken")
        return None if index == 3 else float(index)


def test_what_can_be_read_is_as_it_was() -> None:
    files = Files()
    tolerant = TolerantDataset(files)
    assert len(tolerant) == 5
    assert [tolerant[index] for index in (0, 1, 4)] == [0.0, 1.0, 4.0]
    assert tolerant.dataset is files


def test_an_error_becomes_a_mark_with_its_reason_and_place() -> None:
    found = TolerantDataset(Files())[2]
    assert isinstance(found, Unreadable)
    assert found.index == 2
    assert isinstance(found.error, OSError)
    line = Files.__getitem__.__code__.co_firstlineno + 2
    assert found.reason == f"OSError: file 2 is broken ({__file__}:{line})"


def test_none_becomes_a_mark() -> None:
    assert TolerantDataset(Files())[3] == Unreadable(3, "it is None")


def test_what_ends_a_process_is_let_through() -> None:
    class Stopped(Files):
        def __getitem__(self, index: int) -> Any:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        TolerantDataset(Stopped())[0]


class Stream(IterableDataset[Any]):
    def __iter__(self) -> Any:
        return iter([1])


@pytest.mark.parametrize("dataset", [Stream(), 3, {1, 2}])
def test_what_is_not_read_by_index_is_refused(dataset: Any) -> None:
    with pytest.raises(TypeError, match=r"TolerantDataset\(dataset\): one with __getitem__ and __len__ is wanted, not"):
        TolerantDataset(dataset)
