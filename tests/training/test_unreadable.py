"""Samples that cannot be read: marked, noted, and replaced by others in every kind of worker."""

import copy
import gc
import pickle
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.multiprocessing as mp
from torch.utils.data import DataLoader, Dataset, IterableDataset

from lighter.errors import RunError
from lighter.training.unreadable import Record, ReplacingCollate, TolerantDataset, Unreadable


class Mixed(Dataset[Any]):
    """Sample 2 raises, sample 3 is None."""

    def __len__(self) -> int:
        return 5

    def __getitem__(self, index: int) -> Any:
        if index == 2:
            raise OSError("file 2 is\nbroken")
        return None if index == 3 else float(index)


def test_what_can_be_read_is_as_it_was() -> None:
    files = Mixed()
    tolerant = TolerantDataset(files)
    assert len(tolerant) == 5
    assert [tolerant[index] for index in (0, 1, 4)] == [0.0, 1.0, 4.0]
    assert tolerant.dataset is files


def test_an_error_becomes_a_mark_with_its_reason_and_place() -> None:
    found = TolerantDataset(Mixed())[2]
    assert isinstance(found, Unreadable)
    assert found.index == 2
    assert isinstance(found.error, OSError)
    line = Mixed.__getitem__.__code__.co_firstlineno + 2
    assert found.reason == f"OSError: file 2 is broken ({__file__}:{line})"


def test_none_becomes_a_mark() -> None:
    assert TolerantDataset(Mixed())[3] == Unreadable(3, "it is None")


def test_what_ends_a_process_is_let_through() -> None:
    class Stopped(Mixed):
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


def note(record: Record, start: int) -> None:
    for index in range(start, start + 50):
        record.add([Unreadable(index, "r" * 500)])


def test_what_is_noted_is_read_once(tmp_path: Path) -> None:
    record = Record()
    assert record.new() == []
    record.add([Unreadable(1, "a\nb"), Unreadable(("x", 2), "é")])
    assert record.new() == [("1", "a\nb"), ("('x', 2)", "é")]
    assert record.new() == []
    pickle.loads(pickle.dumps(record)).add([Unreadable(3, "c")])
    copy.deepcopy(record).add([Unreadable(4, "d")])
    assert record.new() == [("3", "c"), ("4", "d")]


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_processes_do_not_mix_their_lines(method: str) -> None:
    if method not in mp.get_all_start_methods():
        pytest.skip("there is no such way to start a process here")
    record: Record = Record()
    context: Any = mp.get_context(method)
    processes = [context.Process(target=note, args=(record, 100 * n)) for n in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    expected = [(str(start + n), "r" * 500) for start in (0, 100) for n in range(50)]
    assert sorted(record.new(), key=lambda one: int(one[0])) == expected


def forget(records: list[Record]) -> None:
    records.clear()
    gc.collect()


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_process_leaves_the_file_alone() -> None:
    if "fork" not in mp.get_all_start_methods():
        pytest.skip("processes are not forked here")
    records, context = [Record()], mp.get_context("fork")
    records[0].add([Unreadable(1, "a")])
    process = context.Process(target=forget, args=(records,))
    process.start()
    process.join()
    assert records[0].new() == [("1", "a")]


def test_the_file_goes_with_the_object_that_made_it() -> None:
    record = Record()
    path = record.path
    assert not path.exists()
    record.add([Unreadable(1, "a")])
    copied = pickle.loads(pickle.dumps(record))
    del copied
    gc.collect()
    assert path.exists()
    del record
    gc.collect()
    assert not path.exists()


BAD = Unreadable(9, "it is None")


class Files(Dataset[Any]):
    """Every seventh sample raises, the others are their own index."""

    def __init__(self, count: int = 20, bad: Any = None) -> None:
        self.count = count
        self.bad = range(3, count, 7) if bad is None else bad

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> Any:
        if index in self.bad:
            raise OSError(f"file {index} is broken")
        return torch.tensor(index)


@pytest.mark.parametrize(
    ("samples", "replaced", "left"),
    [
        ([1, 2, 3], [1, 2, 3], [1, 2, 3]),
        ([1, BAD, 3], [1, 1, 3], [1, 3]),
        ([None, 2, None, 4, None], [2, 2, 4, 4, 2], [2, 4]),
        ([BAD, BAD, 7], [7, 7, 7], [7]),
    ],
)
def test_the_others_take_the_places_in_turn(samples: list[Any], replaced: list[int], left: list[int]) -> None:
    assert ReplacingCollate(most=1)(samples).tolist() == replaced
    assert ReplacingCollate(most=1, replace=False)(samples).tolist() == left


def test_a_collate_function_of_ones_own() -> None:
    assert ReplacingCollate("-".join)(["a", None, "c"]) == "a-a-c"


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@pytest.mark.parametrize(("workers", "method"), [(0, None), (2, "fork"), (2, "spawn")])
def test_with_workers_of_any_kind(workers: int, method: str | None) -> None:
    collate = ReplacingCollate(most=0.2)
    loader = DataLoader(
        TolerantDataset(Files()), 5, collate_fn=collate, num_workers=workers, multiprocessing_context=method
    )
    assert [batch.tolist() for batch in loader] == [
        [0, 1, 2, 0, 4],
        [5, 6, 7, 8, 9],
        [11, 11, 12, 13, 14],
        [15, 16, 15, 18, 19],
    ]
    found = sorted(collate.record.new(), key=lambda one: int(one[0]))
    assert [index for index, _ in found] == ["3", "10", "17"]
    assert found[0][1].startswith("OSError: file 3 is broken (")


def test_a_batch_without_any_other_is_an_error_with_the_one_that_it_raised() -> None:
    loader = DataLoader(TolerantDataset(Files(4, [2, 3])), 2, collate_fn=ReplacingCollate())
    with pytest.raises(RunError) as told:
        list(loader)
    text = str(told.value)
    assert text.startswith("all 2 samples of a batch cannot be read, the first of them 2: OSError: file 2 is broken (")
    assert isinstance(told.value.__cause__, OSError)


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_so_is_one_in_a_worker() -> None:
    loader = DataLoader(TolerantDataset(Files(4, [2, 3])), 2, collate_fn=ReplacingCollate(), num_workers=1)
    batches = iter(loader)
    next(batches)
    with pytest.raises(RunError, match="all 2 samples of a batch cannot be read") as told:
        next(batches)
    assert list(batches) == []  # without this, PyTorch waits five seconds for the worker
    assert "OSError: file 3 is broken" in str(told.value)
    assert "in __getitem__" in str(told.value)


def test_more_than_a_share_is_an_error() -> None:
    loader = DataLoader(TolerantDataset(Files(300, range(0, 300, 4))), 30, collate_fn=ReplacingCollate(most=0.2))
    read = iter(loader)
    assert len([next(read) for _ in range(2)]) == 2
    with pytest.raises(RunError) as told:
        next(read)
    assert str(told.value).startswith(
        "23 of 90 samples cannot be read, more than 'most: 0.2' allows; among them 60: OSError: "
    )
    assert len(list(DataLoader(loader.dataset, 30, collate_fn=ReplacingCollate(most=0.3)))) == 10


def test_a_few_say_nothing_of_a_share() -> None:
    collate = ReplacingCollate()
    assert len([collate([1, None]) for _ in range(10)]) == 10
    with pytest.raises(RunError, match=r"11 of 22 samples cannot be read, more than 'most: 0\.1' allows"):
        collate([1, None])


@pytest.mark.parametrize("most", [-0.1, 1.5, 10])
def test_what_is_no_share_is_refused(most: float) -> None:
    with pytest.raises(ValueError, match=r"ReplacingCollate\(most\): a share from 0 to 1 is wanted, not"):
        ReplacingCollate(most=most)
