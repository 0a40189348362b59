"""A bundle's metrics and what it does with predictions before them, as metrics and adapters of a System."""

import re
from collections.abc import Iterator

from lighter.cli.converting.bundle_places import followed, target_of
from lighter.cli.converting.parts import Part, mapping
from lighter.config.key_path import KeyPath

# Handlers of MONAI's that make one of its metrics, and that metric.
_METRICS = {
    "HausdorffDistance": "HausdorffDistanceMetric",
    "MeanAbsoluteError": "MAEMetric",
    "MeanDice": "DiceMetric",
    "MeanIoUHandler": "MeanIoU",
    "MeanSquaredError": "MSEMetric",
    "PeakSignalToNoiseRatio": "PSNRMetric",
    "ROCAUC": "ROCAUCMetric",
    "RootMeanSquaredError": "RMSEMetric",
    "SurfaceDistance": "SurfaceDistanceMetric",
}
_PLAIN = re.compile(r"from_engine\(\[\s*(['\"]pred['\"]|@pred)\s*,\s*(['\"]label['\"]|@label)\s*\]\)")
_OF_HANDLER = ("output_transform", "save_details", "metric_details", "device", "_target_")
KEYS = (PRED, LABEL) = ("pred", "label")
_CHANNEL = {"_target_", "dim"}


def metrics_of(root: Part, place: KeyPath) -> Iterator[tuple[str, Part, Part | None, str]]:
    """Each metric below a place: its name, the handler, the metric where there is one, and else why there is none."""
    found = followed(root, place)
    for name, below in found[1].entries.items() if found else ():
        at = followed(root, (*found[0], name)) if found else None
        handler = at[1] if at else below
        known = _METRICS.get(target_of(handler))
        takes = handler.find("output_transform")
        if known is None:
            yield name, handler, None, "the metric is of MONAI's engines: write one of torchmetrics or monai.metrics"
        elif takes is None or not _PLAIN.search(takes.text or ""):
            yield (
                name,
                handler,
                None,
                "it does not take 'pred' and 'label' as they are: say with 'adapters' what it takes",
            )
        else:
            kept = {key: part.copy() for key, part in handler.entries.items() if key not in _OF_HANDLER}
            target = Part(f"monai.metrics.{known}", above=[*handler.above])
            yield name, handler, Part({"_target_": target, **kept}, above=[*handler.above]), ""


def transforms_of(root: Part, place: KeyPath) -> tuple[dict[str, list[Part]], list[tuple[Part, str]]]:
    """What a place does with `pred` and `label`, for whole batches; and each transform that is none of an adapter."""
    made: dict[str, list[Part]] = {key: [] for key in KEYS}
    left: list[tuple[Part, str]] = []
    compose = followed(root, place)
    found = followed(root, (*compose[0], "transforms")) if compose else None
    for item, part in _items(root, found[0]) if found else ():
        name = target_of(part).removesuffix("d")
        if name not in ("Activations", "AsDiscrete"):
            left.append((item, "it changes single samples after the step, which a callback may"))
            continue
        keys = [_key(root, one) for one in _list(part.find("keys"))]
        for number, key in enumerate(keys):
            if key in made:
                made[key].append(_for_batches(part, name, number, len(keys)))
    return made, left


def _items(root: Part, place: KeyPath) -> Iterator[tuple[Part, Part]]:
    """The items of a list, each as it is written and what it leads to."""
    part = root.find(*place)
    if part is not None and part.text and part.text.startswith("$"):
        yield part, part
    for number, item in enumerate(part.items if part is not None else []):
        at = followed(root, (*place, str(number)))
        yield item, at[1] if at else item


def _list(part: Part | None) -> list[Part]:
    return [] if part is None else part.items if isinstance(part.value, list) else [part]


def _key(root: Part, part: Part) -> str:
    """A key of samples, also where it is a reference to one of MONAI's own names."""
    written = part.text or ""
    if found := followed(root, tuple(written[1:].split("::"))) if written.startswith("@") else None:
        written = found[1].text or ""
    return written.rpartition(".")[2].lower()


def _for_batches(part: Part, name: str, number: int, count: int) -> Part:
    """The transform of one key, with the channels where those of a batch are."""
    made = mapping({"_target_": Part(f"monai.transforms.{name}")})
    for key, given in part.entries.items():
        if key in ("_target_", "keys", "allow_missing_keys"):
            continue
        one = given.items[number] if isinstance(given.value, list) and len(given.items) == count else given
        if one.value not in (None, False):
            made.value[key] = one.copy()  # of each key its own
    if made.entries.keys() & {"argmax", "to_onehot", "softmax"}:
        made.value.setdefault("dim", Part(1))
    return made
