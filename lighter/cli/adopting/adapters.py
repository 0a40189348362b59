"""The adapters of a first config: which part of a batch is the input and the target, by the names in the code."""

from collections.abc import Sequence

from lighter.cli.adopting.calls import safe, written
from lighter.cli.adopting.choosing import Choice
from lighter.cli.adopting.parameters import Parameter, method_of
from lighter.cli.adopting.recognising import Candidate, Kind
from lighter.cli.adopting.samples import Sample, sample_of

_DEFAULT = frozenset({"identifier", "input", "target"})  # the keys that a System looks for without adapters
_TARGETS = (
    *("target", "targets", "label", "labels", "y", "gt", "ground_truth", "mask", "masks", "seg", "segmentation"),
    *("annotation", "class", "class_id", "class_idx", "category", "cls", "answer"),
)
_INPUTS = (
    *("input", "inputs", "x", "image", "images", "img", "data", "signal", "waveform", "audio", "features", "feature"),
    *("input_ids", "tokens", "text", "points", "volume", "video", "frames"),
)
_IDENTIFIERS = ("identifier", "id", "ids", "uid", "sample_id", "image_id", "name", "filename", "file_name", "path")
_OPEN = "..."
_HEAD = "which part of a batch, or of the model's output, goes where"


def adapters(chosen: Sequence[Candidate], choice: Choice) -> tuple[list[str], bool]:
    """The lines, and whether they are all filled in: none where a System needs none, comments where it is not known."""
    model = next((one for one in chosen if one.kind is Kind.MODEL), None)
    takes = _takes(model, choice) if model is not None else []
    batch, is_known = _batch(takes, _sample(chosen, choice))
    loss = [line for one in chosen if one.kind is Kind.LOSS for line in _criterion(one, choice)]
    if batch and is_known:
        return ["", "adapters:", f"  {batch}", *(f"  {line}" for line in loss)], not loss
    lines = [f"#   {batch}"] * bool(batch) + [line.replace("# ", "#   ", 1) for line in loss]
    return (["", f"# adapters:  # {_HEAD}", *lines], False) if lines else ([], True)


def _takes(one: Candidate, choice: Choice) -> list[Parameter]:
    """What a call of a model, or of a loss that is a class, cannot do without."""
    called = method_of(one.made or one.here, "forward", choice.found.names) or ()
    return [parameter for parameter in called if parameter.is_required]


def _sample(chosen: Sequence[Candidate], choice: Choice) -> Sample | None:
    """What the chosen dataset gives, or the collate function over it."""
    givers = [next((one for one in chosen if one.kind is kind), None) for kind in (Kind.COLLATE, Kind.DATASET)]
    giver = next(filter(None, givers), None)
    return sample_of(giver, choice.found.names) if giver is not None else None


def _batch(takes: Sequence[Parameter], sample: Sample | None) -> tuple[str, bool]:
    """The adapter of batches, and whether nothing in it is open; empty where none is needed."""
    names = [parameter.name for parameter in takes]
    if sample is not None and sample.keys:
        return _of_mapping(names, sample)
    count = sample.count if sample is not None else 0
    place = f"the model takes {len(names)} inputs"
    if sample is not None:
        place = f"a guess: of the {count} parts in {safe(sample.place)}"
    if len(names) > 1:
        by_index = ", ".join(f"{name}: {index}" for index, name in enumerate(names))
        return f"batch: {{input: {{{by_index}}}, target: {len(names)}}}  # {place}", count == len(names) + 1
    return (f"batch: {{input: 0, target: 1}}  # {place}" if count > 2 else "", True)


def _of_mapping(names: Sequence[str], sample: Sample) -> tuple[str, bool]:
    """The keys for the inputs: of their names, or the one that is called as inputs are; the key of the target."""
    if len(names) <= 1 and _DEFAULT >= set(sample.keys) >= {"input", "target"}:
        return "", True
    left = list(sample.keys)
    identifier = _named(left, _IDENTIFIERS)
    inputs = {name: name for name in names if name in left} if len(names) > 1 else {}
    target = _named([key for key in left if key not in inputs], _TARGETS)
    left = [key for key in left if key not in {target, identifier, *inputs}]
    if len(names) > 1:
        given = {name: inputs.get(name, _OPEN) for name in names}
        spelt = "{" + ", ".join(f"{name}: {_spelt(key)}" for name, key in given.items()) + "}"
        is_known = _OPEN not in given.values()
    else:
        key = _named(left, (*names, *_INPUTS)) or (left[0] if len(left) == 1 else _OPEN)
        left = [one for one in left if one != key]
        spelt, is_known = _spelt(key), key != _OPEN
    target = target or (left[0] if len(left) == 1 else _OPEN)
    more = f", identifier: {_spelt(identifier)}" if identifier else ""
    place = f"  # a guess: of the keys {', '.join(map(safe, sample.keys))} in {safe(sample.place)}"
    return f"batch: {{input: {spelt}, target: {_spelt(target)}{more}}}{place}", is_known and target != _OPEN


def _named(keys: Sequence[str], names: Sequence[str]) -> str:
    """The key of the first of these names, in any case; empty for none."""
    by_name = {key.lower(): key for key in reversed(keys)}
    return next((by_name[name.lower()] for name in names if name.lower() in by_name), "")


def _spelt(key: str) -> str:
    return key if key == _OPEN else written(key)


def _criterion(one: Candidate, choice: Choice) -> list[str]:
    """A word on a loss that takes more than a prediction and a target."""
    takes = one.required if one.is_function else _takes(one, choice)
    named = ", ".join(f"{parameter.name}: ..." for parameter in takes)
    parts = "each of pred, target, input, or a part: pred::0"
    return [f"# criterion: {{arguments: {{{named}}}}}  # {parts}"] if len(takes) > 2 else []
