"""How many samples a batch has, and the batch without the last of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn.utils.rnn import pack_sequence
from torch.utils.data import DataLoader, DistributedSampler, IterableDataset

from lighter.training.adapters import Keywords, Positional
from lighter.training.batches import dealt, first_samples, is_on, sample_count

FOUR, THREE = torch.arange(4.0), torch.arange(3.0)
DATA: Any = range(11)


class Stream(IterableDataset[int]):
    def __iter__(self) -> Iterator[int]:
        return iter(DATA)


@pytest.mark.parametrize(
    ("input", "target", "dealt", "count"),
    [
        (torch.zeros(4, 3), None, 0, 4),
        ("text", torch.zeros(4), 0, 4),
        ({"x": torch.tensor(1.0), "y": torch.zeros(4, 3)}, None, 0, 4),
        ([torch.zeros(4, 3), torch.zeros(4, 2)], torch.zeros(4), 0, 4),
        (["a", "b", "c"], None, 0, 3),
        ([torch.zeros(3, 9, 9)] * 2, [{"boxes": torch.zeros(5, 4)}] * 2, 0, 2),
        ([torch.zeros(3, 9, 9)] * 2, [{"boxes": torch.zeros(3, 4)}] * 2, 2, 2),
        ([torch.zeros(5), torch.zeros(7), torch.zeros(2)], None, 0, 3),
        (pack_sequence([torch.zeros(5)] * 4), None, 0, 4),
        (Keywords(edge_index=torch.zeros(2, 9), x=torch.zeros(4, 3)), torch.zeros(4), 0, 4),
        (torch.zeros(12), torch.zeros(4), 4, 4),  # flat tokens
        (torch.zeros(9, 4, 3), torch.zeros(9, 4), 4, 4),  # time first
        (torch.zeros(8, 3), torch.zeros(8), 4, 8),  # patches
        (torch.zeros(2, 3), torch.zeros(2), 4, 2),  # what a collate function has left
        (torch.zeros(36, 2), torch.zeros(7), 4, 4),  # nodes and edges of graphs
        (object(), None, 4, 4),
    ],
)
def test_how_many_samples_a_batch_has(input: Any, target: Any, dealt: int, count: int) -> None:
    assert sample_count(input, target, None, dealt) == (count, True)


def test_identifiers_tell_only_what_is_open() -> None:
    assert sample_count([torch.zeros(4, 3), torch.zeros(4, 2)], None, ["a", "b"]) == (2, True)
    assert sample_count(object(), None, torch.zeros(3)) == (3, True)
    assert sample_count(FOUR, FOUR, ["a"]) == (4, True)


@pytest.mark.parametrize(
    ("input", "target", "identifier", "count"),
    [
        (torch.zeros(12), torch.zeros(4), None, 4),
        (torch.zeros(12), torch.zeros(7), ["a", "b", "c"], 3),
        ([torch.zeros(4, 3), torch.zeros(4, 2)], None, ["a", "b", "c"], 3),
        ([torch.zeros(4, 3), torch.zeros(4, 2)], None, None, 4),
        ([torch.zeros(3, 9)] * 2, [torch.zeros(3, 4)] * 2, None, 3),
        (torch.tensor(1.0), object(), None, 1),
    ],
)
def test_a_guess_is_known_to_be_one(input: Any, target: Any, identifier: Any, count: int) -> None:
    assert sample_count(input, target, identifier) == (count, False)


@pytest.mark.parametrize(
    ("loader", "found"),
    [
        (DataLoader(DATA, 4), (4, 11)),
        (DataLoader(DATA, 4, sampler=DistributedSampler(DATA, 2, 1)), (4, 6)),
        (DataLoader(DATA, None), (0, 0)),
        (DataLoader(DATA, batch_sampler=[[1], [2, 3]]), (0, 0)),
        (DataLoader(Stream(), 4), (0, 0)),
        (None, (0, 0)),
    ],
)
def test_what_a_sampler_deals(loader: Any, found: tuple[int, int]) -> None:
    assert dealt(loader) == found


@dataclass
class Output:
    logits: Tensor
    scale: float


@pytest.mark.parametrize(
    ("whole", "part"),
    [
        (FOUR, THREE),
        (list("abcd"), list("abc")),
        ({"a": FOUR, "b": [FOUR, FOUR], "c": "text"}, {"a": THREE, "b": [THREE, THREE], "c": "text"}),
        ((FOUR, {"names": list("abcd")}), (THREE, {"names": list("abc")})),
        ([FOUR] * 4, [THREE] * 4),  # as many outputs of a model as there are samples
        ((FOUR,) * 4, (THREE,) * 4),
        ([torch.zeros(3, 2)] * 4, [torch.zeros(3, 2)] * 3),
        (Positional((FOUR, "text", FOUR)), Positional((THREE, "text", THREE))),
        (Keywords(x=FOUR, y=list("abcd")), Keywords(x=THREE, y=list("abc"))),
        (Output(FOUR, 4.0), Output(THREE, 4.0)),
        ([FOUR, torch.tensor(4.0), torch.zeros(9, 4)], [THREE, torch.tensor(4.0), torch.zeros(9, 4)]),
    ],
)
def test_the_first_samples_of_anything(whole: Any, part: Any) -> None:
    found = first_samples((FOUR, whole, whole), 4, 3)
    assert found is not None
    torch.testing.assert_close(list(map(plain, found)), list(map(plain, (THREE, part, part))))
    assert [type(one) for one in found] == [Tensor, type(part), type(part)]


def plain(value: Any) -> Any:
    """Of what can be compared."""
    if isinstance(value, Output):
        return plain(vars(value))
    if isinstance(value, dict):
        return plain(list(value.values()))
    if isinstance(value, list | tuple):
        return list(map(plain, value))
    return list(value.encode()) if isinstance(value, str) else value


def test_a_list_of_samples_beside_one_that_could_be_outputs() -> None:
    images = [torch.zeros(3, 9, 9)] * 3  # three of three channels
    boxes = [{"boxes": torch.zeros(count, 4)} for count in (3, 1, 2)]
    found = first_samples((images, boxes, boxes), 3, 2)
    assert found is not None
    assert [len(part) for part in found] == [2, 2, 2]
    assert found[0][0].shape == (3, 9, 9)


@pytest.mark.parametrize(
    ("target", "pred"),
    [(FOUR, torch.tensor(1.0)), (object(), FOUR), (FOUR, {"loss": torch.tensor(1.0)}), (torch.zeros(5), FOUR)],
)
def test_where_samples_cannot_be_told_apart_nothing_is_taken(target: Any, pred: Any) -> None:
    assert first_samples((FOUR, target, pred), 4, 3) is None


def test_a_target_is_not_needed() -> None:
    assert first_samples((FOUR, None, FOUR), 4, 3) is not None


def test_a_plain_batch_is_known_to_be_on_its_device() -> None:
    here, there = torch.device("cpu"), torch.device("meta")
    assert is_on([torch.ones(1), torch.ones(2)], here)
    assert is_on((torch.ones(1),), here)
    assert not is_on([torch.ones(1), torch.ones(2, device=there)], here)
    assert not is_on([torch.ones(1), {"a": torch.ones(2)}], here)
    assert not is_on(torch.ones(1), here)
