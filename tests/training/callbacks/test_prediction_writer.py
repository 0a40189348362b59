"""What the writers of predictions share: a real run that goes well, fails, or is killed; and the samples of a batch."""

import errno
import os
import signal
import subprocess
import sys
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytorch_lightning as pl
import torch
from pytorch_lightning.overrides.distributed import UnrepeatedDistributedSamplerWrapper, _IndexBatchSamplerWrapper
from torch import Tensor, nn
from torch.utils.data import (
    BatchSampler,
    DataLoader,
    DistributedSampler,
    IterableDataset,
    RandomSampler,
    Sampler,
    SequentialSampler,
    TensorDataset,
)

from lighter.callbacks import FileWriter, TableWriter
from lighter.errors import RunError
from lighter.training.callbacks.prediction_writer import Numbering, PredictionWriter, writing
from lighter.training.system import System

INPUTS = torch.arange(12.0).reshape(12, 1)
SHUFFLED = "ignore:Your `predict_dataloader`'s sampler has shuffling enabled"


def writers() -> list[Any]:
    return [TableWriter("t.csv"), TableWriter("t.parquet"), FileWriter("files", format="npy")]


def predict(folder: Path, model: nn.Module, callbacks: list[Any], shuffle: bool = False, **adapters: Any) -> None:
    trainer = pl.Trainer(
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        callbacks=list(callbacks),
        default_root_dir=folder,
    )
    loader = DataLoader(TensorDataset(INPUTS), batch_size=2, shuffle=shuffle)
    trainer.predict(System(model, {"predict": loader}, adapters=adapters), return_predictions=False)


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


WHOLE = sorted([*(f"files/{number:06}.npy" for number in range(12)), "t.csv", "t.parquet"])


@pytest.mark.parametrize("kind", [TableWriter, FileWriter])
def test_writers_say_that_they_take_the_predictions(kind: type[PredictionWriter]) -> None:
    assert kind.writes_predictions


class Fails(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        if bool((x > 5).any()):
            raise KeyError("mine")
        return x


@pytest.mark.filterwarnings(SHUFFLED)
@pytest.mark.parametrize("shuffle", [False, True])
def test_a_failed_run_leaves_no_half_file(tmp_path: Path, shuffle: bool) -> None:
    made = writers()
    with pytest.raises(KeyError, match="mine"):
        predict(tmp_path, Fails(), made, shuffle)
    assert [name for name in files(tmp_path) if not name.endswith(".npy")] == []
    assert not list(tmp_path.rglob("*part*"))
    assert [writer.path_written for writer in made] == [None] * 3
    predict(tmp_path, nn.Identity(), made, shuffle)
    assert files(tmp_path) == WHOLE
    assert [writer.path_written for writer in made] == [tmp_path / name for name in ("t.csv", "t.parquet", "files")]


KILLED = """
import os, signal, sys
from pathlib import Path

sys.path.insert(0, sys.argv[1])
from test_prediction_writer import predict, writers
from torch import nn

seen = 0


class Killed(nn.Module):
    def forward(self, x):
        global seen
        seen += 1
        if seen == 5:
            os.kill(os.getpid(), signal.SIGKILL)
        return x


predict(Path(sys.argv[2]), Killed(), writers(), shuffle=sys.argv[3] == "shuffled")
"""


@pytest.mark.filterwarnings(SHUFFLED)
@pytest.mark.parametrize("order", ["shuffled", "in order"])
def test_a_killed_run_leaves_whole_files_alone_and_the_next_one_cleans_up(tmp_path: Path, order: str) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, "-c", KILLED, str(Path(__file__).parent), str(tmp_path), order]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=240, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    under_final_names = [name for name in files(tmp_path) if ".part" not in name]
    assert len(under_final_names) == 8
    for name in under_final_names:
        assert np.load(tmp_path / name).tolist() == [float(Path(name).stem)]
    assert list(tmp_path.glob("t.*.part0"))
    predict(tmp_path, nn.Identity(), writers(), shuffle=order == "in order")
    assert files(tmp_path) == WHOLE
    assert not list(tmp_path.rglob("*part*"))


class Counts(pl.Callback):
    """How many of the predictions made so far are still in memory, in all and at most."""

    def __init__(self) -> None:
        self.made: list[weakref.ref[Any]] = []
        self.alive = 0
        self.noted = 0

    def forward(self, x: Tensor) -> Tensor:
        array = np.repeat(x.numpy(), 3, axis=1)
        self.made.append(weakref.ref(array))
        return torch.from_numpy(array)

    def on_predict_batch_end(self, trainer: Any, *_: Any) -> None:
        self.alive = max(self.alive, sum(one() is not None for one in self.made))
        noted = trainer.predict_loop._combined_loader.flattened[0].batch_sampler.seen_batch_indices
        self.noted = max(self.noted, sum(map(len, noted)))


@pytest.mark.filterwarnings(SHUFFLED)
@pytest.mark.parametrize("shuffle", [False, True])
def test_nothing_is_kept_of_the_batches_before(tmp_path: Path, shuffle: bool) -> None:
    counts = Counts()
    model = nn.Identity()
    model.forward = counts.forward  # type: ignore[method-assign,assignment]  # a model that tells what it gave
    predict(tmp_path, model, [*writers(), counts], shuffle)
    assert len(counts.made) == 6
    assert counts.alive == 1  # that of the batch itself
    assert counts.noted <= 6  # indices of the batch, of that before it and of one fetched ahead
    assert len(files(tmp_path)) == 14


def test_a_folder_that_cannot_be_written_to_is_told_before_anything_is_predicted(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    for writer in (TableWriter("file/t.csv"), FileWriter("file")):
        with pytest.raises(RunError) as told:
            predict(tmp_path, Fails(), [writer])
        kind = type(writer).__name__
        assert str(told.value).startswith(f"{kind}: '{tmp_path / 'file'}' cannot be written: ")
        assert str(told.value).endswith("; make room or give leave, or write another 'path'")
        assert isinstance(told.value.__cause__, OSError)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="a folder that not even root may write to")
def test_a_folder_without_leave_to_write_is_told_too(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="TableWriter: '/proc' cannot be written"):
        predict(tmp_path, Fails(), [TableWriter("/proc/t.csv")])


def test_a_full_disk_is_told_with_the_file() -> None:
    told = r"TableWriter: 'a/t\.csv' cannot be written: No space left on device; make room"
    with pytest.raises(RunError, match=told), writing("TableWriter", "a/t.csv"):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize(
    ("identifier", "told"),
    [
        (lambda batch: ["a"], "the identifier is a list of length 1, in a batch of 2; one a sample is wanted"),
        (lambda batch: {"a": batch}, "the identifier is a dict with the keys a, in a batch of 2; one a sample"),
        (lambda batch: "ab", "the identifier is a str, in a batch of 2; one a sample is wanted: say where it is"),
    ],
)
def test_identifiers_that_are_not_one_a_sample_are_told(tmp_path: Path, identifier: Any, told: str) -> None:
    with pytest.raises(RunError, match=f"TableWriter: {told}"):
        predict(tmp_path, nn.Identity(), [TableWriter("t.csv")], batch={"input": 0, "identifier": identifier})


def test_identifiers_may_be_tensors(tmp_path: Path) -> None:
    adapter = {"input": 0, "identifier": lambda batch: (batch[0].flatten() * 10).int()}
    predict(tmp_path, nn.Identity(), [TableWriter("t.csv"), FileWriter("f", format="npy")], batch=adapter)
    assert (tmp_path / "t.csv").read_text().splitlines()[2] == "10,1.0"
    assert np.load(tmp_path / "f" / "000110.npy").tolist() == [11.0]


DATA: Any = list(range(100, 111))


class Stream(IterableDataset[int]):
    def __iter__(self) -> Iterator[int]:
        return iter(DATA)


class Backwards(Sampler[int]):
    def __iter__(self) -> Iterator[int]:
        return reversed(range(len(DATA)))

    def __len__(self) -> int:
        return len(DATA)


class Uneven(DistributedSampler[int]):
    """Deals the samples in a way of its own."""

    def __iter__(self) -> Iterator[int]:
        return iter([10, 9, 8, 7, 6, 5] if self.rank else [0, 1, 2, 3, 4, 5])


class Pairs(Sampler[list[int]]):
    """A batch sampler of one's own."""

    def __iter__(self) -> Iterator[list[int]]:
        return iter([[3, 1], [2, 0]])

    def __len__(self) -> int:
        return 2


def noted(sampler: Any, size: int = 4, batches: Any = None) -> DataLoader[int]:
    """A loader as Lightning makes it for predict: its batch sampler takes notes."""
    return DataLoader(DATA, batch_sampler=_IndexBatchSamplerWrapper(batches or BatchSampler(sampler, size, False)))


def dealt(sampler: Any, rank: int, ranks: int, shuffle: bool = False) -> Any:
    return UnrepeatedDistributedSamplerWrapper(sampler, num_replicas=ranks, rank=rank, shuffle=shuffle)


def numbers(loader: Any, rank: int = 0, ranks: int = 1, each: int = 1) -> list[int]:
    """The numbers of all samples that are kept; each sample makes `each` predictions."""
    numbering = Numbering([loader], rank, ranks)
    found = []
    for index, batch in enumerate(loader):
        of = numbering.of(0, index, len(batch) * each)
        assert of.are_known
        found += of.numbers.tolist() if of.kept is None else of.numbers[of.kept].tolist()
    return found


@pytest.mark.parametrize(
    ("loader", "found"),
    [
        (noted(SequentialSampler(DATA)), list(range(11))),
        (noted(Backwards()), list(range(10, -1, -1))),
        (noted(None, batches=Pairs()), [3, 1, 2, 0]),
        (DataLoader(DATA, 4), list(range(11))),
        (DataLoader(DATA, 4, sampler=Backwards()), list(range(11))),  # in test nobody notes: in the order they came
        (DataLoader(Stream(), 4), list(range(11))),
        ([[5, 6], [7]], [0, 1, 2]),
    ],
)
def test_of_one_process(loader: Any, found: list[int]) -> None:
    assert numbers(loader) == found


def test_a_shuffled_loader_gives_each_number_once() -> None:
    assert sorted(numbers(noted(RandomSampler(DATA)))) == list(range(11))


@pytest.mark.parametrize("ranks", [2, 3, 4])
@pytest.mark.parametrize("size", [1, 2, 4])
@pytest.mark.parametrize("each", [1, 3])
def test_padding_is_left_out(ranks: int, size: int, each: int) -> None:
    found = []
    for rank in range(ranks):
        sampler: Any = DistributedSampler(DATA, ranks, rank, shuffle=False)
        in_test = numbers(DataLoader(DATA, size, sampler=sampler), rank, ranks, each)
        assert numbers(noted(sampler, size), rank, ranks, each) == in_test
        found += in_test
    assert sorted(found) == sorted(list(range(11)) * each)


@pytest.mark.parametrize("inner", [SequentialSampler(DATA), Backwards()])
def test_what_lightning_deals_to_ranks_in_predict(inner: Any) -> None:
    found = [numbers(noted(dealt(inner, rank, 2)), rank, 2) for rank in range(2)]
    assert sorted(found[0] + found[1]) == list(range(11))
    assert len(found[0]) == 6


def test_a_sampler_with_a_way_of_its_own_is_taken_at_its_word() -> None:
    assert numbers(noted(Uneven(DATA, 2, 1)), 1, 2) == [10, 9, 8, 7, 6, 5]


def test_a_stream_counts_as_if_samples_were_dealt() -> None:
    assert numbers(DataLoader(Stream(), 4), 1, 2) == list(range(1, 22, 2))


def test_loaders_are_counted_each_for_itself() -> None:
    numbering = Numbering([[0], [0]], 0, 1)
    assert [numbering.of(loader, 0, 2).numbers.tolist() for loader in (0, 1)] == [[0, 1], [0, 1]]
    assert numbering.of(0, 1, 1).numbers.tolist() == [2]


@pytest.mark.parametrize(("count", "order"), [(3, [0, 1, 2]), (6, [0, 0, 1, 2, 2, 3])])
def test_a_batch_that_lacks_samples_has_only_an_order(count: int, order: list[int]) -> None:
    loader = noted(SequentialSampler(DATA))
    next(iter(loader))
    of = Numbering([loader], 0, 1).of(0, 0, count)
    assert not of.are_known
    assert of.numbers.tolist() == order


def test_indices_that_lightning_notes_do_not_pile_up() -> None:
    loader = noted(SequentialSampler(DATA), 2)
    numbering, other = Numbering([loader], 0, 1), Numbering([loader], 0, 1)
    for index, batch in enumerate(loader):
        assert numbering.count_noted(0, index) == len(batch)
        assert numbering.of(0, index, len(batch)).numbers.tolist() == other.of(0, index, len(batch)).numbers.tolist()
        noted_by_lightning: Any = loader.batch_sampler
        assert sum(len(one) for one in noted_by_lightning.seen_batch_indices) <= 4


@pytest.mark.parametrize(
    ("loader", "ordered"),
    [
        (noted(SequentialSampler(DATA)), True),
        (DataLoader(Stream()), True),
        ([[1]], True),
        (noted(RandomSampler(DATA)), False),
        (noted(None, batches=Pairs()), False),
    ],
)
def test_whether_numbers_go_up(loader: Any, ordered: bool) -> None:
    assert Numbering([loader], 0, 1).is_ordered is ordered


MISSED = "the loader is shuffled, and 2 ranks that do not share a seed miss samples; write shuffle: false"
NOT_DEALT = (
    "the loader has no sampler that could deal its samples to 2 ranks; "
    "unless the data does it, each rank has them all, and all are written"
)


@pytest.mark.parametrize(
    ("loader", "told", "repeats"),
    [
        (noted(dealt(SequentialSampler(DATA), 0, 2)), [], False),
        (noted(DistributedSampler(DATA, 2, 0)), [], False),
        (noted(Uneven(DATA, 2, 0)), [], True),
        (noted(dealt(RandomSampler(DATA), 0, 2, shuffle=True)), [MISSED], True),
        (noted(Backwards()), [], True),  # of the user's own, who has turned off Lightning's
        (DataLoader(Stream()), [NOT_DEALT], True),
        (DataLoader(DATA), [NOT_DEALT], True),
        ([[1]], [NOT_DEALT], True),
    ],
)
def test_what_ranks_may_share_is_told(loader: Any, told: list[str], repeats: bool) -> None:
    assert Numbering([loader], 0, 2).warnings() == told
    assert Numbering([loader], 0, 2).repeats_unseen is repeats
    assert Numbering([loader], 0, 1).warnings() == []
    assert not Numbering([loader], 0, 1).repeats_unseen


def test_with_several_loaders_the_message_says_which() -> None:
    (told,) = Numbering([noted(dealt(SequentialSampler(DATA), 0, 2)), [[1]]], 0, 2).warnings()
    assert told.startswith("loader 1 has no sampler")
