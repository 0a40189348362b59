"""Where the parts of a Hydra config belong here: model, data, trainer, callbacks, loggers, and all else to vars."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lighter.cli.adopting.recognising import Kind
from lighter.cli.converting.hydra_code import Code
from lighter.cli.converting.hydra_composing import HYDRA
from lighter.cli.converting.hydra_texts import Keys
from lighter.cli.converting.parts import Part
from lighter.config.key_path import KeyPath
from lighter.config.schema import ARGUMENTS, DATA, LOADERS, METRICS, SEED, SYSTEM, TRAINER, VARS
from lighter.config.tree import TARGET

CALLBACKS, LOGGER = "callbacks", "logger"
_MODULES = ("model", "module", "lit_module", "pl_module", "lightning_module", "system", "task", "network", "net")
_TRAINERS = ("trainer", "pl_trainer")
# The arguments of `lighter.System`, and what other train scripts call them.
_PARTS: dict[str, tuple[str, ...]] = {
    "model": ("model", "network", "net", "architecture", "module", "backbone"),
    "criterion": ("criterion", "loss", "loss_fn", "loss_function"),
    "optimizer": ("optimizer", "optim", "optimiser"),
    "scheduler": ("scheduler", "lr_scheduler", "sched"),
}
_OF_TRAINER = frozenset(
    {
        "accelerator", "accumulate_grad_batches", "barebones", "benchmark", "callbacks", "check_val_every_n_epoch",
        "default_root_dir", "detect_anomaly", "deterministic", "devices", "enable_checkpointing",
        "enable_model_summary", "enable_progress_bar", "fast_dev_run", "gradient_clip_algorithm", "gradient_clip_val",
        "inference_mode", "limit_predict_batches", "limit_test_batches", "limit_train_batches", "limit_val_batches",
        "log_every_n_steps", "logger", "max_epochs", "max_steps", "max_time", "min_epochs", "min_steps", "num_nodes",
        "num_sanity_val_steps", "overfit_batches", "plugins", "precision", "profiler",
        "reload_dataloaders_every_n_epochs", "strategy", "sync_batchnorm", "use_distributed_sampler",
        "val_check_interval",
    }
)  # fmt: skip
# Arguments of older Trainers, and what there is instead.
_OF_OLDER_TRAINERS = {
    "amp_backend": "'precision' says it",
    "auto_lr_find": "a sweep finds it",
    "checkpoint_callback": "write 'enable_checkpointing'",
    "gpus": "write 'accelerator: gpu' and 'devices'",
    "num_processes": "write 'accelerator: cpu' and 'devices'",
    "progress_bar_refresh_rate": "write 'enable_progress_bar'",
    "replace_sampler_ddp": "write 'use_distributed_sampler'",
    "resume_from_checkpoint": "'--ckpt_path=...' gives it",
    "terminate_on_nan": "write 'detect_anomaly'",
    "track_grad_norm": "a callback logs it",
    "weights_summary": "write 'enable_model_summary'",
}
_EPOCHS = ("max_epochs", "epochs", "num_epochs", "n_epochs", "total_epochs")
_BATCH_SIZES, _WORKERS = ("batch_size", "bs"), ("num_workers", "workers")
_HOLDERS = ("dataloaders", "dataloader", "loaders", "loader", "datasets", "dataset", "data")
_SPLITS = {
    "train": re.compile(r"(train|training)((_?(data|set|dataset|loader|dataloader))|_ds|_dl)?\Z"),
    "val": re.compile(r"(val|valid|validation|dev)((_?(data|set|dataset|loader|dataloader))|_ds|_dl)?\Z"),
    "test": re.compile(r"(test|testing)((_?(data|set|dataset|loader|dataloader))|_ds|_dl)?\Z"),
    "predict": re.compile(r"(predict)((_?(data|set|dataset|loader|dataloader))|_ds|_dl)?\Z"),
}
_LOADER = "torch.utils.data.DataLoader"
# What only the script there reads, and what is done here instead.
_OF_SCRIPT = {
    "train": "'lighter fit' trains",
    "test": "'lighter test' tests",
    "extras": "the script there reads it; 'lighter show' prints the config",
    "print_config": "'lighter show' prints the config",
    "ignore_warnings": "each warning is shown once, at the end",
    "optimized_metric": "a sweep has it as 'monitor'",
    "seed": "without one, a run is given a seed of its own",
    "ckpt_path": "'--ckpt_path=...' gives it",
    LOGGER: "a run writes its metrics.csv; name loggers below 'trainer::logger'",
    CALLBACKS: "there are none",
}


@dataclass(slots=True)
class Layout:
    """Where each part of a composed config goes; the reason where it is left out."""

    code: Code
    root: Part
    moves: dict[Keys, KeyPath] = field(default_factory=dict)
    left_out: dict[Keys, str] = field(default_factory=dict)
    added: list[tuple[KeyPath, Any]] = field(default_factory=list)  # values that are nowhere there, ours
    handed: list[str] = field(default_factory=list)  # what the script there hands to the module, which builds it itself
    is_module: bool = False  # `system` is a LightningModule of theirs
    evaluates: bool = False  # the script there does not train

    def place(self, keys: Keys) -> KeyPath | None:
        """Where a place of the config there is here; None where it is left out."""
        for depth in range(len(keys), 0, -1):
            if keys[:depth] in self.left_out:
                return None
            if keys[:depth] in self.moves:
                return (*self.moves[keys[:depth]], *map(str, keys[depth:]))
        return (VARS, *map(str, keys))


def laid_out(root: Part, code: Code, *, evaluates: bool) -> Layout:
    """Where the parts of a composed config belong here."""
    layout = Layout(code, root, evaluates=evaluates)
    _lightning(layout)
    if not layout.is_module:
        _system_parts(layout)
        if not _has(layout, (DATA,)):
            _loaders(layout)
    else:
        _of_module(layout)
    _trainer(layout)
    _of_script(layout)
    layout.left_out[HYDRA,] = "it is of Hydra's own running"
    return layout


def _has(layout: Layout, place: KeyPath) -> bool:
    return place in layout.moves.values()


def _lightning(layout: Layout) -> None:
    """The LightningModule and the LightningDataModule, by what their code says, else by their names."""
    for key, part in layout.root.entries.items():
        target = _target(part)
        kind = layout.code.kind(target) if target else None
        if kind is Kind.LIGHTNING_MODULE and not _has(layout, (SYSTEM,)):
            layout.moves[key,] = (SYSTEM,)
            layout.is_module = True
        elif (kind is Kind.DATA_MODULE or target.endswith("DataModule")) and not _has(layout, (DATA,)):
            layout.moves[key,] = (DATA,)
    if not layout.is_module:
        for key in _MODULES:
            target = _target(layout.root.entries.get(key))
            if re.search(r"(Lit\w*|Lightning\w*|LightningModule|LitModule|LitModel)\Z", target.rpartition(".")[2]):
                layout.moves[key,] = (SYSTEM,)
                layout.is_module = True
                return


def _of_module(layout: Layout) -> None:
    """What a LightningModule takes and the config has beside it: its script hands it over."""
    key = next(key for key, place in layout.moves.items() if place == (SYSTEM,))
    module = layout.root.find(*key)
    assert module is not None
    for parameter in layout.code.parameters(_target(module)):
        beside = layout.root.entries.get(parameter.name)
        is_free = beside is not None and (parameter.name,) not in layout.moves and parameter.name not in module.entries
        if is_free and parameter.is_required:
            layout.moves[parameter.name,] = (SYSTEM, parameter.name)
            if _target(beside) and "instantiate(" in layout.code.text(_target(module)):
                layout.handed.append(parameter.name)


def _system_parts(layout: Layout) -> None:
    """The parts of a System, by the names that scripts give them."""
    for part, names in _PARTS.items():
        for name in names:
            if _target(layout.root.entries.get(name)) and (name,) not in layout.moves:
                layout.moves[name,] = (SYSTEM, part)
                break
    for name in ("metrics", "metric"):
        metrics = layout.root.entries.get(name)
        if metrics is not None and (_target(metrics) or any(map(_target, metrics.entries.values()))):
            is_split = any(split in metrics.entries for split in _SPLITS)
            layout.moves[name,] = METRICS if is_split else (*METRICS, "val")
            if not is_split:
                layout.added.append(((*METRICS, "test"), f"%{'::'.join(METRICS)}::val"))
            break


def _loaders(layout: Layout) -> None:
    """The loaders, or the datasets with a loader around them."""
    partial = next((name for name in _HOLDERS if _is_bare_loader(layout.root.entries.get(name))), None)
    for split, keys, part in _by_split(layout.root):
        if any(place[: len(LOADERS) + 1] == (*LOADERS, split) for place in layout.moves.values()):
            continue
        if _target(part).endswith("DataLoader"):
            layout.moves[keys] = (*LOADERS, split)
            continue
        layout.moves[keys] = (*LOADERS, split, "dataset")
        if partial is not None:
            shared = layout.root.entries[partial].entries
            options = {key: f"%{VARS}::{partial}::{key}" for key in shared if key[:1] != "_" and key != "shuffle"}
            target = _target(layout.root.entries[partial])
        else:
            found = {"batch_size": _setting(layout.root, _BATCH_SIZES), "num_workers": _setting(layout.root, _WORKERS)}
            options = {key: f"%{'::'.join(layout.place(at) or ())}" for key, at in found.items() if at is not None}
            target = _LOADER
        layout.added.append(((*LOADERS, split, TARGET), target))
        layout.added += [((*LOADERS, split, key), value) for key, value in options.items()]
        if split == "train":
            layout.added.append(((*LOADERS, split, "shuffle"), True))
    if partial is not None:
        layout.root.entries[partial].value.pop("_partial_", None)


def _is_bare_loader(part: Part | None) -> bool:
    return part is not None and _target(part).endswith("DataLoader") and "dataset" not in part.entries


def _by_split(root: Part) -> Iterator[tuple[str, Keys, Part]]:
    """The loaders and datasets of a config, with the split that each is of."""
    places: list[tuple[Keys, Part]] = [((key,), part) for key, part in root.entries.items()]
    for holder in _HOLDERS:
        part = root.entries.get(holder)
        if part is not None and not _target(part):
            places += [((holder, key), below) for key, below in part.entries.items()]
    for split, pattern in _SPLITS.items():
        yield from ((split, keys, part) for keys, part in places if pattern.match(str(keys[-1])) and _target(part))


def _setting(root: Part, names: tuple[str, ...]) -> Keys | None:
    """The place of a plain value by its name, nearest to the root."""
    above: list[tuple[Keys, Part]] = [((), root)]
    above += [((key,), part) for key, part in root.entries.items() if not _target(part) and key != HYDRA]
    for keys, part in above:
        for name in names:
            if name in part.entries and not isinstance(part.entries[name].value, dict | list):
                return (*keys, name)
    return None


def _trainer(layout: Layout) -> None:
    """The Trainer with its callbacks and loggers."""
    for name in _TRAINERS:
        part = layout.root.entries.get(name)
        if part is None or (_target(part) and not _target(part).endswith("Trainer")):
            continue
        layout.moves[name,] = (TRAINER,)
        older = {(name, key): reason for key, reason in _OF_OLDER_TRAINERS.items() if key in part.entries}
        layout.left_out |= older
        if not _target(part):
            others = [key for key in part.entries if key not in _OF_TRAINER and (name, key) not in older]
            layout.moves |= {(name, key): (VARS, name, str(key)) for key in others}
        break
    for names, key in (((CALLBACKS, "callback"), CALLBACKS), ((LOGGER, "loggers"), LOGGER)):
        found = next((name for name in names if layout.root.entries.get(name) is not None), None)
        if found is not None and isinstance(layout.root.entries[found].value, dict | list):
            layout.moves[found,] = (TRAINER, key)
    trainer = next((keys for keys, place in layout.moves.items() if place == (TRAINER,)), None)
    part = layout.root.find(*trainer) if trainer else None
    if part is None or not {"max_epochs", "max_steps", "max_time"} & part.entries.keys():
        epochs = _setting(layout.root, _EPOCHS)
        if epochs is not None and (place := layout.place(epochs)) is not None:
            layout.added.append(((TRAINER, "max_epochs"), f"%{'::'.join(place)}"))


def _of_script(layout: Layout) -> None:
    """What the script there reads beside its parts: the seed, the checkpoint, switches."""
    for key in ("seed", "seed_everything", "random_seed"):
        part = layout.root.entries.get(key)
        if part is not None and isinstance(part.value, int) and not isinstance(part.value, bool):
            layout.moves[key,] = (SEED,)
            break
    if (checkpoint := layout.root.entries.get("ckpt_path")) is not None and checkpoint.text:
        layout.moves["ckpt_path",] = (ARGUMENTS, "test" if layout.evaluates else "fit", "ckpt_path")
    for key, part in layout.root.entries.items():
        is_switch = key not in _SPLITS or isinstance(part.value, bool)
        if key in _OF_SCRIPT and (key,) not in layout.moves and is_switch:
            layout.left_out[key,] = _OF_SCRIPT[key]


def _target(part: Part | None) -> str:
    return part.target if part is not None else ""
