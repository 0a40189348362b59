"""What can be done in a worker process of a DataLoader, each time that it begins to serve an epoch."""

from collections.abc import Callable
from functools import partial
from typing import Any

from torch.utils.data import _DatasetKind, get_worker_info

__all__ = ["replace_fetchers", "tell_seed"]


def replace_fetchers(made: Callable[..., Any]) -> None:
    """Lets `made(create, *arguments)` make what reads batches in this worker, once an epoch, with torch's own `create`.

    For worker processes alone, in their `worker_init_fn`: they have one loader, and end with it.
    """
    # With persistent workers torch says at no other point that a new epoch begins.
    _DatasetKind.create_fetcher = partial(made, _DatasetKind.create_fetcher)  # type: ignore[method-assign]  # on purpose


def tell_seed(number: int) -> None:
    """Makes a number the seed that `get_worker_info()` tells in this worker; torch's is that of its first epoch."""
    info = get_worker_info()
    if info is not None:
        object.__setattr__(info, "seed", number)  # frozen, since a user is not to do this
