"""The handwritten digits that come with scikit-learn: 1,797 grey images of 8x8 pixels, no download."""

from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import Tensor
from torch.utils.data import Dataset

__all__ = ["Digits"]

Split = Literal["train", "val", "test"]


class Digits(Dataset[dict[str, Tensor | int]]):
    """One part of the digits; each sample an image (1, 8, 8) in [0, 1], its label and its index in the whole set.

    The parts hold 60, 20 and 20 % of every class, and stay the same as long as `seed` does.
    """

    def __init__(self, split: Split, seed: int = 0) -> None:
        digits = load_digits()
        self.indices = part(digits.target, split, seed)
        self.images = torch.from_numpy(digits.images[self.indices]).float().unsqueeze(1) / 16
        self.labels = torch.from_numpy(digits.target[self.indices])

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, position: int) -> dict[str, Tensor | int]:
        return {
            "image": self.images[position],
            "label": self.labels[position],
            "id": int(self.indices[position]),
        }


def part(labels: NDArray[np.int64], split: Split, seed: int) -> NDArray[np.int64]:
    """The sorted indices of the samples that belong to one part."""
    everything = np.arange(len(labels))
    train, rest = train_test_split(everything, train_size=0.6, stratify=labels, random_state=seed)
    val, test = train_test_split(rest, train_size=0.5, stratify=labels[rest], random_state=seed)
    parts = {"train": train, "val": val, "test": test}
    if split not in parts:
        raise ValueError(f"split is {split!r}; it must be one of {', '.join(parts)}")
    return np.sort(parts[split])
