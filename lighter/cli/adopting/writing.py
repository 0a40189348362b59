"""A commented first config for the most likely candidates of a repository."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lighter.cli.adopting.calls import Block, call, others, safe, written
from lighter.cli.adopting.choosing import Choice
from lighter.cli.adopting.kinds import Kind
from lighter.cli.adopting.parameters import Parameter, method_of, outside_bases
from lighter.cli.adopting.reading import Here
from lighter.cli.adopting.recognising import Candidate
from lighter.cli.adopting.usage import Use, is_aside
from lighter.config.tree import CALLABLE, MODE, TARGET

_LOADER = "torch.utils.data.DataLoader"
MOST_COLLATES = 3

_OPTIMIZER = ("torch.optim.Adam", {"lr": 0.001})
_NAMED = frozenset({"alpha", "amsgrad", "betas", "dampening", "eps", "lr", "momentum", "nesterov", "weight_decay"})


def loader(choice: Choice) -> tuple[Block, list[Candidate]]:
    """The lines, and the candidates that they name."""
    block, chosen = Block([f"{TARGET}: {_LOADER}"]), []
    dataset = choice.first(Kind.DATASET)
    if dataset is None:
        block.add([*_datasets_outside(choice), "# dataset: ...  # required: no dataset was found in the repository"])
        block.open.append("dataset")
    else:
        chosen.append(_add_likeliest(block, "dataset", dataset, choice))
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


def _add_likeliest(block: Block, key: str, candidate: Candidate, choice: Choice, *, bound: bool = False) -> Candidate:
    """The call of the likeliest of a kind below a key, with the others as comments."""
    below = call(candidate, choice, bound)
    below.lines[:0] = others(choice.ranked[candidate.kind][1:])
    block.add_block(key, below, key)
    return candidate


def _collate(candidate: Candidate) -> str:
    mode = f", {MODE}: {CALLABLE}" if candidate.is_function else ""
    return f"# collate_fn: {{{TARGET}: {safe(candidate.target)}{mode}}}  # {safe(candidate.place)}"


def _datasets_outside(choice: Choice) -> list[str]:
    """Datasets of torchvision and its kin that the scripts use."""
    lines: dict[str, str] = {}
    for target, use in choice.uses.datasets[:20]:
        values = "".join(f", {name}: {written(value)}" for name, value in use.named if name.isidentifier())
        lines.setdefault(target, f"# dataset: {{{TARGET}: {target}{values}}}  # as in {safe(use.place)}")
    return list(lines.values())[:3]


def _is_iterable(here: Here, choice: Choice) -> bool:
    return any(one.endswith("IterableDataset") for one in outside_bases(here, choice.found.names))


@dataclass(frozen=True, slots=True)
class FirstConfig:
    """The text of a config, what it is made of, and the places in it that are left to fill in."""

    text: str
    chosen: tuple[Candidate, ...]
    open: tuple[str, ...]


def first_config(choice: Choice, project: str, file_name: str) -> FirstConfig:
    """The config of a repository at the path `project`, to be written to a file of this name."""
    module = choice.first(Kind.LIGHTNING_MODULE)
    if module is not None and is_aside(module.here.file) and choice.first(Kind.MODEL) is not None:
        module = None
    block = Block(_head(choice, file_name))
    block.add([f"project: {written(project)}", ""])
    chosen = _add_lightning(block, module, choice) if module else _add_system(block, choice)
    return FirstConfig("\n".join(block.lines) + "\n", tuple(chosen), tuple(block.open))


def _head(choice: Choice, file_name: str) -> list[str]:
    name = safe(choice.found.repository.project.name)
    return [
        f"# A first config for '{name}', by 'lighter adopt': its files were read, not run.",
        f"# 'lighter check {safe(file_name)}' tells what is left to fill in, 'lighter fit {safe(file_name)}' trains.",
        "",
    ]


def _add_trainer(block: Block, target: str = "") -> None:
    block.add(["trainer:"])
    if target:
        block.add([f"{TARGET}: {target}  # the LightningModule is of this package"], 2)
    block.add(["max_epochs: 1", "# limit_train_batches: 10  # for a first try"], 2)
    block.add([""])


def _add_lightning(block: Block, module: Candidate, choice: Choice) -> list[Candidate]:
    is_new = any(one.startswith("lightning.") for one in outside_bases(module.here, choice.found.names))
    _add_trainer(block, "lightning.pytorch.Trainer" if is_new else "")
    start = len(block.lines)
    chosen = [_add_likeliest(block, "system", module, choice)]
    chosen += _nested_model(block.lines[start:], choice)
    data = choice.first(Kind.DATA_MODULE)
    if data is not None:
        block.add([""])
        return [*chosen, _add_likeliest(block, "data", data, choice)]
    if method_of(module.here, "train_dataloader", choice.found.names) is None:
        block.add([""])
        batches, loaded = loader(choice)
        fit = Block()
        fit.add_block("train_dataloaders", batches, "train_dataloaders")
        arguments = Block()
        arguments.add_block("fit", fit, "fit")
        block.add_block("args", arguments, "args")
        chosen += loaded
    return chosen


def _nested_model(system: list[str], choice: Choice) -> list[Candidate]:
    model = choice.first(Kind.MODEL)
    is_named = model is not None and any(f"{TARGET}: {written(model.target)}  " in line for line in system)
    return [model] if model is not None and is_named else []


def _add_system(block: Block, choice: Choice) -> list[Candidate]:
    _add_trainer(block)
    system = Block()
    chosen = _add_model(system, choice)
    system.add([""])
    chosen += _add_criterion(system, choice)
    system.add([""])
    system.add_block("optimizer", _optimizer(choice), "optimizer")
    system.add([""])
    batches, loaded = loader(choice)
    loaders = Block()
    loaders.add_block("train", batches, "train")
    loaders.add(["# val: {...}  # the same for validation data; test and predict likewise"])
    system.add_block("dataloaders", loaders, "dataloaders")
    system.add(_adapters(chosen, choice))
    block.add_block("system", system, "system")
    return [*chosen, *loaded]


def _add_model(system: Block, choice: Choice) -> list[Candidate]:
    model = choice.first(Kind.MODEL)
    if model is None:
        system.add(["# model: ...  # required: no model was found in the repository"])
        system.open.append("model")
        return []
    return [_add_likeliest(system, "model", model, choice)]


def _add_criterion(system: Block, choice: Choice) -> list[Candidate]:
    own, ranked = choice.first(Kind.LOSS), choice.ranked[Kind.LOSS]
    is_used = own is not None and any(use.file != own.here.file for use in choice.uses.of.get(own.here, ()))
    if own is not None and (is_used or not choice.uses.losses):
        return [_add_likeliest(system, "criterion", own, choice, bound=own.is_function)]
    if choice.uses.losses:
        target, use = choice.uses.losses[0]
        below = Block([*others(ranked), f"{TARGET}: {target}  # as in {safe(use.place)}"])
    else:
        below = Block([f"{TARGET}: torch.nn.CrossEntropyLoss  # a guess: the loss of classification"])
    system.add_block("criterion", below, "criterion")
    return []


def _optimizer(choice: Choice) -> Block:
    if not choice.uses.optimizers:
        return Block([f"{TARGET}: {_OPTIMIZER[0]}", *_named(_OPTIMIZER[1])])
    target, use = max(choice.uses.optimizers[:10], key=lambda one: len(_optimizer_values(one[1])))
    values = _optimizer_values(use)
    guess = [] if "lr" in values else [f"lr: {written(_OPTIMIZER[1]['lr'])}  # a guess"]
    return Block([f"{TARGET}: {target}  # as in {safe(use.place)}", *guess, *_named(values)])


def _optimizer_values(use: Use) -> dict[str, Any]:
    """The plain values that a call gives an optimizer; the learning rate is the second of all of them."""
    plain, value = use.positional[1] if len(use.positional) > 1 else (False, None)
    values = ({"lr": value} if plain else {}) | dict(use.named)
    return {name: value for name, value in values.items() if name in _NAMED and value is not None}


def _named(values: Mapping[str, Any]) -> list[str]:
    return [f"{name}: {written(value)}" for name, value in values.items()]


def _adapters(chosen: list[Candidate], choice: Choice) -> list[str]:
    """A word on adapters where the model takes several inputs or the loss more than a prediction and a target."""
    lines: list[str] = []
    for candidate in chosen:
        takes = _called_with(candidate, choice)
        if candidate.kind is Kind.MODEL and len(takes) > 1:
            inputs = ", ".join(f"{p.name}: {index}" for index, p in enumerate(takes))
            lines.append(
                f"#   batch: {{input: {{{inputs}}}, target: {len(takes)}}}  # the model takes {len(takes)} inputs"
            )
        if candidate.kind is Kind.LOSS and len(takes) > 2:
            named = ", ".join(f"{p.name}: ..." for p in takes)
            lines.append(
                f"#   criterion: {{arguments: {{{named}}}}}  # each of pred, target, input, or a part: pred::0"
            )
    return ["", "# adapters:  # which part of a batch, or of the model's output, goes where", *lines] if lines else []


def _called_with(candidate: Candidate, choice: Choice) -> tuple[Parameter, ...]:
    """The arguments, without a default, of what is called at each step."""
    here = candidate.made or candidate.here
    if candidate.kind is Kind.LOSS and candidate.is_function:
        return candidate.required
    called = method_of(here, "forward", choice.found.names) or ()
    return tuple(parameter for parameter in called if parameter.is_required)
