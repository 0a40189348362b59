"""The handwritten digits that come with scikit-learn, with a label for each task."""

from collections.abc import Callable
from typing import Literal

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import Tensor
from torch.utils.data import Dataset

__all__ = ["Digits"]

PARTS = {"train": (0.0, 0.6), "val": (0.6, 0.8), "test": (0.8, 1.0)}
LABELS: dict[str, Callable[[Tensor], Tensor]] = {"digit": lambda digits: digits, "odd": lambda digits: digits % 2}


class Digits(Dataset[tuple[Tensor, Tensor]]):
    """One part of the digits: an image (1, 8, 8) in [0, 1], and the digit, or whether it is odd."""

    def __init__(self, part: Literal["train", "val", "test"], label: Literal["digit", "odd"] = "digit") -> None:
        digits = load_digits()
        first, last = (round(share * len(digits.target)) for share in PARTS[part])
        chosen = np.random.default_rng(0).permutation(len(digits.target))[first:last]
        self.images = torch.from_numpy(digits.images[chosen]).float().unsqueeze(1) / 16
        self.labels = LABELS[label](torch.from_numpy(digits.target[chosen]))

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        return self.images[index], self.labels[index]
