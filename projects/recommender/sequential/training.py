"""How a module is supplied with training data: from the items of a user, what it sees and what it is to predict.

Histories are (batch, length), padded on the left. A model returns scores of all items for each position,
(batch, length, items). The target of a position is PAD where nothing is to be predicted.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from lighter import System

from .items import FIRST, MASK, PAD

Sample = tuple[Tensor, Tensor]


class SequenceNextItemPredictionModule(System):
    """At each item, predict the next."""

    default_loss: Callable[..., Tensor] = nn.CrossEntropyLoss()

    def __init__(self, model: nn.Module, loss_function: Callable[..., Tensor] | None = None, **parts: Any) -> None:
        adapters = {
            "train": {"batch": self.training_batch},
            "batch": self.evaluation_batch,
            "criterion": self.loss_of,
            "metrics": {"transforms": {"pred": last, "target": last}},
        }
        criterion = self.default_loss if loss_function is None else loss_function
        super().__init__(model, criterion=criterion, adapters=adapters, **parts)

    def sample(self, history: Tensor) -> Sample:
        """What the model trains on."""
        return history[:, :-1], history[:, 1:]

    def question(self, history: Tensor) -> Sample:
        """What asks the model, at its last position, for the last item."""
        return history[:, :-1], at_last(history[:, 1:])

    def compared(self, loss: Callable[..., Tensor], scores: Tensor, target: Tensor) -> Tensor:
        """The loss, of scores (count, items) and what they should be highest for, (count,)."""
        return loss(scores, target)

    # The three are adapters: of a batch they make input, target and identifier, and of these a loss.
    def training_batch(self, history: Tensor, predicts: bool = False) -> tuple[Tensor, Tensor, None]:
        return (*self.sample(history), None)

    def evaluation_batch(self, history: Tensor, predicts: bool = False) -> tuple[Tensor, Tensor, None]:
        return (*self.question(history), None)

    def loss_of(self, criterion: Callable[..., Tensor], input: Tensor, target: Tensor, pred: Tensor) -> Tensor:
        is_asked = target != PAD
        return self.compared(criterion, pred[is_asked], target[is_asked])


class NextItemPredictionModule(SequenceNextItemPredictionModule):
    """Predict one item from those before it; which one is drawn for each batch."""

    def sample(self, history: Tensor) -> Sample:
        padded = int((history == PAD).all(dim=0).sum())
        return self.question(history[:, : torch.randint(padded + 2, history.shape[1] + 1, ())])


class MaskedTrainingModule(SequenceNextItemPredictionModule):
    """Predict masked items, from those on both sides."""

    def __init__(
        self, model: nn.Module, loss_function: Callable[..., Tensor] | None = None, share: float = 0.3, **parts: Any
    ) -> None:
        super().__init__(model, loss_function, **parts)
        self.share = share

    def sample(self, history: Tensor) -> Sample:
        is_hidden = torch.rand(history.shape, device=history.device) < self.share
        is_hidden &= history != PAD
        is_hidden[:, -1] |= ~is_hidden.any(dim=1)
        return history.masked_fill(is_hidden, MASK), history.masked_fill(~is_hidden, PAD)

    def question(self, history: Tensor) -> Sample:
        target = at_last(history)
        return history.masked_fill(target != PAD, MASK), target


def against(right: Tensor, others: Tensor) -> Tensor:
    """The loss of scores (count,) that should be high, and (count, negatives) that should be low."""
    return -(functional.logsigmoid(right) + functional.logsigmoid(-others).mean(-1)).mean()


class NextItemPredictionWithNegativeSampleTrainingModule(SequenceNextItemPredictionModule):
    """At each item, rank the next above a few others, drawn at random: cheap where there are many items."""

    default_loss = staticmethod(against)

    def __init__(
        self, model: nn.Module, loss_function: Callable[..., Tensor] | None = None, negatives: int = 10, **parts: Any
    ) -> None:
        super().__init__(model, loss_function, **parts)
        self.negatives = negatives

    def compared(self, loss: Callable[..., Tensor], scores: Tensor, target: Tensor) -> Tensor:
        others = torch.randint(FIRST, scores.shape[1], (len(target), self.negatives), device=target.device)
        return loss(scores.gather(1, target.unsqueeze(1)).squeeze(1), scores.gather(1, others))


def last(values: Tensor) -> Tensor:
    return values[:, -1]


def at_last(history: Tensor) -> Tensor:
    target = torch.full_like(history, PAD)
    target[:, -1] = history[:, -1]
    return target
