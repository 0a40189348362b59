"""Every private name of Lightning, torch, torchmetrics and MONAI that Lighter uses: in one file a library, and there.

A new release that lacks one fails here, by name, before it fails in a run.
"""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytorch_lightning as pl
import torch
from lightning_fabric.loggers.csv_logs import _ExperimentWriter
from lightning_fabric.utilities import data as fabric_data
from lightning_fabric.utilities.distributed import DistributedSamplerWrapper
from monai.metrics.meandice import DiceMetric
from pytorch_lightning.overrides import distributed
from pytorch_lightning.strategies import DDPStrategy
from torch import nn
from torch.utils.data import BatchSampler, DataLoader, SequentialSampler
from torchmetrics import MeanMetric, Metric, MetricCollection

ROOT = Path(__file__).parents[2]
NUMPY: Any = np.random  # of whose inside its types know nothing
LIGHTNING, TORCH, METRICS, LOOPS, RANDOM = (
    f"lighter/{name}.py"
    for name in (
        "training/lightning_internals",
        "training/torch_internals",
        "training/metrics/states",
        "runs/resume/lightning_loops",
        "training/loaders/random_internals",
    )
)


def trainer() -> Any:
    return pl.Trainer(accelerator="cpu", logger=False, enable_checkpointing=False)


def epochs() -> Any:
    return trainer().fit_loop.epoch_loop


def is_of_wrapper(name: str) -> bool:
    """Whether a wrapper of torch keeps what it wraps under this name."""
    from torch.distributed.algorithms._checkpoint import checkpoint_wrapper
    from torch.distributed.fsdp import _common_utils

    return name in {checkpoint_wrapper._CHECKPOINT_WRAPPED_MODULE, _common_utils.FSDP_WRAPPED_MODULE}


# The file, the name, and whether the installed release has it.
NAMES: list[tuple[str, str, Callable[[], bool]]] = [
    (LIGHTNING, "_IndexBatchSamplerWrapper", lambda: hasattr(distributed, "_IndexBatchSamplerWrapper")),
    (LIGHTNING, "_batch_sampler", lambda: hasattr(noting(), "_batch_sampler")),
    (LIGHTNING, "_batches_that_stepped", lambda: hasattr(epochs(), "_batches_that_stepped")),
    (LIGHTNING, "_combined_loader", lambda: hasattr(trainer().predict_loop, "_combined_loader")),
    (LIGHTNING, "_data_fetcher", lambda: hasattr(trainer().fit_loop, "_data_fetcher")),
    (LIGHTNING, "_data_source", lambda: hasattr(epochs().val_loop._data_source, "is_defined")),
    (LIGHTNING, "_ddp_kwargs", lambda: DDPStrategy(find_unused_parameters=True)._ddp_kwargs != {}),
    (LIGHTNING, "_logger_connector", lambda: hasattr(trainer()._logger_connector, "should_update_logs")),
    (LIGHTNING, "_num_ready_batches_reached", lambda: callable(epochs()._num_ready_batches_reached)),
    (LIGHTNING, "_restarting", lambda: hasattr(trainer().fit_loop, "_restarting")),
    (LIGHTNING, "_sampler", lambda: hasattr(DistributedSamplerWrapper(range(2), 1, 0).dataset, "_sampler")),
    (LIGHTNING, "_rewrite_with_new_header", lambda: callable(_ExperimentWriter._rewrite_with_new_header)),
    (LIGHTNING, "_set_sampler_epoch", lambda: callable(fabric_data._set_sampler_epoch)),
    (LIGHTNING, "_should_accumulate", lambda: callable(epochs()._should_accumulate)),
    (LIGHTNING, "_should_check_val_fx", lambda: callable(epochs()._should_check_val_fx)),
    (LIGHTNING, "_trainer", lambda: pl.LightningModule()._trainer is None),
    (LOOPS, "_batches_that_stepped", lambda: "_batches_that_stepped" in epochs().on_save_checkpoint()),
    (RANDOM, "_bit_generator", lambda: NUMPY.rand.__self__._bit_generator is NUMPY.get_bit_generator()),
    (TORCH, "_BaseDataLoaderIter", lambda: isinstance(iter(loader()), torch.utils.data.dataloader._BaseDataLoaderIter)),
    (TORCH, "_C", lambda: hasattr(torch._C, "DisableTorchFunctionSubclass")),
    (TORCH, "_DatasetKind", lambda: callable(torch.utils.data._DatasetKind.create_fetcher)),
    (TORCH, "_checkpoint_wrapped_module", lambda: is_of_wrapper("_checkpoint_wrapped_module")),
    (TORCH, "_dataset_fetcher", lambda: callable(iter(loader())._dataset_fetcher.fetch)),
    (TORCH, "_extra_state", lambda: nn.modules.module._EXTRA_STATE_KEY_SUFFIX == "_extra_state"),
    (TORCH, "_fsdp_wrapped_module", lambda: is_of_wrapper("_fsdp_wrapped_module")),
    (TORCH, "_get_iterator", lambda: callable(loader()._get_iterator)),
    (TORCH, "_is_profiler_enabled", lambda: not torch.autograd.profiler._is_profiler_enabled),
    (TORCH, "_next_data", lambda: callable(iter(loader())._next_data)),
    (TORCH, "_index_sampler", lambda: isinstance(loader()._index_sampler, BatchSampler)),
    (TORCH, "_modules", lambda: nn.Sequential(nn.ReLU())._modules != {}),
    (TORCH, "_orig_mod", lambda: hasattr(torch.compile(nn.ReLU(), backend="eager"), "_orig_mod")),
    (TORCH, "_pytree", lambda: callable(torch.utils._pytree.tree_leaves) and callable(torch.utils._pytree.tree_map)),
    (METRICS, "_buffers", lambda: hasattr(DiceMetric(), "_buffers")),
    (METRICS, "_computed", lambda: hasattr(MeanMetric(), "_computed")),
    (METRICS, "_reductions", lambda: MeanMetric()._reductions != {}),
    (METRICS, "_state_is_copy", lambda: hasattr(MetricCollection([MeanMetric()]), "_state_is_copy")),
    (METRICS, "_sync_dist", lambda: callable(Metric._sync_dist)),
    (METRICS, "_synced", lambda: hasattr(DiceMetric(), "_synced")),
    (METRICS, "_synced_tensors", lambda: hasattr(DiceMetric(), "_synced_tensors")),
    (METRICS, "_update_count", lambda: MeanMetric()._update_count == 0),
]  # fmt: skip

# What begins with `_` and is promised all the same, by Python's documentation.
PROMISED = {"_asdict", "_exit", "_fields", "_replace", "_getframe"}
# Of Lighter's own, used in another file than the one that defines it.
OWN = {
    ("lighter/plugins/decorators.py", "_add"),  # as `register` does, with a plugin for its component
    ("lighter/results/trained.py", "_builder"),  # what else the config holds serves nobody once all is built
}
# Whose only concern is one library's inside, and which have a test of their own.
OTHERS = {"lighter/project/import_internals.py"}


def loader() -> Any:
    data: Any = [0, 1]
    return DataLoader(data, batch_size=2)


def noting() -> Any:
    return distributed._IndexBatchSamplerWrapper(BatchSampler(SequentialSampler(range(2)), 1, False))


@pytest.mark.parametrize(("file", "name", "is_there"), NAMES, ids=[name for _, name, _ in NAMES])
def test_the_installed_release_has_each_private_name(file: str, name: str, is_there: Callable[[], bool]) -> None:
    assert is_there(), f"{name} is gone, or means something else: look at what {file} does with it"
    assert name in (ROOT / file).read_text(encoding="utf-8"), f"{file} no longer uses {name}: take it out of this list"


def test_the_list_is_whole() -> None:
    """No file uses a private name of another library than those listed, each in its one file."""
    homes: dict[str, set[str]] = {}
    for file, name, _ in NAMES:
        homes.setdefault(name, set()).add(file)
    paths = sorted((ROOT / "lighter").rglob("*.py"))
    trees = {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8")) for path in paths}
    inherited = {name for tree in trees.values() for name in defined(tree)}
    found = [
        f"{file} uses {name}: put it into the file of its library, with a test above"
        for file, tree in trees.items()
        for name in sorted({*used(tree, inherited)} - defined(tree) | {*texts(tree)} & homes.keys())
        if name not in PROMISED and file not in homes.get(name, OTHERS) and (file, name) not in OWN
    ]
    assert found == []


def used(tree: ast.Module, inherited: set[str]) -> Iterator[str]:
    """The private names that a module uses, but for what is `inherited` from a class of another file."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name("self" | "cls"), attr=name) if name in inherited:
                pass
            case ast.Attribute(attr=name):
                if is_private(name):
                    yield name
            case ast.Import(names=aliases):
                yield from (part for alias in aliases for part in alias.name.split(".") if is_private(part))
            case ast.ImportFrom(module=module, names=aliases):
                parts = [*(module or "").split("."), *(alias.name for alias in aliases)]
                yield from filter(is_private, parts)


def texts(tree: ast.Module) -> Iterator[str]:
    return (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))


def defined(tree: ast.Module) -> set[str]:
    """What classes and functions of a file call their own: methods, fields, and what they set on `self`."""
    found = set()
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.Name(id=name, ctx=ast.Store()):
                found.add(name)
            case ast.Attribute(value=ast.Name("self"), attr=name, ctx=ast.Store()):
                found.add(name)
    return found


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.endswith("__") and name != "_"
