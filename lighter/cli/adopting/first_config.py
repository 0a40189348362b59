"""A commented first config for the most likely candidates of a repository: calls, and what is left to fill in."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from lighter.cli.adopting.choosing import Choice
from lighter.cli.adopting.parameters import Parameter, is_dataclass, method_of, outside_bases, plain_value, shown
from lighter.cli.adopting.reading import Here
from lighter.cli.adopting.recognising import Candidate, Kind, Recognised
from lighter.cli.adopting.settings import BUNDLES
from lighter.cli.adopting.usage import Use, is_aside
from lighter.config import tree
from lighter.config.dumping import in_line
from lighter.config.tree import CALLABLE, MODE, RESERVED, TARGET, Entry, Node, Scalar
from lighter.errors import Position, Source

MOST_ATTRIBUTES = 12
MOST_COLLATES = 3
MOST_OTHERS = 5

_HEAD = """\
# A first config for '{repository}', by 'lighter adopt': its files were read, not run.
# 'lighter check {name}' tells what is left to fill in, 'lighter fit {name}' trains.

project: {project}

trainer:
{trainer}  max_epochs: {epochs}
  # limit_train_batches: 10  # for a first try
"""
_TRAINER = "  _target_: lightning.pytorch.Trainer  # the LightningModule is of this package\n"
_NOWHERE = Position(Source("adopted", has_lines=False))
_LOADER = "torch.utils.data.DataLoader"
_OPTIMIZER, _LEARNING_RATE = "torch.optim.Adam", 0.001
_OF_OPTIMIZERS = frozenset(
    {"alpha", "amsgrad", "betas", "dampening", "eps", "lr", "momentum", "nesterov", "weight_decay"}
)
_OF_SCHEDULERS = {  # what they take after the optimizer; they cannot do without the first
    "CosineAnnealingLR": ("T_max", "eta_min"),
    "CosineAnnealingWarmRestarts": ("T_0", "T_mult", "eta_min"),
    "ExponentialLR": ("gamma",),
    "MultiStepLR": ("milestones", "gamma"),
    "StepLR": ("step_size", "gamma"),
}
_SETTINGS = re.compile(r"(Arg|Args|Arguments|Config|Configs|Cfg|HParams|Hparams|Options|Params|Parameters|Settings)$")
_MODELS = frozenset({"backbone", "encoder", "model", "net", "network"})
_NOT_TAKEN_OVER = frozenset({"ckpt", "device", "pretrained", "weights"})  # a first try downloads nothing


@dataclass(slots=True)
class Block:
    """Lines of a config, not indented yet, and the arguments in them that are left to fill in."""

    lines: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)

    def add_block(self, key: str, block: "Block", more: Sequence[Candidate] = ()) -> None:
        """A block below a key, after candidates that were not chosen for it."""
        self.lines += [f"{key}:", *(f"  {line}" if line else line for line in [*others(more), *block.lines])]
        self.open += [f"{key}::{one}" if one else key for one in block.open]


@dataclass(frozen=True, slots=True)
class FirstConfig:
    """The text of a config, what it is made of, and the places in it that are left to fill in."""

    text: str
    chosen: tuple[Candidate, ...]
    open: tuple[str, ...]


def first_config(choice: Choice, project: str, file_name: str) -> FirstConfig:
    """The config of a repository at the path `project`, to be written to a file of this name."""
    module, name = choice.first(Kind.LIGHTNING_MODULE), safe(file_name)
    if module is not None and is_aside(module.here.file) and choice.first(Kind.MODEL) is not None:
        module = None
    is_new = module is not None and any(base.startswith("lightning.") for base in _bases(module, choice))
    repository, trainer = safe(choice.found.repository.project.name), _TRAINER if is_new else ""
    count, place = next(iter(choice.uses.epochs), (1, ""))
    epochs = f"{count}  # as in {safe(place)}" if place else "1"
    head = _HEAD.format(name=name, repository=repository, project=written(project), trainer=trainer, epochs=epochs)
    block = Block(head.split("\n"))
    chosen = _add_lightning(block, module, choice) if module else _add_system(block, choice)
    return FirstConfig("\n".join(block.lines) + "\n", tuple(chosen), tuple(block.open))


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
        batches, loaded = loader(choice)
        fit, arguments = Block(), Block()
        fit.add_block("train_dataloaders", batches)
        arguments.add_block("fit", fit)
        block.add_block("args", arguments)
        chosen += loaded
    return chosen


def _add_system(block: Block, choice: Choice) -> list[Candidate]:
    system, loaders, chosen = Block(), Block(), []
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
    batches, loaded = loader(choice)
    loaders.add_block("train", batches)
    loaders.lines.append("# val: {...}  # the same for validation data; test and predict likewise")
    system.add_block("dataloaders", loaders)
    system.lines += _adapters(chosen, choice)
    block.add_block("system", system)
    return [*chosen, *loaded]


def _add_criterion(system: Block, choice: Choice) -> list[Candidate]:
    own, ranked, of_torch = choice.first(Kind.LOSS), choice.ranked[Kind.LOSS], choice.uses.losses
    is_used = own is not None and any(use.file != own.here.file for use in choice.uses_of(own))
    if own is not None and (is_used or not of_torch):
        system.add_block("criterion", call(own, choice, bound=own.is_function), ranked[1:])
        return [own]
    line = f"{TARGET}: torch.nn.CrossEntropyLoss  # a guess: the loss of classification"
    if of_torch:
        target, use = of_torch[0]
        line = f"{TARGET}: {target}  # as in {safe(use.place)}"
    system.add_block("criterion", Block([line]), ranked)
    return []


def _optimizer(choice: Choice) -> Block:
    rate = f"lr: {written(_LEARNING_RATE)}"
    if not choice.uses.optimizers:
        return Block([f"{TARGET}: {_OPTIMIZER}", rate])
    target, use = max(choice.uses.optimizers[:10], key=lambda one: len(_optimizer_values(one[1])))
    values = _optimizer_values(use)
    guess = [] if "lr" in values else [f"{rate}  # a guess"]
    named = [f"{name}: {written(value)}" for name, value in values.items()]
    return Block([f"{TARGET}: {target}  # as in {safe(use.place)}", *guess, *named])


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


def loader(choice: Choice) -> tuple[Block, list[Candidate]]:
    """The lines, and the candidates that they name."""
    block, chosen = Block([f"{TARGET}: {_LOADER}"]), []
    dataset, collates = choice.first(Kind.DATASET), choice.ranked[Kind.COLLATE]
    if dataset is None:
        block.lines += _datasets_outside(choice)
        block.lines.append("# dataset: ...  # required: no dataset was found in the repository")
        block.open.append("dataset")
    else:
        block.add_block("dataset", call(dataset, choice), choice.ranked[Kind.DATASET][1:])
        chosen.append(dataset)
    beside = [one for one in collates if dataset is not None and one.here.file == dataset.here.file]
    if len(beside) == 1:
        block.add_block("collate_fn", call(beside[0], choice, bound=beside[0].is_function))
        chosen.append(beside[0])
    else:
        for one in collates[:MOST_COLLATES]:
            mode = f", {MODE}: {CALLABLE}" if one.is_function else ""
            block.lines.append(f"# collate_fn: {{{TARGET}: {safe(one.target)}{mode}}}  # {safe(one.place)}")
    sizes = [(size, use) for _, use in choice.uses.loaders for name, size in use.named if name == "batch_size"]
    size, use = next(((size, use) for size, use in sizes if type(size) is int and size > 0), (4, None))
    block.lines.append(f"batch_size: {size}" + (f"  # as in {safe(use.place)}" if use else ""))
    if dataset is None or not any(base.endswith("IterableDataset") for base in _bases(dataset, choice)):
        block.lines.append("shuffle: true")
    return block, chosen


def _datasets_outside(choice: Choice) -> list[str]:
    """Datasets of torchvision and its kin that the scripts use."""
    lines: dict[str, str] = {}
    for target, use in choice.uses.datasets[:20]:
        values = "".join(f", {name}: {written(value)}" for name, value in use.named if name.isidentifier())
        lines.setdefault(target, f"# dataset: {{{TARGET}: {target}{values}}}  # as in {safe(use.place)}")
    return list(lines.values())[:3]


def _adapters(chosen: Sequence[Candidate], choice: Choice) -> list[str]:
    """A word on adapters where the model takes several inputs or the loss more than a prediction and a target."""
    lines: list[str] = []
    for one in chosen:
        called = method_of(one.made or one.here, "forward", choice.found.names) or ()
        takes = one.required if one.kind is Kind.LOSS and one.is_function else [p for p in called if p.is_required]
        count = len(takes)
        if one.kind is Kind.MODEL and count > 1:
            inputs = ", ".join(f"{p.name}: {index}" for index, p in enumerate(takes))
            lines.append(f"#   batch: {{input: {{{inputs}}}, target: {count}}}  # the model takes {count} inputs")
        if one.kind is Kind.LOSS and count > 2:
            named = ", ".join(f"{p.name}: ..." for p in takes)
            parts = "each of pred, target, input, or a part: pred::0"
            lines.append(f"#   criterion: {{arguments: {{{named}}}}}  # {parts}")
    return ["", "# adapters:  # which part of a batch, or of the model's output, goes where", *lines] if lines else []


def call(candidate: Candidate, choice: Choice, bound: bool = False) -> Block:
    """The call of a candidate; `bound` where it is given as it is, to be called later."""
    block = Block([f"{TARGET}: {written(candidate.target)}  # {safe(candidate.place)}"])
    if bound:
        block.lines.append(f"{MODE}: {CALLABLE}")
    if candidate.parameters is None:
        block.lines.append("# what else it takes, a class from outside the repository says")
    given = _given(candidate, choice)
    for parameter in candidate.parameters or ():
        if parameter.name in RESERVED or (bound and parameter.is_required):
            continue
        if parameter.name in given:
            block.lines.append(f"{written(parameter.name)}: {given[parameter.name]}")
        else:
            _add_argument(parameter, block, candidate, choice)
    return block


def _given(candidate: Candidate, choice: Choice) -> dict[str, str]:
    """What the script's call that leaves least to fill in gives: the plain values that differ from the defaults."""
    uses = choice.uses_of(candidate)[:10]
    if not uses:
        return {}
    required = {parameter.name for parameter in candidate.required}
    use = min(uses, key=lambda one: len(required - one.values(candidate).keys()))
    values = {name: value for name, value in use.values(candidate).items() if value is not None}
    return {
        one.name: f"{written(values[one.name])}  # as in {safe(use.place)}"
        for one in candidate.parameters or ()
        if one.name in values.keys() - _NOT_TAKEN_OVER
        and not one.by_position_only
        and (True, values[one.name]) != plain_value(one.default)
    }


def _add_argument(parameter: Parameter, block: Block, candidate: Candidate, choice: Choice) -> None:
    name = parameter.name
    if not parameter.is_required:
        plain, value = plain_value(parameter.default)
        default = written(value) if plain else f"...  # default: {safe(shown(parameter.default))}"
        block.lines.append(f"# {name}: {default}")
    elif name in _MODELS and candidate.kind is Kind.LIGHTNING_MODULE and (model := choice.first(Kind.MODEL)):
        block.add_block(name, call(model, choice))
    elif settings := dataclass_of(parameter, candidate, choice.found):
        block.add_block(name, call(settings, choice))
    elif parameter.by_position_only:
        block.lines.append(f"# _args_: [...]  # required: {name}")
        block.open.append("_args_")
    else:
        listed = "".join(f", {attribute}: ..." for attribute in attributes(parameter, candidate, choice.found))
        annotation = safe(f": {parameter.annotation}" if parameter.annotation else "")
        line = f"{{{TARGET}: argparse.Namespace{listed}}}  # required" if listed else f"...  # required{annotation}"
        block.lines.append(f"# {name}: {line}")
        block.open.append(name)


def dataclass_of(parameter: Parameter, candidate: Candidate, found: Recognised) -> Candidate | None:
    """The repository's dataclass that an argument is annotated with, or the only one of settings beside the class."""
    file, class_at = candidate.here.file, found.repository.class_at
    outline = class_at(candidate.here)
    if outline is not None and is_dataclass(outline):  # settings may hold settings of their own kind, without end
        return None
    meaning = found.names.meaning(file, parameter.annotation.strip("'\""))
    outline = class_at(meaning)
    if isinstance(meaning, Here) and outline is not None and is_dataclass(outline):
        return found.candidate(Kind.MODEL, meaning)
    if parameter.name.strip("_") not in BUNDLES:
        return None
    classes = found.repository.outlines[file].classes
    beside = [Here(file, name) for name, one in classes.items() if _SETTINGS.search(name) and is_dataclass(one)]
    return found.candidate(Kind.MODEL, beside[0]) if len(beside) == 1 else None


def attributes(parameter: Parameter, candidate: Candidate, found: Recognised) -> list[str]:
    """The names that a class reads of an argument that is called as settings are."""
    defined = found.repository.class_at(candidate.here)
    if defined is None or parameter.name.strip("_") not in BUNDLES:
        return []
    text = found.repository.text_of(candidate.here.file, defined)
    read = re.findall(rf"\b{re.escape(parameter.name)}\.([A-Za-z]\w*)\b(?!\()", text)
    return list(dict.fromkeys(read))[:MOST_ATTRIBUTES]


def others(candidates: Sequence[Candidate]) -> list[str]:
    """The candidates that were not chosen, as comments."""
    lines = [f"# or: {safe(one.target)}  # {safe(one.place)}" for one in candidates[:MOST_OTHERS]]
    left = len(candidates) - MOST_OTHERS
    return lines + ([f"# or one more, of {left} that 'lighter adopt' lists"] if left > 0 else [])


def safe(text: str) -> str:
    """A text as a comment may show it."""
    return "".join(c if c.isprintable() else "?" for c in text)


def written(value: Any) -> str:
    """A text, number, boolean, None, or a list, tuple or mapping of them, as it is written in a config."""
    return json.dumps(f"${value!r}", ensure_ascii=False) if isinstance(value, tuple) else in_line(_node(value))


def _node(value: Any) -> Node:
    if isinstance(value, dict):
        return tree.Mapping({key: Entry(key, _node(below), _NOWHERE) for key, below in value.items()}, _NOWHERE)
    if isinstance(value, tuple):  # YAML has no tuples, and code may tell them from lists
        return tree.Code(repr(value), _NOWHERE)
    if isinstance(value, list):
        return tree.Sequence(tuple(map(_node, value)), _NOWHERE)
    return Scalar(value, _NOWHERE)
