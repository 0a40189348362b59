"""A loader that is continued gives the batches that it would have given, and loads no others."""

import inspect
import io
import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils import data
from torch.utils.data import (
    BatchSampler,
    Dataset,
    DistributedSampler,
    IterableDataset,
    RandomSampler,
    WeightedRandomSampler,
)

import lighter
from lighter.config import Config
from lighter.training.loaders.data_loader import DataLoader, next_epoch
from lighter.training.loaders.generators import NUMPY
from lighter.training.loaders.random_states import global_states
from lighter.training.padded_samples import padded_sample
from lighter.training.unreadable import ReplacingCollate, TolerantDataset

pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")


class Noise(Dataset[Any]):
    """Draws from all that one can draw from, and notes what it has loaded."""

    def __init__(self, count: int = 10, bad: int | None = None) -> None:
        self.count = count
        self.bad = bad
        self.state = np.random.RandomState(1)
        self.loaded: list[int] = []

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> Any:
        if index == self.bad:
            raise OSError("a broken file")
        self.loaded.append(index)
        drawn = [random.random(), NUMPY.randn(), torch.rand(()), self.state.randn()]
        return torch.tensor([index, *drawn], dtype=torch.float64)


class Stream(IterableDataset[Any]):
    """Gives some numbers, and noise."""

    def __init__(self, count: int = 10) -> None:
        self.count = count
        self.read = 0

    def __iter__(self) -> Iterator[Any]:
        info = data.get_worker_info()
        shift = random.random()
        for number in range(*((0, self.count) if info is None else (info.id, self.count, info.num_workers))):
            self.read += 1
            yield torch.tensor([number, shift, NUMPY.randn()], dtype=torch.float64)


class Continued(Stream):
    """Tells itself where it is."""

    def __init__(self) -> None:
        super().__init__()
        self.at = 0

    def __iter__(self) -> Iterator[Any]:
        while self.at < self.count:
            self.at += 1
            self.read += 1
            yield torch.tensor([self.at - 1, NUMPY.randn()], dtype=torch.float64)
        self.at = 0

    def state_dict(self) -> dict[str, Any]:
        return {"at": self.at}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.at = state["at"]


def made(source: Any = None, size: Any = 3, seed: int = 1, **options: Any) -> DataLoader[Any]:
    """A loader as a run with this seed has it."""
    for module in (torch.manual_seed, NUMPY.seed, random.seed):
        module(seed)
    loader: DataLoader[Any] = DataLoader(Noise() if source is None else source, size, **options)
    return loader


def epochs(loader: Any, count: int) -> list[list[Any]]:
    """The batches of some epochs, as lists."""
    return [[batch.tolist() for batch in loader] for _ in range(count)]


def stopped(loader: Any, epoch: int, batch: int) -> Any:
    """The state of a loader, through a file, after some epochs and batches."""
    epochs(loader, epoch)
    batches = iter(loader)
    for _ in range(batch):
        next(batches)
    return written(loader.state_dict())


def written(value: Any) -> Any:
    """What a checkpoint gives back of it."""
    file = io.BytesIO()
    torch.save(value, file)
    file.seek(0)
    return torch.load(file, weights_only=True)


def resumed(loader: Any, state: Any) -> Any:
    """The loader at that place."""
    loader.load_state_dict(state)
    return loader


def test_it_goes_on_after_every_batch_and_loads_the_rest_alone() -> None:
    whole = epochs(made(shuffle=True), 3)
    for batch in range(1, 5):
        state = stopped(made(shuffle=True), 1, batch)
        loader = resumed(made(shuffle=True, seed=2), state)
        expected = [whole[1][batch:], whole[2]] if batch < 4 else [whole[2]]
        assert written(loader.state_dict()) == state
        assert epochs(loader, len(expected)) == expected
        assert len(loader.dataset.loaded) == sum(len(one) for part in expected for one in part)
    assert len({sample[0] for sample in whole[0][0] + whole[0][1] + whole[0][2] + whole[0][3]}) == 10
    assert len({number for epoch in whole for one in epoch for sample in one for number in sample[1:]}) == 120


@settings(max_examples=40)
@given(
    count=st.integers(1, 12),
    size=st.none() | st.integers(1, 5),
    drop_last=st.booleans(),
    shuffle=st.booleans(),
    where=st.data(),
)
def test_any_length_and_any_place(count: int, size: Any, drop_last: bool, shuffle: bool, where: Any) -> None:
    options = {"drop_last": drop_last and size is not None, "shuffle": shuffle}
    whole = epochs(made(Noise(count), size, **options), 3)
    length = len(list(data.DataLoader(range(count), size, drop_last=options["drop_last"])))  # type: ignore[arg-type]
    assert [len(epoch) for epoch in whole] == [length] * 3
    assert len(made(Noise(count), size, **options)) == length
    if length:
        batch = where.draw(st.integers(1, length))
        state = stopped(made(Noise(count), size, **options), 1, batch)
        loader = resumed(made(Noise(count), size, seed=2, **options), state)
        expected = [whole[1][batch:], whole[2]] if batch < length else whole[2:]
        assert epochs(loader, len(expected)) == expected


def samplers(kind: str) -> dict[str, Any]:
    """Arguments of a loader."""
    source = Noise()
    match kind:
        case "generator":
            return {"shuffle": True, "generator": torch.Generator().manual_seed(5)}
        case "sampler":
            return {"source": source, "sampler": RandomSampler(source, replacement=True, num_samples=7)}
        case "batch sampler":
            return {
                "source": source,
                "size": 1,
                "batch_sampler": BatchSampler(RandomSampler(source), 4, drop_last=False),
            }
        case "no batches":
            return {"size": None, "shuffle": True}
        case _:
            return {"shuffle": True, "collate_fn": noisy}


def noisy(samples: Any) -> Any:
    return torch.stack(samples) + NUMPY.randn()


@pytest.mark.parametrize("kind", ["generator", "sampler", "batch sampler", "no batches", "collate"])
def test_any_number_of_workers_gives_the_same(kind: str) -> None:
    whole = epochs(made(**samplers(kind)), 3)
    workers = {"num_workers": 2, "prefetch_factor": 1}
    assert epochs(made(**samplers(kind), **workers), 2) == whole[:2]
    kept = made(**samplers(kind), **workers, persistent_workers=True)
    state = stopped(kept, 1, 2)
    assert epochs(kept, 1) == whole[2:]
    for options in ({}, workers, {**workers, "persistent_workers": True}):
        assert epochs(resumed(made(**samplers(kind), seed=2, **options), state), 2) == [whole[1][2:], whole[2]]


@pytest.mark.parametrize("method", ["spawn"])  # forkserver pickles the same
def test_any_way_to_start_workers(method: str) -> None:
    whole = epochs(made(shuffle=True), 2)
    state = stopped(made(shuffle=True), 0, 2)
    loader = made(shuffle=True, num_workers=1, multiprocessing_context=method, persistent_workers=True)
    assert epochs(resumed(loader, state), 2) == [whole[0][2:], whole[1]]


@pytest.mark.parametrize("options", [{}, {"num_workers": 2}, {"num_workers": 1, "persistent_workers": True}])
def test_training_draws_as_if_nothing_were_loaded(options: Any) -> None:
    loader = made(shuffle=True, **options)
    before = written(global_states())
    epochs(loader, 2)
    after = written(global_states())
    assert torch.equal(before["torch"], after["torch"])
    assert torch.equal(before["python"][1], after["python"][1])
    assert torch.equal(before["numpy"]["state"]["key"], after["numpy"]["state"]["key"])


def test_the_seed_is_the_runs_or_the_generators() -> None:
    first = epochs(made(shuffle=True), 1)
    assert epochs(made(shuffle=True), 1) == first
    assert epochs(made(shuffle=True, seed=2), 1) != first
    made()
    one, other = DataLoader(Noise(), 3, shuffle=True), DataLoader(Noise(), 3, shuffle=True)
    assert epochs(one, 1) != epochs(other, 1)
    own = [made(shuffle=True, seed=seed, generator=torch.Generator().manual_seed(5)) for seed in (1, 2)]
    assert epochs(own[0], 1) == epochs(own[1], 1)
    # Whoever seeds the generator for each epoch, as plain PyTorch would have it, decides its order.
    orders = []
    for seed in (7, 8, 7):
        loader = made(shuffle=True, generator=torch.Generator())
        loader.generator.manual_seed(seed)
        orders.append(epochs(loader, 1))
    assert orders[0] == orders[2] != orders[1]


def test_an_iterator_begins_with_its_first_batch() -> None:
    loader = made(shuffle=True, num_workers=1)
    whole = epochs(made(shuffle=True), 2)
    iter(loader)
    unused = iter(loader)
    assert loader.state_dict()["batch"] == 0
    assert epochs(loader, 1) == whole[:1]
    assert next(unused).tolist() == whole[1][0]  # it is the second of which a batch is taken
    assert {name: loader.state_dict()[name] for name in ("epoch", "batch")} == {"epoch": 1, "batch": 1}


def test_an_epoch_that_is_left_early_is_over_for_the_next_iterator() -> None:
    whole = epochs(made(shuffle=True), 3)
    loader = made(shuffle=True)
    state = stopped(loader, 1, 2)
    assert epochs(loader, 1) == whole[2:]
    assert epochs(resumed(made(shuffle=True, seed=2), next_epoch(state)), 1) == whole[2:]
    fresh = made(shuffle=True).state_dict()
    assert epochs(resumed(made(shuffle=True, seed=2), next_epoch(fresh)), 1) == whole[:1]


def test_a_sampler_is_told_its_epoch_again() -> None:
    def sampled() -> DataLoader[Any]:
        source: Any = Noise()
        return made(source, sampler=DistributedSampler(source, 2, 1))

    loader = sampled()
    loader.sampler.set_epoch(4)  # type: ignore[attr-defined, union-attr]  # of a DistributedSampler
    whole = epochs(loader, 1)
    again = sampled()
    again.sampler.set_epoch(4)  # type: ignore[attr-defined, union-attr]  # as above
    state = stopped(again, 0, 1)
    other = resumed(sampled(), state)
    assert epochs(other, 1) == [whole[0][1:]]
    told, plain = (
        padded_sample(other, "a"),
        padded_sample(data.DataLoader(other.dataset, 3, sampler=other.sampler), "a"),
    )
    assert told == plain


def test_a_source_of_the_samplers_own_that_nobody_has_seeded() -> None:
    def sampled() -> DataLoader[Any]:
        generator = torch.Generator()
        generator.seed()
        return made(sampler=WeightedRandomSampler([1.0] * 10, 10, generator=generator))

    loader = sampled()
    batches = iter(loader)
    next(batches)
    state = written(loader.state_dict())
    rest, following = [batch.tolist() for batch in batches], epochs(loader, 1)
    assert epochs(resumed(sampled(), state), 2) == [rest, *following]
    other = resumed(sampled(), state)
    other.sampler.generator.seed()  # somebody who restores what it was when the state was saved, say
    assert epochs(other, 1) == [rest]


@pytest.mark.parametrize(("source", "workers", "read"), [(Stream, 0, 20), (Stream, 2, 0), (Continued, 0, 17)])
def test_a_dataset_that_is_iterated(source: Any, workers: int, read: int) -> None:
    whole = epochs(made(source(), num_workers=workers), 3)
    assert whole[0] != whole[1]
    for batch in range(1, len(whole[0]) + 1):
        state = stopped(made(source(), num_workers=workers), 1, batch)
        loader = resumed(made(source(), num_workers=workers, seed=2), state)
        expected = [whole[1][batch:], whole[2]] if batch < len(whole[1]) else whole[2:]
        assert epochs(loader, len(expected)) == expected
        if batch == 1:
            assert loader.dataset.read == read
    # Somebody who had read a batch ahead says so.
    state = {**stopped(made(source(), num_workers=workers), 1, 3), "batch": 2}
    assert epochs(resumed(made(source(), num_workers=workers), state), 1) == [whole[1][2:]]


def test_a_dataset_that_is_continued_after_an_epoch_that_was_left_early() -> None:
    loader = made(Continued())
    state = stopped(loader, 0, 2)
    (expected,) = epochs(loader, 1)
    assert [sample[0] for batch in expected for sample in batch] == [6, 7, 8, 9]
    assert epochs(resumed(made(Continued(), seed=2), next_epoch(state)), 1) == [expected]


def test_an_exception_of_the_dataset() -> None:
    before = written(global_states())["numpy"]["state"]
    loader = made(Noise(bad=4), seed=1)
    before = written(global_states())["numpy"]["state"]
    with pytest.raises(OSError, match="a broken file"):
        epochs(loader, 1)
    assert torch.equal(written(global_states())["numpy"]["state"]["key"], before["key"])
    tolerant = made(TolerantDataset(Noise(bad=4)), collate_fn=ReplacingCollate(most=1), num_workers=1)
    assert [[sample[0] for sample in batch] for batch in epochs(tolerant, 1)[0]] == [
        [0, 1, 2],
        [3, 3, 5],
        [6, 7, 8],
        [9],
    ]


def test_transforms_of_monai() -> None:
    from monai.data import CacheDataset
    from monai.transforms import Compose, RandGaussianNoise, RandRotate90

    def dataset() -> Any:
        images = [torch.full((1, 4, 4), float(number)) for number in range(6)]
        return CacheDataset(images, Compose([RandRotate90(prob=0.5), RandGaussianNoise(prob=0.5)]), progress=False)

    whole = epochs(made(dataset(), 2, shuffle=True), 2)
    state = stopped(made(dataset(), 2, shuffle=True, num_workers=1), 0, 1)
    assert epochs(resumed(made(dataset(), 2, shuffle=True, seed=2), state), 2) == [whole[0][1:], whole[1]]


def test_what_it_cannot_do_is_told() -> None:
    with pytest.raises(ValueError, match=r"in_order=False.*leave it out"):
        DataLoader(Noise(), num_workers=1, in_order=False)
    with pytest.raises(
        ValueError, match=r"no state|not the state of a lighter.DataLoader: it has no batch, order, seed"
    ):
        made().load_state_dict({"epoch": 1})


def test_it_has_torchs_arguments_for_a_config_too() -> None:
    assert lighter.DataLoader is DataLoader
    assert inspect.signature(DataLoader) == inspect.signature(data.DataLoader)
    loader = {"_target_": "lighter.DataLoader", "dataset": "$range(4)", "batch_siz": 2}
    (problem,) = Config.load({"loader": loader}).check()
    assert "batch_siz" in str(problem)
    assert "did you mean 'batch_size'" in str(problem)
