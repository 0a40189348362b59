"""What Lighter does with PyTorch's inside; that each name is there, test_internals.py sees to."""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, _DatasetKind, get_worker_info

from lighter.training.torch_internals import (
    DataLoaderInSteps,
    as_plain_tensors,
    children_at_each_place,
    leaves,
    replace_fetchers,
    set_worker_seed,
    with_leaves,
    without_compile,
    wrap_fetcher,
)


class Seeds(Dataset[Any]):
    """Gives the seed that the worker tells."""

    def __len__(self) -> int:
        return 2

    def __getitem__(self, index: int) -> Any:
        info = get_worker_info()
        return -1 if info is None else info.seed


def count_epochs(worker: int) -> None:
    epoch = 0

    def made(create: Callable[..., Any], *arguments: Any) -> Any:
        nonlocal epoch
        epoch += 1
        set_worker_seed(10 * worker + epoch)
        return create(*arguments)

    replace_fetchers(made)


def test_each_epoch_of_a_worker_and_no_other_process() -> None:
    before = _DatasetKind.create_fetcher
    loader = DataLoader(Seeds(), num_workers=2, persistent_workers=True, worker_init_fn=count_epochs)
    assert [torch.cat(list(loader)).tolist() for _ in range(3)] == [[1, 11], [2, 12], [3, 13]]
    assert _DatasetKind.create_fetcher is before


def test_a_process_that_is_no_worker_has_no_seed_to_tell() -> None:
    set_worker_seed(1)
    assert list(DataLoader(Seeds())) == [-1, -1]


class Backwards(DataLoaderInSteps[Any]):
    """Reads the other way round, and notes what reads."""

    fetcher: Any = None

    @property
    def reading_order(self) -> Any:
        return list(self.given_order)[::-1]

    def new_iterator(self) -> Any:
        iterator = super().new_iterator()
        self.fetcher = wrap_fetcher(iterator, lambda given: given)
        return iterator


def test_a_loader_may_say_what_is_read_and_by_what() -> None:
    data: Any = [0, 1, 2, 3]
    loader = Backwards(data, batch_size=2)
    assert [batch.tolist() for batch in loader] == [[2, 3], [0, 1]]
    assert loader.fetcher.fetch([1]).tolist() == [1]
    assert [batch.tolist() for batch in DataLoaderInSteps(data, batch_size=2)] == [[0, 1], [2, 3]]


def test_a_layer_that_stands_twice_is_a_child_twice() -> None:
    layer = nn.Linear(1, 1)
    assert list(children_at_each_place(nn.Sequential(layer, layer))) == [("0", layer), ("1", layer)]


def test_the_model_within_what_torch_compiles() -> None:
    model = nn.Linear(1, 1)
    assert without_compile(torch.compile(model, backend="eager")) is model  # type: ignore[arg-type]  # it is a module
    assert without_compile(model) is model


def test_leaves_of_nested_values() -> None:
    assert leaves({"a": [1, (2,)], "b": 3}) == [1, 2, 3]
    assert with_leaves(lambda leaf: 2 * leaf, {"a": [1, (2,)]}) == {"a": [2, (4,)]}


def test_a_subclass_of_tensor_counts_as_a_tensor_meanwhile() -> None:
    class Marked(torch.Tensor):
        """Makes another of itself at each step."""

    with as_plain_tensors():
        assert type(torch.ones(1).as_subclass(Marked) + 1) is torch.Tensor
