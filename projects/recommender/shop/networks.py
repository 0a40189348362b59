"""Recurrent networks that read a sequence, and a baseline. They give scores of all items for each position."""

import torch
from sequential import DatasetPreprocessingConfig
from sequential.items import FIRST
from torch import Tensor, nn


class Recurrent(nn.Module):
    """Reads the items from the first on: (batch, length) to (batch, length, items)."""

    def __init__(self, items: int, width: int = 48, layers: int = 1, sees_all: bool = False) -> None:
        super().__init__()
        self.items = nn.Embedding(items + FIRST, width)
        self.reader = nn.GRU(width, width, layers, batch_first=True, bidirectional=sees_all)
        self.meant = nn.Linear(width * (1 + sees_all), width)  # to the embedding of the predicted item
        nn.init.normal_(self.items.weight, std=width**-0.5)  # so that scores start near 0

    def forward(self, sequence: Tensor) -> Tensor:
        read, _ = self.reader(self.items(sequence))
        return self.meant(read) @ self.items.weight.T


class Bidirectional(Recurrent):
    """Reads them from both ends."""

    def __init__(self, items: int, width: int = 48, layers: int = 1) -> None:
        super().__init__(items, width, layers, sees_all=True)


class Popularity(nn.Module):
    """Recommends to everyone what most have taken. Is not trained."""

    def __init__(self, data: DatasetPreprocessingConfig) -> None:
        super().__init__()
        taken = data.split("train")
        self.register_buffer("scores", torch.bincount(taken.flatten(), minlength=data.items + FIRST).float())

    def forward(self, sequence: Tensor) -> Tensor:
        return self.scores.expand(*sequence.shape, -1)
