"""Random sources, wherever objects keep them, and nothing of the objects run."""

import collections
import functools
import random
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from monai.transforms import Compose, RandFlip, RandZoom
from torch.utils.data import ConcatDataset, DataLoader, Dataset, RandomSampler, Subset

from lighter.training.loaders.generators import generators

SOURCES = {
    "random": random.Random(0),
    "state": np.random.RandomState(0),
    "generator": np.random.default_rng(0),
    "torch": torch.Generator(),
}

of_module = np.random.default_rng(1)


class Holder:
    """Keeps what it is given in an attribute."""

    of_class = random.Random(1)

    def __init__(self, held: Any) -> None:
        self.held = held

    @property
    def trap(self) -> Any:
        raise AssertionError("a property was asked")

    def __len__(self) -> int:
        raise AssertionError("the length was asked")

    def __iter__(self) -> Any:
        raise AssertionError("an iterator was asked for")

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"'{name}' was asked for")

    def method(self, batch: Any) -> Any:
        return batch


class Slotted:
    __slots__ = ("empty", "held")

    def __init__(self, held: Any) -> None:
        self.held = held


class Listing(list[Any]):
    """A list whose own iterator must not be run."""

    def __iter__(self) -> Any:
        raise AssertionError("an iterator was asked for")


class Items(Dataset[Any]):
    def __init__(self, transform: Any) -> None:
        self.transform = transform

    def __getitem__(self, index: int) -> Any:
        return index

    def __len__(self) -> int:
        return 6


def own(root: Any) -> dict[str, Any]:
    """What lies in the objects, without what their classes and this module keep."""
    return {path: source for path, source in generators(root).items() if ":" not in path}


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_each_kind_of_source_in_each_kind_of_place(source: Any) -> None:
    def closure() -> Any:
        return source

    def default(batch: Any, by: Any = source) -> Any:
        return by

    assert own(source) == {"": source}
    assert own({"a": [0, (source,)]}) == {"a.1.0": source}
    assert own(Holder(Slotted(source))) == {"held.held": source}
    assert own(Holder(source).method) == {"__self__.held": source}
    assert own(functools.partial(dict, by=source)) == {"keywords.by": source}
    assert own(collections.deque([source])) == {"0": source}
    assert own(types.SimpleNamespace(a=Listing([source]))) == {"a.0": source}
    assert own(closure) == {"source": source}
    assert own(default) == {"__defaults__.0": source}


def test_a_loader_with_all_that_it_has() -> None:
    data: Any = ConcatDataset([Subset(Items(Holder(SOURCES["state"])), [0, 1]), Items(None)])
    loader = DataLoader(
        data,
        sampler=RandomSampler(data, generator=SOURCES["torch"]),
        collate_fn=functools.partial(isinstance, SOURCES["random"]),
    )
    assert own(loader) == {
        "sampler.generator": SOURCES["torch"],
        "collate_fn.args.0": SOURCES["random"],
        "dataset.datasets.0.dataset.transform.held": SOURCES["state"],
    }


def test_transforms_of_monai_have_one_in_their_class_until_they_are_seeded() -> None:
    flip = Compose([RandFlip(), RandZoom()])
    in_class = "monai.transforms.transform:Randomizable.R"
    assert list(generators(Compose([]))) == ["R", in_class]
    flip.set_random_state(0)
    assert sorted(generators(flip)) == ["R", in_class, "transforms.0.R", "transforms.1.R"]


def test_classes_and_modules_of_what_is_met() -> None:
    name = Holder.__module__
    expected = {f"{name}:Holder.of_class": Holder.of_class, f"{name}:of_module": of_module}
    assert generators(Holder(0)) == generators([Holder, Holder]) == expected
    assert generators(own) == {f"{name}:of_module": of_module}


def test_circles_and_what_is_shared() -> None:
    first, second = Holder([SOURCES["random"]]), Holder(None)
    second.held = [first, second, SOURCES["random"]]
    first.held.append(second)
    assert own([first, second]) == {"0.held.0": SOURCES["random"]}
    assert own([second, first]) == {"0.held.2": SOURCES["random"]}


def test_the_global_ones_and_those_without_a_state_are_left_out() -> None:
    sources = [random._inst, np.random.mtrand._rand, torch.default_generator, random.SystemRandom()]  # type: ignore[attr-defined]
    assert own(sources) == {}


def test_what_only_certain_objects_lead_to_is_left_out() -> None:
    data = Items(SOURCES["state"])
    assert own(RandomSampler(data)) == {"data_source.transform": SOURCES["state"]}
    assert generators(RandomSampler(data), without=[data]) == {}


def test_large_data_costs_a_bounded_number_of_looks(tmp_path: Path) -> None:
    looks = 0

    class Counted(dict[str, Any]):
        """A mapping that counts how often its attributes are asked for."""

        def __getattribute__(self, name: str) -> Any:
            nonlocal looks
            looks += 1
            return super().__getattribute__(name)

    with (tmp_path / "file").open("w") as file:
        data = [Counted(image=f"{number}.png", label=torch.zeros(2), meta=[file, [number]]) for number in range(30_000)]
        assert own(Holder([data, SOURCES["torch"]])) == {"held.1": SOURCES["torch"]}
    assert looks <= 1_000


def test_what_lies_far_from_the_root_of_many_objects_is_not_found() -> None:
    data: list[list[list[Any]]] = [[[] for _ in range(200)] for _ in range(200)]
    data[0][0].append(SOURCES["torch"])
    assert own(data) == {}
    assert own([data[0], data[1]]) == {"0.0.0": SOURCES["torch"]}


def test_the_iterator_of_a_loader_is_not_entered() -> None:
    loader = DataLoader(Items(None), generator=SOURCES["torch"])
    loader._iterator = iter(DataLoader(Items(SOURCES["random"])))
    assert own(loader) == {"generator": SOURCES["torch"]}
