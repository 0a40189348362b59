"""The metrics of a first config, by the loss that scripts train with: of torchmetrics, called with (pred, target)."""

from collections.abc import Iterable
from typing import Any

from lighter.cli.adopting.calls import Block, known_values, written
from lighter.cli.adopting.choosing import Choice
from lighter.cli.adopting.recognising import Kind
from lighter.cli.adopting.splits import TEST, TRAIN, VAL

_CLASSIFICATION = ("CrossEntropyLoss", "NLLLoss")
_ABSOLUTE, _SQUARED = (
    "mae: {_target_: torchmetrics.MeanAbsoluteError}",
    "mse: {_target_: torchmetrics.MeanSquaredError}",
)
# What a loss of regression leaves unsaid.
_REGRESSION = {"HuberLoss": _ABSOLUTE, "L1Loss": _SQUARED, "MSELoss": _ABSOLUTE, "SmoothL1Loss": _ABSOLUTE}
_CLASSES = frozenset(
    {
        "class_num",
        "class_nums",
        "classes",
        "n_class",
        "n_classes",
        "nb_classes",
        "nclass",
        "nclasses",
        "num_class",
        "num_classes",
    }
    | {"num_cls", "num_labels", "out_classes"}
)
_UNKNOWN = "# metrics: {val: ...}  # of torchmetrics or MONAI, called with (pred, target)"


def metrics(choice: Choice, loss: str, given: dict[str, Any], splits: Iterable[str]) -> Block:
    """The metrics for the parts of the data that there are, beside a loss of torch by its dotted name."""
    name = loss.rpartition(".")[2]
    if name in _REGRESSION:
        return _block(_REGRESSION[name], splits)
    if name == "BCEWithLogitsLoss":
        return _block("accuracy: {_target_: torchmetrics.Accuracy, task: binary}", splits)
    if name not in _CLASSIFICATION:
        return Block([_UNKNOWN])
    accuracy, count = "accuracy: {_target_: torchmetrics.Accuracy, task: multiclass, num_classes: ", _classes(choice)
    ignored = given.get("ignore_index")
    more = f", ignore_index: {written(ignored)}" if type(ignored) is int else ""
    if count is None:
        return Block([f"# metrics: {{val: {{{accuracy}...{more}}}}}}}  # of how many classes?"])
    return _block(f"{accuracy}{count}{more}}}", splits)


def _block(metric: str, splits: Iterable[str]) -> Block:
    """One metric for validation and test data, or where there are none for training data."""
    held_out = [split for split in (VAL, TEST) if split in splits]
    below = Block([f"{split}: {{{metric}}}" for split in held_out or [TRAIN]])
    block = Block()
    block.add_block("metrics", below)
    return block


def _classes(choice: Choice) -> int | None:
    """How many classes the model tells apart, as its call or its defaults say."""
    model = choice.first(Kind.MODEL)
    values = known_values(model, choice.uses_of(model)) if model is not None else {}
    counts = [value for name, value in values.items() if name in _CLASSES and type(value) is int and value > 1]
    return counts[0] if len(counts) == 1 else None
