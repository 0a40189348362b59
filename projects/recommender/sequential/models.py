"""A recurrent network that reads a sequence, and a baseline."""

import torch
from pydantic import BaseModel, Field
from torch import Tensor, nn

from .interactions import Sequences
from .items import FIRST


class Size(BaseModel):
    items: int = Field(gt=0, description="how many items there are")
    width: int = Field(48, gt=0, description="size of an item's embedding")
    layers: int = Field(1, ge=1, description="recurrent layers")
    sees_all: bool = Field(False, description="whether a position sees the items after it; the scheme knows")


def gru(items: int, width: int, layers: int, sees_all: bool) -> nn.Module:
    """A network of the size that the config asks for; one that sees all items is bidirectional."""
    reader = nn.GRU(width, width, layers, batch_first=True, bidirectional=sees_all)
    return Recommender(nn.Embedding(items + FIRST, width), reader, nn.Linear(width * (1 + sees_all), width))


class Recommender(nn.Module):
    """Scores of all items for each position: (batch, length) -> (batch, length, items)."""

    def __init__(self, items: nn.Embedding, reader: nn.Module, meant: nn.Module) -> None:
        super().__init__()
        self.items = items
        self.reader = reader
        self.meant = meant  # from the hidden state to the embedding of the predicted item
        nn.init.normal_(items.weight, std=items.embedding_dim**-0.5)  # so that scores start near 0

    def forward(self, sequence: Tensor) -> Tensor:
        read, _ = self.reader(self.items(sequence))
        return self.meant(read) @ self.items.weight.T


class Popularity(nn.Module):
    """Recommends to everyone what most have taken. Is not trained."""

    def __init__(self, data: Sequences, items: int) -> None:
        super().__init__()
        taken = data.histories[:, :-2].flatten()
        self.register_buffer("scores", torch.bincount(taken, minlength=items + FIRST).float())

    def forward(self, sequence: Tensor) -> Tensor:
        return self.scores.expand(*sequence.shape, -1)
