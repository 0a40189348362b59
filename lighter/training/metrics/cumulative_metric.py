"""A metric of MONAI as one of torchmetrics."""

# ruff: noqa: SLF001  # MONAI gives its buffers out only after waiting for all ranks

from typing import Any

import torch
from torch import Tensor
from torchmetrics import Metric

Buffers = list[list[Tensor]]


class CumulativeMetric(Metric):
    """A cumulative metric of MONAI (Dice, Hausdorff, ...) with the interface of torchmetrics.

    MONAI keeps values of each sample in buffers, and aggregates them when asked.
    """

    full_state_update = True

    def __init__(self, metric: Any) -> None:
        super().__init__()
        self.metric = metric

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Adds the samples of a batch, with the arguments of MONAI's metric: (y_pred, y)."""
        self.metric(*args, **kwargs)

    def compute(self) -> Any:
        """The metric over all samples since the last reset; several of them by the names that MONAI has for them."""
        if self.metric._buffers and not (self._to_sync and self._asks_ranks()):
            # Buffers that count as gathered: MONAI would wait for all ranks.
            self.metric._synced_tensors = [torch.stack(buffer) for buffer in self.metric._buffers]
            self.metric._synced = True
        value = self.metric.aggregate()
        names = getattr(self.metric, "metric_name", None)
        if not isinstance(value, list) or not isinstance(names, list | tuple) or len(value) != len(names):
            return value
        named = {str(name).replace(" ", "_"): one for name, one in zip(names, value, strict=True)}
        return named if len(named) > 1 else value[0]

    def reset(self) -> None:
        """Forgets all samples."""
        super().reset()
        self.metric.reset()

    @property
    def buffers_of_samples(self) -> Buffers:
        """What MONAI keeps: one or more lists with an entry for each sample."""
        return self.metric._buffers or []

    @buffers_of_samples.setter
    def buffers_of_samples(self, buffers: Buffers) -> None:
        self.metric.reset()
        self.metric._buffers = buffers or None

    def _asks_ranks(self) -> bool:
        return self.distributed_available_fn is not None and bool(self.distributed_available_fn())
