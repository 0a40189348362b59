"""What the places of a run take."""

import torch
from torch.utils.data import DataLoader, Dataset, IterableDataset

from lighter.config.checks.kinds import KINDS, derives_from, kinds_of
from lighter.config.loading import load_mapping

LOADER = KINDS["system", "dataloaders", "train"]
MODEL = {"_target_": "x.Y"}


def places(**system):
    return {"::".join(place) for place, _ in kinds_of(("system",), load_mapping(system))} - {
        "::".join(place) for place in KINDS
    }


def test_an_iterable_is_a_loader_and_a_map_style_dataset_is_none():
    assert [LOADER.has(one) for one in (DataLoader, IterableDataset, list, Dataset, int)] == [True] * 3 + [False] * 2
    assert LOADER.may_have_below(Dataset)
    assert not LOADER.may_have_below(int)


def test_what_is_not_imported_is_derived_from_by_nothing():
    assert derives_from(torch.nn.Linear, ("torch.nn", "Module"))
    assert not derives_from(torch.nn.Linear, ("no.such.module", "Module"), ("torch.nn", "Nothing"))


def test_the_places_of_optimizers_and_schedulers():
    assert places(optimizer=MODEL, scheduler=MODEL) == {"system::optimizer", "system::scheduler"}
    several = {"a": MODEL, "b": {"optimizer": MODEL, "every": 2}}
    assert places(optimizer=several, scheduler={"a": {"scheduler": MODEL}}) == {
        "system::optimizer::a",
        "system::optimizer::b::optimizer",
        "system::scheduler::a::scheduler",
    }
