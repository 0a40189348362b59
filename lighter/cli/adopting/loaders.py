"""The dataloaders of a first config: of the training data, and of the data to validate and to test with."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from lighter.cli.adopting.calls import Block, call, known_values, safe, written
from lighter.cli.adopting.choosing import Choice
from lighter.cli.adopting.parameters import outside_bases
from lighter.cli.adopting.recognising import Candidate, Kind
from lighter.cli.adopting.splits import TEST, TRAIN, VAL, has_split, split_of, split_of_name, values_for
from lighter.cli.adopting.usage import Use, is_aside
from lighter.config.tree import CALLABLE, MODE, TARGET

MOST_COLLATES = 3
_FOR_SPEED = ("num_workers", "pin_memory", "persistent_workers")
_CHOOSING = ("batch_size", "sampler", "batch_sampler", "worker_init_fn", "generator")
_LOADER = "torch.utils.data.DataLoader"


@dataclass(slots=True)
class Loaders:
    """A block for each part of the data that is known of, what they name, and a word on those that are not known."""

    blocks: dict[str, Block] = field(default_factory=dict)
    chosen: list[Candidate] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Data:
    """A dataset, the calls that give it its arguments, and those that it needs to be a part of the data."""

    dataset: Candidate
    uses: Sequence[Use]
    values: dict[str, Any]


def loaders(choice: Choice, wanted: Collection[str] = (VAL, TEST)) -> Loaders:
    """The dataloaders of a repository: one for training always, and those of the wanted parts that are known of."""
    found, training = Loaders(), _training_data(choice)
    parts = {TRAIN: training}
    if training is not None:
        parts |= {split: data for split, data in _held_out(training, choice).items() if split in wanted}
    for split, data in parts.items():
        found.blocks[split], named = loader(choice, data, split)
        found.chosen += [one for one in named if one not in found.chosen]
    notes = {} if training else {split: _outside(choice, split) for split in (VAL, TEST)}
    notes = {split: f"# {split}: {text}" for split, text in notes.items() if text}
    known = {*parts, *notes}
    if VAL not in known:
        notes[VAL] = f"# val: {{...}}  # {_word_on_val(choice, known)}"
    if TEST not in known and VAL in parts:
        notes[TEST] = "# test: {...}  # the same for the data of 'lighter test'"
    found.notes = [notes[split] for split in (VAL, TEST) if split in notes]
    return found


def _word_on_val(choice: Choice, known: set[str]) -> str:
    if choice.uses.parted:
        return f"{safe(choice.uses.parted[0])} takes it from the training data, by random_split"
    return "the same for validation data" + ("" if TEST in known else "; test and predict likewise")


def _training_data(choice: Choice) -> Data | None:
    ranked = choice.ranked[Kind.DATASET]
    dataset = next(
        (one for one in ranked if split_of_name(one.here.name) not in (VAL, TEST)), choice.first(Kind.DATASET)
    )
    if dataset is None:
        return None
    uses = choice.uses_of(dataset)
    by_split = {split: [use for use in uses if _split(use, dataset) == split] for split in (TRAIN, "")}
    return _data(dataset, by_split[TRAIN] or by_split[""], TRAIN, choice)


def _held_out(training: Data, choice: Choice) -> dict[str, Data]:
    """The data to validate and to test with, as far as scripts or the datasets themselves speak of them."""
    found = {split: data for split in (VAL, TEST) if (data := _of_split(split, training, choice)) is not None}
    val, test = found.get(VAL), found.get(TEST)
    if val is not None and test is not None and val.uses is training.uses and _is_the_same(val, test):
        del found[VAL]  # as no script makes it
    return found


def _of_split(split: str, training: Data, choice: Choice) -> Data | None:
    own = training.dataset
    datasets = [own, *(one for one in choice.ranked[Kind.DATASET] if one != own)]
    for one in datasets:  # one that a script makes
        uses = [use for use in choice.uses_of(one) if _split(use, one) == split and not is_aside(use.file)]
        data = _data(one, uses, split, choice)
        if uses and _differs(data, training):
            return data
    named = [one for one in datasets[1:] if split_of_name(one.here.name) == split and not is_aside(one.here.file)]
    for one in sorted(named, key=lambda one: one.here.file != own.here.file):
        return _data(one, choice.uses_of(one), split, choice)
    values = values_for(split, own.parameters or (), _text(own, choice))
    return Data(own, training.uses, values) if values else None


def _data(dataset: Candidate, uses: Sequence[Use], split: str, choice: Choice) -> Data:
    """A dataset for a part of the data: where its calls do not say which part it is, it is told."""
    is_told = any(split_of(use.values(dataset), "") for use in uses)
    return Data(dataset, uses, {} if is_told else values_for(split, dataset.parameters or (), _text(dataset, choice)))


def _split(use: Use, dataset: Candidate) -> str:
    return split_of(use.values(dataset), use.split)


def _text(dataset: Candidate, choice: Choice) -> str:
    repository = choice.found.repository
    outline = repository.class_at(dataset.here)
    return repository.text_of(dataset.here.file, outline) if outline is not None else ""


def _known(data: Data) -> dict[str, Any]:
    return known_values(data.dataset, data.uses, data.values)


def _is_the_same(data: Data, other: Data) -> bool:
    """Whether what sets data apart from the training data holds for other data too."""
    return data.dataset == other.dataset and data.values.items() <= _known(other).items()


def _differs(data: Data, training: Data) -> bool:
    """Whether this is other data than that to train on: nothing is to be validated on that by mistake."""
    known = _known(data)
    is_open = any(one.name not in known for one in data.dataset.required)
    is_other = data.dataset != training.dataset or known != _known(training)
    return is_other or (is_open and not has_split(data.dataset.parameters or ()))


def loader(choice: Choice, data: Data | None, split: str = TRAIN) -> tuple[Block, list[Candidate]]:
    """The lines, and the candidates that they name."""
    block, chosen = Block([f"{TARGET}: {_LOADER}"]), []
    collates, dataset = choice.ranked[Kind.COLLATE], data.dataset if data is not None else None
    if data is None or dataset is None:
        block.lines += [f"# dataset: {{{values}}}{place}" for values, place in _datasets_outside(choice, split)]
        block.lines.append("# dataset: ...  # required: no dataset was found in the repository")
        block.open.append("dataset")
    else:
        others = [one for one in choice.ranked[Kind.DATASET] if one != dataset] if split == TRAIN else ()
        block.add_block("dataset", call(dataset, choice, uses=data.uses, values=data.values), others)
        chosen.append(dataset)
    beside = [one for one in collates if dataset is not None and one.here.file == dataset.here.file]
    if len(beside) == 1:
        block.add_block("collate_fn", call(beside[0], choice, bound=beside[0].is_function))
        chosen.append(beside[0])
    elif split == TRAIN:
        for one in collates[:MOST_COLLATES]:
            mode = f", {MODE}: {CALLABLE}" if one.is_function else ""
            block.lines.append(f"# collate_fn: {{{TARGET}: {safe(one.target)}{mode}}}  # {safe(one.place)}")
    size, use = _batch_size(choice, split)
    block.lines.append(f"batch_size: {size}{_said(use)}")
    bases = outside_bases(dataset.here, choice.found.names) if dataset is not None else []
    if split == TRAIN and not any(base.endswith("IterableDataset") for base in bases):
        block.lines.append("shuffle: true")
    block.lines += _of_the_loader(use)
    return block, chosen


def _said(use: Use | None) -> str:
    return f"  # as in {safe(use.place)}" if use else "  # a guess"


def _of_the_loader(use: Use | None) -> list[str]:
    """What else a script gives a dataloader: what is dropped, and as comments what changes no value or is not plain."""
    if use is None:
        return []
    known = {name: value for name, value in use.named if value is not None}
    lines = ["drop_last: true"] if known.get("drop_last") is True else []
    lines += [f"# {name}: {written(known[name])}" for name in _FOR_SPEED if known.get(name)]
    return lines + [f"# {name}: ...  # in {safe(use.place)}" for name in _CHOOSING if name in use.unknown]


def _batch_size(choice: Choice, split: str) -> tuple[int, Use | None]:
    """The size of batches, and the call that says so: of this part of the data, of the training data, or of any."""
    sizes = [(use.split, dict(use.named).get("batch_size", _second(use)), use) for _, use in choice.uses.loaders]
    sizes = [(of, size, use) for of, size, use in sizes if type(size) is int and size > 0]
    order = [split, TRAIN, "", *(of for of, _, _ in sizes)]
    size, use = next(((size, use) for wanted in order for of, size, use in sizes if of == wanted), (4, None))
    return size, use


def _second(use: Use) -> Any:
    return use.positional[1][1] if len(use.positional) > 1 else None


def _outside(choice: Choice, split: str) -> str:
    """A dataloader in one line over a dataset that is not of the repository; empty where scripts have none."""
    for values, place in _datasets_outside(choice, split):
        size, _ = _batch_size(choice, split)
        return f"{{{TARGET}: {_LOADER}, dataset: {{{values}}}, batch_size: {size}}}{place}"
    return ""


def _datasets_outside(choice: Choice, split: str) -> list[tuple[str, str]]:
    """Datasets of torchvision and its kin that the scripts use, each with its place."""
    found: dict[str, tuple[str, str]] = {}
    for target, use in choice.uses.datasets[:20]:
        of = split_of(dict(use.named), use.split)
        if of == split or (not of and split == TRAIN):
            values = "".join(f", {name}: {written(value)}" for name, value in use.named if name.isidentifier())
            found.setdefault(target, (f"{TARGET}: {target}{values}", f"  # as in {safe(use.place)}"))
    return list(found.values())[:3]
