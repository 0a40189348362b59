"""Datasets by name: which items each user took, and how they are prepared."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from inspect import signature
from typing import Any

from torch import Tensor, as_tensor
from torch.nn.utils.rnn import pad_sequence

from lighter import register

from .items import FIRST, PAD

LEFT_OUT = {"train": 2, "val": 1, "test": 0}  # of each user the last item is for the test, the one before to validate
SHORTEST = 4


@dataclass(frozen=True)
class DatasetPreprocessingConfig:
    """The items of each user, numbers from 0 on, in their order; of more than `longest`, the last are kept."""

    histories: Sequence[Sequence[int]]
    items: int
    longest: int | None = None

    def __post_init__(self) -> None:
        shortest = min(map(len, self.histories), default=0)
        if shortest < SHORTEST:
            raise ValueError(f"a user has {shortest} items; {SHORTEST} are needed to train, validate and test")

    def split(self, name: str) -> Tensor:
        """The items for 'train', 'val' or 'test', (users, length); to evaluate is to predict the last of each."""
        parts = (as_tensor(history)[: len(history) - LEFT_OUT[name]] for history in self.histories)
        kept = [part[-self.longest :] if self.longest else part for part in parts]
        return pad_sequence([part + FIRST for part in kept], True, PAD, padding_side="left")


@dataclass(frozen=True)
class PreprocessingConfigProvider:
    """A function that gives a DatasetPreprocessingConfig, and defaults of its parameters, by name."""

    provider: Callable[..., DatasetPreprocessingConfig]
    defaults: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        signature(self.provider).bind_partial(**self.defaults)  # raises TypeError for a name that it does not take


def register_preprocessing_config_provider(name: str, provider: PreprocessingConfigProvider) -> None:
    """Makes a dataset known: `{_target_: dataset/NAME}`; what is written beside it comes before the defaults."""
    register("dataset", name, stacklevel=2)(partial(provider.provider, **provider.defaults))
