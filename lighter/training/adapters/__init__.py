"""How data reaches a function: from the batch to the model, the criterion, the metrics and the step's output."""

from lighter.training.adapters.batch import BatchAdapter, Keywords, Positional
from lighter.training.adapters.calls import Argument, CriterionAdapter, MetricsAdapter
from lighter.training.adapters.selection import Adapters, LoggingAdapter, adapters_by_mode

__all__ = [
    "Adapters",
    "Argument",
    "BatchAdapter",
    "CriterionAdapter",
    "Keywords",
    "LoggingAdapter",
    "MetricsAdapter",
    "Positional",
    "adapters_by_mode",
]
