"""How a model is trained on sequences: its input, its target, and its loss."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from .items import FIRST, MASK, PAD


class NextItem:
    """At each item, predict the next."""

    sees_all = False  # a model that saw the next item would only copy it
    loss = nn.CrossEntropyLoss(ignore_index=PAD)

    def sample(self, history: Tensor) -> tuple[Tensor, Tensor]:
        """A training sample: the input, and the target at each position (PAD: none)."""
        return history[:-1], history[1:]

    def question(self, history: Tensor) -> Tensor:
        """The input that asks, at its last position, for the item after the last."""
        return history[1:]

    def __call__(self, scores: Tensor, target: Tensor) -> Tensor:
        """The loss: scores of (batch, length, items), target of (batch, length)."""
        return self.loss(scores.flatten(0, 1), target.flatten())


class MaskedItem(NextItem):
    """Predict masked items, from those on both sides."""

    sees_all = True

    def __init__(self, share: float = 0.3) -> None:
        self.share = share

    def sample(self, history: Tensor) -> tuple[Tensor, Tensor]:
        is_hidden = torch.rand(len(history)) < self.share
        is_hidden[-1] |= not is_hidden.any()
        return history.masked_fill(is_hidden, MASK), history.masked_fill(~is_hidden, PAD)

    def question(self, history: Tensor) -> Tensor:
        return torch.cat([history[1:], torch.tensor([MASK])])


class NegativeSampling(NextItem):
    """Rank the next item above a few others, drawn at random: cheap where there are many items."""

    def __init__(self, negatives: int = 10) -> None:
        self.negatives = negatives

    def __call__(self, scores: Tensor, target: Tensor) -> Tensor:
        others = torch.randint(FIRST, scores.shape[-1], (*target.shape, self.negatives), device=target.device)
        right = functional.logsigmoid(scores.gather(-1, target.unsqueeze(-1)))
        wrong = functional.logsigmoid(-scores.gather(-1, others))
        return -(right.squeeze(-1) + wrong.mean(-1))[target != PAD].mean()
