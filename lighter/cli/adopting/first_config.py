"""A commented first config for the most likely candidates of a repository: calls, and what is left to fill in."""

from dataclasses import dataclass
from typing import Any

from lighter.cli.adopting.adapters import adapters
from lighter.cli.adopting.calls import Block, call, safe, written
from lighter.cli.adopting.choosing import Choice
from lighter.cli.adopting.loaders import loaders
from lighter.cli.adopting.metrics import metrics
from lighter.cli.adopting.parameters import method_of, outside_bases
from lighter.cli.adopting.recognising import Candidate, Kind
from lighter.cli.adopting.splits import TEST, TRAIN, VAL
from lighter.cli.adopting.trainer import seed, trainer
from lighter.cli.adopting.usage import Use, is_aside
from lighter.config.tree import TARGET

_HEAD = """\
# A first config for '{repository}', by 'lighter adopt': its files were read, not run.
# 'lighter check {name}' tells what is left to fill in, 'lighter fit {name}' trains.

project: {project}
{seed}

trainer:
{trainer}
"""
_OPTIMIZER, _LEARNING_RATE = "torch.optim.Adam", 0.001
_OF_OPTIMIZERS = frozenset(
    {"alpha", "amsgrad", "betas", "dampening", "eps", "lr", "momentum", "nesterov", "weight_decay"}
)
_OF_LOSSES = frozenset({"beta", "delta", "ignore_index", "label_smoothing"})
_OF_SCHEDULERS = {  # what they take after the optimizer; they cannot do without the first
    "CosineAnnealingLR": ("T_max", "eta_min"),
    "CosineAnnealingWarmRestarts": ("T_0", "T_mult", "eta_min"),
    "ExponentialLR": ("gamma",),
    "MultiStepLR": ("milestones", "gamma"),
    "StepLR": ("step_size", "gamma"),
}


@dataclass(frozen=True, slots=True)
class FirstConfig:
    """The text of a config, what it is made of, and the places in it that are left to fill in.

    `is_whole` where it has all adapters that its parts ask for.
    """

    text: str
    chosen: tuple[Candidate, ...]
    open: tuple[str, ...]
    is_whole: bool = True


def first_config(choice: Choice, project: str, file_name: str) -> FirstConfig:
    """The config of a repository at the path `project`, to be written to a file of this name."""
    module, name = choice.first(Kind.LIGHTNING_MODULE), safe(file_name)
    if module is not None and is_aside(module.here.file) and choice.first(Kind.MODEL) is not None:
        module = None
    is_new = module is not None and any(base.startswith("lightning.") for base in _bases(module, choice))
    repository, lines = safe(choice.found.repository.project.name), trainer(choice.uses, is_new, module is not None)
    below = "\n".join(f"  {line}" for line in lines)
    head = _HEAD.format(
        name=name, repository=repository, project=written(project), seed=seed(choice.uses), trainer=below
    )
    block = Block(head.split("\n"))
    chosen, is_whole = (_add_lightning(block, module, choice), True) if module else _add_system(block, choice)
    return FirstConfig("\n".join(block.lines) + "\n", tuple(chosen), tuple(block.open), is_whole)


def _bases(candidate: Candidate, choice: Choice) -> list[str]:
    return outside_bases(candidate.here, choice.found.names)


def _add_lightning(block: Block, module: Candidate, choice: Choice) -> list[Candidate]:
    system, model = call(module, choice), choice.first(Kind.MODEL)
    block.add_block("system", system, choice.ranked[Kind.LIGHTNING_MODULE][1:])
    chosen = [module]
    if model is not None and any(f"{TARGET}: {written(model.target)}  " in line for line in system.lines):
        chosen.append(model)
    data = choice.first(Kind.DATA_MODULE)
    if data is not None:
        block.lines.append("")
        block.add_block("data", call(data, choice), choice.ranked[Kind.DATA_MODULE][1:])
        chosen.append(data)
    elif method_of(module.here, "train_dataloader", choice.found.names) is None:
        block.lines.append("")
        arguments, loaded = _loader_arguments(module, choice)
        block.add_block("args", arguments)
        chosen += loaded
    return chosen


def _loader_arguments(module: Candidate, choice: Choice) -> tuple[Block, list[Candidate]]:
    """The dataloaders as arguments of the Trainer's methods, for the steps that a LightningModule has."""
    steps = {VAL: "validation_step", TEST: "test_step"}
    has = [one for one, step in steps.items() if method_of(module.here, step, choice.found.names) is not None]
    data, fit, arguments = loaders(choice, has), Block(), Block()
    fit.add_block("train_dataloaders", data.blocks[TRAIN])
    if VAL in data.blocks:
        fit.add_block("val_dataloaders", data.blocks[VAL])
    arguments.add_block("fit", fit)
    if TEST in data.blocks:
        test = Block()
        test.add_block("dataloaders", data.blocks[TEST])
        arguments.add_block("test", test)
    return arguments, data.chosen


def _add_system(block: Block, choice: Choice) -> tuple[list[Candidate], bool]:
    system, batches, chosen, data = Block(), Block(), [], loaders(choice)
    model = choice.first(Kind.MODEL)
    if model is None:
        system.lines.append("# model: ...  # required: no model was found in the repository")
        system.open.append("model")
    else:
        system.add_block("model", call(model, choice), choice.ranked[Kind.MODEL][1:])
        chosen.append(model)
    system.lines.append("")
    chosen += _add_criterion(system, choice)
    system.lines.append("")
    system.add_block("optimizer", _optimizer(choice))
    if (scheduler := _scheduler(choice)) is not None:
        system.add_block("scheduler", scheduler)
    system.lines.append("")
    adapted, is_whole = adapters([*chosen, *data.chosen], choice)
    loss, use = next(iter(choice.uses.losses), ("", None))
    is_told = use is not None and is_whole and not any(one.kind is Kind.LOSS for one in chosen)
    measured = metrics(choice, loss if is_told else "", dict(use.named) if use else {}, data.blocks)
    system.lines += [*measured.lines, ""]
    for split, loader in data.blocks.items():
        batches.add_block(split, loader)
    batches.lines += data.notes
    system.add_block("dataloaders", batches)
    system.lines += adapted
    block.add_block("system", system)
    return [*chosen, *data.chosen], is_whole


def _add_criterion(system: Block, choice: Choice) -> list[Candidate]:
    own, ranked, of_torch = choice.first(Kind.LOSS), choice.ranked[Kind.LOSS], choice.uses.losses
    is_used = own is not None and any(use.file != own.here.file for use in choice.uses_of(own))
    if own is not None and (is_used or not of_torch):
        system.add_block("criterion", call(own, choice, bound=own.is_function), ranked[1:])
        return [own]
    lines = [f"{TARGET}: torch.nn.CrossEntropyLoss  # a guess: the loss of classification"]
    if of_torch:
        target, use = of_torch[0]
        lines = [f"{TARGET}: {target}  # as in {safe(use.place)}"]
        lines += [f"{name}: {written(value)}" for name, value in use.named if name in _OF_LOSSES and value is not None]
    system.add_block("criterion", Block(lines), ranked)
    return []


def _optimizer(choice: Choice) -> Block:
    rate = f"lr: {written(_LEARNING_RATE)}  # a guess"
    if not choice.uses.optimizers:
        return Block([f"{TARGET}: {_OPTIMIZER}  # a guess", rate])
    target, use = max(choice.uses.optimizers[:10], key=lambda one: len(_optimizer_values(one[1])))
    values = _optimizer_values(use)
    guess = [] if "lr" in values else [rate]
    named = [f"{name}: {written(value)}" for name, value in values.items()]
    open_ = [f"# {name}: ...  # in {safe(use.place)}" for name in use.unknown if name in _OF_OPTIMIZERS - {"lr"}]
    return Block([f"{TARGET}: {target}  # as in {safe(use.place)}", *guess, *named, *open_])


def _scheduler(choice: Choice) -> Block | None:
    """The scheduler of the scripts, if all that it needs is known of it."""
    for target, use in choice.uses.schedulers[:10]:
        takes = _OF_SCHEDULERS.get(target.rpartition(".")[2])
        if takes is None:
            continue
        by_position = {name: value for name, (plain, value) in zip(takes, use.positional[1:], strict=False) if plain}
        values = by_position | {name: value for name, value in use.named if name in takes}
        if takes[0] in values:
            named = [f"{name}: {written(value)}" for name, value in values.items()]
            return Block([f"{TARGET}: {target}  # as in {safe(use.place)}", *named])
    return None


def _optimizer_values(use: Use) -> dict[str, Any]:
    """The plain values that a call gives an optimizer; the learning rate is the second of all of them."""
    plain, value = use.positional[1] if len(use.positional) > 1 else (False, None)
    values = ({"lr": value} if plain else {}) | dict(use.named)
    return {name: value for name, value in values.items() if name in _OF_OPTIMIZERS and value is not None}
