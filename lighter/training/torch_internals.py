"""What Lighter uses of PyTorch that PyTorch does not promise: every such name is here, with its reason.

tests/training/test_internals.py asks the installed release for each of them, so that a new one breaks there, loudly.
"""

# ruff: noqa: SLF001  # this is the one file for them

from collections.abc import Callable, ItemsView, Iterator
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, TypeVar

import torch
from torch import nn
from torch.autograd import profiler
from torch.utils import _pytree
from torch.utils.data import _DatasetKind, dataloader, get_worker_info

T_co = TypeVar("T_co", covariant=True)

# The parts of a parameter's name that wrappers add: torch.compile, FSDP of the first form, activation checkpointing.
COMPILED, FLAT = "_orig_mod", "_fsdp_wrapped_module"
WRAPPERS = frozenset({COMPILED, FLAT, "_checkpoint_wrapped_module"})

EXTRA_STATE = "_extra_state"  # how the name in a state dict ends of what `get_extra_state` of a module gives

LoaderIterator: type = dataloader._BaseDataLoaderIter  # it has no other name


def without_compile(model: nn.Module) -> nn.Module:
    """The model that torch.compile has wrapped, else the model itself."""
    return getattr(model, COMPILED, model)


def children_at_each_place(module: nn.Module) -> ItemsView[str, nn.Module | None]:
    """The children of a module by name; `named_children` leaves out one that is there twice."""
    return module._modules.items()


def leaves(value: Any) -> list[Any]:
    """What nested lists, tuples, mappings and registered types hold, in PyTorch's order."""
    return _pytree.tree_leaves(value)


def with_leaves(change: Callable[[Any], Any], value: Any) -> Any:
    """The same nested value, with each of its leaves changed."""
    return _pytree.tree_map(change, value)


def as_plain_tensors() -> AbstractContextManager[Any]:
    """Operations on a subclass run as those of Tensor: else a MetaTensor makes another of itself at each step."""
    return torch._C.DisableTorchFunctionSubclass()


class DataLoaderInSteps(torch.utils.data.DataLoader[T_co]):
    """torch's DataLoader, with two of its steps to be overridden: what is read next, and by which iterator."""

    @property
    def given_order(self) -> Any:
        """What torch would ask for the next indices: the sampler or the batch sampler."""
        return super()._index_sampler

    @property
    def reading_order(self) -> Any:
        """What torch's iterators ask for the next to read."""
        return self.given_order

    def new_iterator(self) -> Any:
        """Torch's iterator for an epoch."""
        return super()._get_iterator()

    @property
    def _index_sampler(self) -> Any:
        return self.reading_order

    def _get_iterator(self) -> Any:
        return self.new_iterator()


def wrap_fetcher(iterator: Any, wrapper: Callable[[Any], Any]) -> Any:
    """Puts `wrapper(fetcher)` in the place of what reads the batches in this process; gives the fetcher."""
    fetcher = iterator._dataset_fetcher
    iterator._dataset_fetcher = wrapper(fetcher)
    return fetcher


def without_label(iterator: Any) -> Iterator[Any]:
    """The batches of torch's iterator that reads in this process from a data set with indices.

    Its `__next__` names each batch for a profiler, also where none runs, which takes longer than all else that it does.
    """
    try:
        while True:
            yield next(iterator) if profiler._is_profiler_enabled else iterator._next_data()
    except StopIteration:
        return


def replace_fetchers(made: Callable[..., Any]) -> None:
    """Lets `made(create, *arguments)` make what reads batches in this worker, once an epoch, with torch's own `create`.

    For worker processes alone, in their `worker_init_fn`: they have one loader, and end with it.
    """
    # With persistent workers torch says at no other point that a new epoch begins.
    _DatasetKind.create_fetcher = partial(made, _DatasetKind.create_fetcher)  # type: ignore[method-assign]  # on purpose


def set_worker_seed(number: int) -> None:
    """Makes a number the seed that `get_worker_info()` gives in this worker; torch's is that of its first epoch."""
    info = get_worker_info()
    if info is not None:
        object.__setattr__(info, "seed", number)  # frozen, since a user is not to do this
