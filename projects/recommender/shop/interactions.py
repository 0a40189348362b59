"""Synthetic users who take one item after another, with habits that can be learned."""

import torch
from sequential import DatasetPreprocessingConfig

FOLLOWERS = torch.tensor([0.6, 0.3, 0.1])  # probabilities of the three items that often follow another


def interactions(users: int, items: int, length: int, loyalty: float, seed: int = 0) -> DatasetPreprocessingConfig:
    """Users who take an item that often follows the last one, or else (1 - loyalty) a popular one."""
    generator = torch.Generator().manual_seed(seed)
    popularity = 1 / torch.arange(1, items + 1)
    followers = torch.stack([torch.randperm(items, generator=generator)[:3] for _ in range(items)])
    steps = [torch.multinomial(popularity, users, replacement=True, generator=generator)]
    for _ in range(length - 1):
        usual = followers[steps[-1], torch.multinomial(FOLLOWERS, users, replacement=True, generator=generator)]
        popular = torch.multinomial(popularity, users, replacement=True, generator=generator)
        steps.append(torch.where(torch.rand(users, generator=generator) < loyalty, usual, popular))
    return DatasetPreprocessingConfig(torch.stack(steps, dim=1).tolist(), items)
