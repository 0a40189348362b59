from pathlib import Path

import pytest

from lighter.cli.converting.bundle_metrics import metrics_of, transforms_of
from lighter.cli.converting.parts import Part
from lighter.cli.converting.reading import parts_of
from lighter.errors import Source


def parts(text: str) -> Part:
    return parts_of(Source("a.yaml", text, path=Path("a.yaml")))


@pytest.mark.parametrize(
    ("handler", "metric"),
    [
        (
            "{_target_: MeanDice, include_background: false, ",
            {"_target_": "monai.metrics.DiceMetric", "include_background": False},
        ),
        ("{_target_: monai.handlers.MeanIoUHandler, save_details: true, ", {"_target_": "monai.metrics.MeanIoU"}),
        ("{_target_: ignite.metrics.Accuracy, ", None),
    ],
)
def test_a_handler_of_a_metric_is_the_metric(handler: str, metric: dict[str, object] | None) -> None:
    takes = "output_transform: \"$monai.handlers.from_engine(['pred', 'label'])\"}"
    root = parts(f"m: {{score: {handler}{takes}}}")
    ((name, _, made, reason),) = metrics_of(root, ("m",))
    assert name == "score"
    assert (made.plain if made is not None else None) == metric
    assert bool(reason) is (metric is None)


def test_a_metric_of_something_else_is_left() -> None:
    root = parts(
        "m:\n  a: {_target_: MeanDice}\n  b:\n    _target_: MeanDice\n    output_transform: $from_engine(['a', 'b'])\n"
    )
    assert [made for _, _, made, _ in metrics_of(root, ("m",))] == [None, None]


def test_transforms_of_samples_become_those_of_batches() -> None:
    root = parts(
        """
        pred: $monai.utils.CommonKeys.PRED
        post:
          _target_: Compose
          transforms:
            - {_target_: Activationsd, keys: "@pred", sigmoid: true}
            - {_target_: a.AsDiscreted, keys: [pred, label], threshold: [0.5, null], to_onehot: [null, 3]}
            - {_target_: Invertd, keys: pred}
        code: {_target_: Compose, transforms: $@a + @b}
        """
    )
    made, left = transforms_of(root, ("post",))
    assert {key: [part.plain for part in steps] for key, steps in made.items()} == {
        "pred": [
            {"_target_": "monai.transforms.Activations", "sigmoid": True},
            {"_target_": "monai.transforms.AsDiscrete", "threshold": 0.5},
        ],
        "label": [{"_target_": "monai.transforms.AsDiscrete", "to_onehot": 3, "dim": 1}],
    }
    assert [part.plain["_target_"] for part, _ in left] == ["Invertd"]
    assert [part.value for part, _ in transforms_of(root, ("code",))[1]] == ["$@a + @b"]
