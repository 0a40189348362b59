import pytest
import yaml

from lighter.cli.adopting.metrics import metrics

ACCURACY = {"_target_": "torchmetrics.Accuracy", "task": "multiclass", "num_classes": 10, "ignore_index": 255}
NET = "from torch import nn\nclass Net(nn.Module):\n  def __init__(self, {0}): ...\n"
CALL = "from net import Net\nNet({0})\n"


def written(choice, loss, takes="num_classes=10", call="", splits=("train", "val")):
    found = choice("a", {"net.py": NET.format(takes), "train.py": CALL.format(call)})
    return metrics(found, f"torch.nn.{loss}", {"ignore_index": 255, "weight": None}, splits).lines


@pytest.mark.parametrize(
    ("loss", "metric"),
    [
        ("CrossEntropyLoss", {"accuracy": ACCURACY}),
        ("NLLLoss", {"accuracy": ACCURACY}),
        ("BCEWithLogitsLoss", {"accuracy": {"_target_": "torchmetrics.Accuracy", "task": "binary"}}),
        ("MSELoss", {"mae": {"_target_": "torchmetrics.MeanAbsoluteError"}}),
        ("L1Loss", {"mse": {"_target_": "torchmetrics.MeanSquaredError"}}),
    ],
)
@pytest.mark.parametrize(
    ("splits", "expected"), [(["train"], ["train"]), (["train", "test"], ["test"]), (["test", "val"], ["val", "test"])]
)
def test_a_metric_for_each_loss_and_part_of_the_data(choice, loss, metric, splits, expected):
    lines = written(choice, loss, splits=splits)
    assert yaml.safe_load("\n".join(lines)) == {"metrics": dict.fromkeys(expected, metric)}


@pytest.mark.parametrize(
    ("takes", "call", "count"),
    [
        ("num_classes=10", "", "10"),
        ("num_classes=10", "num_classes=7", "7"),
        ("width, n_classes", "3, 5", "5"),
        ("classes", "n", "..."),
        ("classes=('cat', 'dog')", "", "..."),
        ("n_classes=1", "", "..."),
        ("n_classes=3, num_labels=4", "", "..."),
        ("width=3", "", "..."),
    ],
)
def test_how_many_classes_there_are(choice, takes, call, count):
    lines = written(choice, "CrossEntropyLoss", takes, call)
    assert f"num_classes: {count}, ignore_index: 255}}" in lines[-1]
    assert lines[0].startswith("# metrics: " if count == "..." else "metrics:")


@pytest.mark.parametrize("loss", ["BCELoss", "TripletMarginLoss", ""])
def test_where_no_metric_is_known_it_is_said_what_one_is(choice, loss):
    assert written(choice, loss) == ["# metrics: {val: ...}  # of torchmetrics or MONAI, called with (pred, target)"]
