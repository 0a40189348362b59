"""Which samples of the data a batch holds."""

from collections.abc import Iterator
from typing import Any

import pytest
from pytorch_lightning.overrides.distributed import UnrepeatedDistributedSamplerWrapper, _IndexBatchSamplerWrapper
from torch.utils.data import (
    BatchSampler,
    DataLoader,
    DistributedSampler,
    IterableDataset,
    RandomSampler,
    Sampler,
    SequentialSampler,
)

from lighter.training.callbacks.numbering import Numbering

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


SHUFFLED = "the loader is shuffled, and 2 ranks that do not share a seed miss samples; write shuffle: false"
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
        (noted(dealt(RandomSampler(DATA), 0, 2, shuffle=True)), [SHUFFLED], True),
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
