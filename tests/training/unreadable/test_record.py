"""Notes of several processes in one file."""

import copy
import gc
import pickle
from pathlib import Path
from typing import Any

import pytest
import torch.multiprocessing as mp

from lighter.training.unreadable.dataset import Unreadable
from lighter.training.unreadable.record import Record


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
