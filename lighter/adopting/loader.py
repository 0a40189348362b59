"""A DataLoader over the most likely dataset of a repository, as lines of a config."""

from lighter.adopting.calls import Block, call, others, safe
from lighter.adopting.choosing import Choice
from lighter.adopting.kinds import Kind
from lighter.adopting.naming import Here
from lighter.adopting.parameters import lineage
from lighter.adopting.recognising import Candidate
from lighter.adopting.values import written
from lighter.config.tree import CALLABLE, MODE, TARGET

_LOADER = "torch.utils.data.DataLoader"
MOST_COLLATES = 3

__all__ = ["loader"]


def loader(choice: Choice) -> tuple[Block, list[Candidate]]:
    """The lines, and the candidates that they name."""
    block, chosen = Block([f"{TARGET}: {_LOADER}"]), []
    dataset = choice.first(Kind.DATASET)
    if dataset is None:
        block.add([*_datasets_outside(choice), "# dataset: ...  # required: no dataset was found in the repository"])
        block.open.append("dataset")
    else:
        below = call(dataset, choice)
        below.lines[:0] = others(choice.ranked[Kind.DATASET][1:])
        block.add_block("dataset", below, "dataset")
        chosen.append(dataset)
    collates = choice.ranked[Kind.COLLATE]
    beside = [one for one in collates if dataset is not None and one.here.file == dataset.here.file]
    if len(beside) == 1:
        block.add_block("collate_fn", call(beside[0], choice, bound=beside[0].is_function), "collate_fn")
        chosen.append(beside[0])
    else:
        block.add([_collate(one) for one in collates[:MOST_COLLATES]])
    block.add(["batch_size: 4"])
    if dataset is None or not _is_iterable(dataset.here, choice):
        block.add(["shuffle: true"])
    return block, chosen


def _collate(candidate: Candidate) -> str:
    mode = f", {MODE}: {CALLABLE}" if candidate.is_function else ""
    return f"# collate_fn: {{{TARGET}: {safe(candidate.target)}{mode}}}  # {safe(candidate.place)}"


def _datasets_outside(choice: Choice) -> list[str]:
    """Datasets of torchvision and its kin that the scripts use."""
    told: dict[str, str] = {}
    for target, use in choice.uses.datasets[:20]:
        values = "".join(f", {name}: {written(value)}" for name, value in use.named if name.isidentifier())
        told.setdefault(target, f"# dataset: {{{TARGET}: {target}{values}}}  # as in {safe(use.place)}")
    return list(told.values())[:3]


def _is_iterable(here: Here, choice: Choice) -> bool:
    line = lineage(here, choice.found.names, choice.found.repository)
    return any(isinstance(one, str) and one.endswith("IterableDataset") for one in line)
