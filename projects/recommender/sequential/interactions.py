"""Synthetic users who take one item after another, with habits that can be learned."""

import torch
from torch import Tensor
from torch.utils.data import Dataset

from .items import FIRST, PAD
from .schemes import NextItem

FOLLOWERS = torch.tensor([0.6, 0.3, 0.1])  # probabilities of the three items that often follow another
SPLITS = ("train", "val", "test")


class Sequences(Dataset):
    """Of each user the last item is for the test, the one before for validation, the others are for training."""

    def __init__(self, histories: Tensor, scheme: NextItem, split: str) -> None:
        if split not in SPLITS:
            raise ValueError(f"split is {split!r}; it must be one of {', '.join(SPLITS)}")
        self.histories = histories
        self.scheme = scheme
        self.split = split

    def __len__(self) -> int:
        return len(self.histories)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        history = self.histories[index]
        if self.split == "train":
            return self.scheme.sample(history[:-2])
        known, next_item = (history[:-2], history[-2]) if self.split == "val" else (history[1:-1], history[-1])
        input = self.scheme.question(known)
        target = torch.full_like(input, PAD)
        target[-1] = next_item
        return input, target


def interactions(
    *, split: str, scheme: NextItem, users: int, items: int, length: int, loyalty: float, seed: int = 0
) -> Sequences:
    """Users who take an item that often follows the last one, or else (1 - loyalty) a popular one."""
    generator = torch.Generator().manual_seed(seed)
    popularity = 1 / torch.arange(1, items + 1)
    followers = torch.stack([torch.randperm(items, generator=generator)[:3] for _ in range(items)])
    steps = [torch.multinomial(popularity, users, replacement=True, generator=generator)]
    for _ in range(length - 1):
        usual = followers[steps[-1], torch.multinomial(FOLLOWERS, users, replacement=True, generator=generator)]
        popular = torch.multinomial(popularity, users, replacement=True, generator=generator)
        steps.append(torch.where(torch.rand(users, generator=generator) < loyalty, usual, popular))
    return Sequences(torch.stack(steps, dim=1) + FIRST, scheme, split)
