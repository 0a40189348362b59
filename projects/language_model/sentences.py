"""Sentences of a small grammar, in which verbs agree with their subjects: a text to learn that belongs to nobody."""

import random
import re

import torch
from torch import Tensor
from torch.utils.data import Dataset

__all__ = ["Sentences", "sentence"]

GRAMMAR = {
    "SENTENCE": ["ONE DOES", "MANY DO"],
    "ONE": ["a THING", "the THING", "the KIND THING", "the THING that DOES"],
    "MANY": ["the THINGs", "some KIND THINGs", "the THINGs that DO"],
    "DOES": ["ACTs", "ACTs", "ACTs PLACE", "MEETs ONE", "MEETs MANY"],
    "DO": ["ACT", "ACT", "ACT PLACE", "MEET ONE", "MEET MANY"],
    "PLACE": ["in the garden", "by the river", "near the old house"],
    "THING": ["cat", "dog", "bird", "girl", "farmer", "singer"],
    "KIND": ["small", "old", "quiet", "happy"],
    "ACT": ["sleep", "sing", "wait", "rest", "laugh"],
    "MEET": ["see", "hear", "know", "find"],
}


def sentence(chance: random.Random, rule: str = "SENTENCE") -> str:
    """A sentence, or a part of one, of which each word in capitals is replaced by one of its rules."""
    return re.sub("[A-Z]+", lambda found: sentence(chance, found[0]), chance.choice(GRAMMAR[rule]))


class Sentences(Dataset[dict[str, Tensor]]):
    """Each sample a sentence of its own length: the numbers of its letters, between two line ends, under `tokens`."""

    def __init__(self, count: int, letters: str, seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311  # no secret
        self.texts = [f"\n{sentence(chance)}\n" for _ in range(count)]
        self.number = {letter: number for number, letter in enumerate(letters)}

    def __len__(self) -> int:
        return len(self.texts)

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        return {"tokens": torch.tensor([self.number[letter] for letter in self.texts[index]])}
