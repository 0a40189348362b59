"""How data reaches a function: from the batch to the model, the criterion, the metrics and the step's output."""

from lighter.adapters.batch import BatchAdapter, Keywords, Positional
from lighter.adapters.calls import Argument, CriterionAdapter, MetricsAdapter
from lighter.adapters.output import LoggingAdapter
from lighter.adapters.selection import Adapters, adapters_by_mode

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
