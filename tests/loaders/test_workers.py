"""What is done in a worker each time that it begins an epoch."""

from collections.abc import Callable
from typing import Any

import torch
from torch.utils.data import DataLoader, Dataset, _DatasetKind, get_worker_info

from lighter.loaders.workers import replace_fetchers, tell_seed


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
        tell_seed(10 * worker + epoch)
        return create(*arguments)

    replace_fetchers(made)


def test_each_epoch_of_a_worker_and_no_other_process() -> None:
    before = _DatasetKind.create_fetcher
    loader = DataLoader(Seeds(), num_workers=2, persistent_workers=True, worker_init_fn=count_epochs)
    assert [torch.cat(list(loader)).tolist() for _ in range(3)] == [[1, 11], [2, 12], [3, 13]]
    assert _DatasetKind.create_fetcher is before


def test_a_process_that_is_no_worker_has_no_seed_to_tell() -> None:
    tell_seed(1)
    assert list(DataLoader(Seeds())) == [-1, -1]
