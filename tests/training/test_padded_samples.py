"""Samples that a distributed sampler gives to two ranks count once."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from lightning_fabric.utilities.distributed import DistributedSamplerWrapper
from monai.data.utils import list_data_collate
from pytorch_lightning.overrides.distributed import UnrepeatedDistributedSampler
from torch.utils.data import BatchSampler, DataLoader, DistributedSampler, RandomSampler

from lighter.training.padded_samples import PaddedSample, loader_of_each, padded_sample

DATA: Any = range(11)


class Own(DistributedSampler[int]):
    def __iter__(self) -> Iterator[int]:
        return super().__iter__()


class OwnBatches(BatchSampler):
    def __iter__(self) -> Iterator[list[int]]:
        return super().__iter__()


def loader(count: int, size: int | None, rank: int, ranks: int, sampler: Any = None, **options: Any) -> DataLoader[Any]:
    data: Any = list(range(count))
    sampler = sampler or DistributedSampler(data, ranks, rank)
    return DataLoader(data, size, sampler=sampler, **options)


def padded(loader: Any, name: str = "val") -> PaddedSample | None:
    (found,) = loader_of_each(loader, [name])
    return padded_sample(found, name)


@pytest.mark.parametrize("drops", [False, True])
@pytest.mark.parametrize("size", [1, 4, 5, None])
@pytest.mark.parametrize("ranks", [1, 2, 3])
@pytest.mark.parametrize("count", [1, 2, 11, 12, 13])
def test_what_is_left_of_all_ranks_is_the_data(count: int, ranks: int, size: int | None, drops: bool) -> None:
    if drops and size is None:
        return
    left: list[int] = []
    last: set[int] = set()
    for rank in range(ranks):
        made = loader(count, size, rank, ranks, drop_last=drops)
        found = padded(made)
        for index, batch in enumerate(made):
            samples = batch.reshape(-1) if size else torch.tensor([batch])
            if found is not None and found.batch == index:
                data, kept = found.without((samples, None, samples), len(samples))
                samples = data[0] if kept else torch.tensor([])
                assert index == len(made) - 1
                last.add(rank)
            left += samples.tolist()
    assert len(left) == len(set(left))
    assert sorted(left) == list(range(count)) or drops
    assert 0 not in last


def test_a_batch_that_is_padding_has_nothing_left() -> None:
    found = padded(loader(1, 4, 1, 2))
    assert found == PaddedSample("val", 0, 1)
    assert found.without((torch.zeros(1), None, torch.zeros(1)), 1) == ((), 0)


def test_an_item_may_be_several_samples() -> None:
    data: Any = [[{"x": torch.tensor([float(item)])} for _ in range(3)] for item in range(5)]  # three patches of each
    sampler: Any = DistributedSampler(data, 2, 1, shuffle=False)
    made = DataLoader(data, 3, sampler=sampler, collate_fn=list_data_collate)
    (batch,) = made
    assert batch["x"].ravel().tolist() == [1, 1, 1, 3, 3, 3, 0, 0, 0]
    found = padded(made)
    assert found is not None
    (left, _, _), count = found.without((batch["x"], None, batch["x"]), 9)
    assert count == 6
    assert left.ravel().tolist() == [1, 1, 1, 3, 3, 3]


def test_a_sampler_that_lightning_wraps() -> None:
    sampler = DistributedSamplerWrapper(RandomSampler(range(5)), num_replicas=2, rank=1)
    assert padded(loader(5, 2, 1, 2, sampler)) == PaddedSample("val", 1, 1)


@pytest.mark.parametrize(
    "made",
    [
        loader(10, 4, 1, 2),
        loader(11, 4, 0, 2),
        loader(11, 4, 1, 2, DistributedSampler(DATA, 2, 1, drop_last=True)),
        loader(11, 4, 1, 2, UnrepeatedDistributedSampler(DATA, 2, 1)),
        loader(11, 4, 1, 2, RandomSampler(DATA)),
        [1, 2, 3],
        None,
    ],
)
def test_nothing_is_padded(made: Any) -> None:
    assert padded([made] if isinstance(made, list) else made) is None


def test_each_of_several_loaders() -> None:
    several = {"a": loader(11, 4, 1, 2), "b": loader(12, 4, 1, 2), "c": [loader(7, 4, 1, 2)]}
    names = ["val/a", "val/b", "val/c"]
    found = [padded_sample(*one) for one in zip(loader_of_each(several, names), names, strict=True)]
    assert found == [PaddedSample("val/a", 1, 2), None, PaddedSample("val/c", 0, 4)]


def test_what_cannot_be_known_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    own = loader(11, 4, 1, 2, Own(DATA, 2, 1))
    batches: Any = DataLoader(DATA, batch_sampler=OwnBatches(DistributedSampler(DATA, 2, 1), 4, False))
    with caplog.at_level(logging.WARNING, "lighter"):
        for _ in range(2):
            assert padded(own, "test of own") is None
            assert padded(batches, "test of batches") is None
            assert loader_of_each([own, own], ["test of two"]) == [None]
        made = PaddedSample("test of parts", 0, 4)
        for _ in range(2):
            assert made.without((torch.zeros(4), None, torch.tensor(1.0)), 4)[1] == 4
            assert made.without((torch.zeros(7), None, torch.zeros(7)), 7)[1] == 7
    said = "this process repeats a sample of another, which counts twice in what is logged"
    assert [record.getMessage() for record in caplog.records] == [
        f"test of own: {said}: Own chooses the samples in a way of its own",
        f"test of batches: {said}: OwnBatches chooses the samples in a way of its own",
        f"test of two: {said}: several loaders make one batch",
        f"test of parts: {said}: the samples of its last batch, 4 by the first part of it, cannot be told apart",
        f"test of parts: {said}: the samples of its last batch, 7 by the first part of it, cannot be told apart",
    ]
