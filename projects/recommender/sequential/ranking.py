"""How near the top the right item is ranked, as a mean over all samples."""

import torch
from torch import Tensor
from torchmetrics import Metric


class RankingMetric(Metric):
    """Takes scores of (batch, items) and the right items, (batch,)."""

    higher_is_better = True

    def __init__(self) -> None:
        super().__init__()
        self.add_state("total", torch.tensor(0.0), dist_reduce_fx="sum")
        self.add_state("count", torch.tensor(0), dist_reduce_fx="sum")

    def update(self, scores: Tensor, target: Tensor) -> None:
        right = scores.gather(1, target.unsqueeze(1))
        rank = (scores > right).sum(dim=1) + 1  # 1 is the top
        self.total += self.worth(rank).sum()
        self.count += len(rank)

    def compute(self) -> Tensor:
        return self.total / self.count

    def worth(self, rank: Tensor) -> Tensor:
        raise NotImplementedError


class Recall(RankingMetric):
    """How often the right item is among the first k."""

    def __init__(self, k: int = 10) -> None:
        super().__init__()
        self.k = k

    def worth(self, rank: Tensor) -> Tensor:
        return (rank <= self.k).float()


class NDCG(Recall):
    """The same, weighted by rank: 1 / log2(1 + rank)."""

    def worth(self, rank: Tensor) -> Tensor:
        return super().worth(rank) / torch.log2(1 + rank)


class MRR(RankingMetric):
    """The mean of 1 / rank."""

    def worth(self, rank: Tensor) -> Tensor:
        return 1 / rank
