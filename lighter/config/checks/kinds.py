"""What the places of a run take: told by base classes and methods of what stands there, none of which is imported."""

import sys
from collections.abc import Iterator
from types import MappingProxyType
from typing import Any, NamedTuple

from lighter.config.key_path import KeyPath
from lighter.config.schema import (
    ADAPTER_PARTS,
    ADAPTERS,
    CALLBACKS,
    LOADERS,
    LOGGER,
    METRICS,
    OPTIMIZER,
    SCHEDULER,
    SYSTEM,
    is_by_name,
)
from lighter.config.tree import Mapping, find
from lighter.training.lightnings import PACKAGES
from lighter.training.stages import Mode

Base = tuple[str, str]  # the module that has a class, and its name
MODULE: Base = ("torch.nn", "Module")
DATASET: Base = ("torch.utils.data", "Dataset")


class Kind(NamedTuple):
    """Objects of these classes, or of any with one of these methods but the classes in `but`; and what else serves.

    `in_lists`, `in_mappings`: several of them, of the kind `each`; `plain`: values that mean something there;
    `is_made_later`: a function that makes one. `homes` are the modules that people know such classes from, `form` is
    what to write.
    """

    called: str
    bases: tuple[Base, ...]
    methods: frozenset[str] = frozenset()
    but: tuple[Base, ...] = ()
    homes: tuple[str, ...] = ()
    form: str = "write '_target_: ...' below it"
    in_lists: bool = False
    in_mappings: bool = False
    plain: tuple[object, ...] = (None,)
    is_made_later: bool = False
    each: "Kind | None" = None  # where it is not the same

    def has(self, target: type) -> bool:
        """Whether objects of a class are of this kind."""
        if derives_from(target, *self.bases):
            return True
        is_excepted = derives_from(target, *self.but)
        return not is_excepted and any(self.methods & vars(base).keys() for base in target.__mro__)

    def may_have_below(self, target: type) -> bool:
        """Whether a class that derives from this one may be of this kind."""
        return self.has(target) or any(issubclass(base, target) for base in _classes(self.bases))

    def known(self) -> dict[str, str]:
        """The names of those that people know, each with its whole name, of modules that are imported already."""
        found = {}
        for home in reversed(self.homes):
            for name, value in vars(sys.modules.get(home, object)).items():
                if name[:1] != "_" and isinstance(value, type) and self.has(value):
                    found[name] = f"{home}.{name}"
        return found


def derives_from(target: type, *bases: Base) -> bool:
    """Whether a class is one of these or comes from one, as far as what defines them is imported at all."""
    return issubclass(target, tuple(_classes(bases)))


def _classes(bases: tuple[Base, ...]) -> list[type]:
    found: list[Any] = [getattr(sys.modules.get(module), name, None) for module, name in bases]
    return [one for one in found if isinstance(one, type)]


_CALL = frozenset({"__call__"})
_CALLED = Kind("something that can be called", (MODULE,), _CALL)
_MODEL = Kind("a torch.nn.Module", (MODULE,), _CALL, form="write '_target_: my_project.Model' below it")
_LOSS = Kind(
    "a loss, which can be called",
    (MODULE,),
    _CALL,
    homes=("torch.nn", "monai.losses"),
    form="write '_target_: torch.nn.CrossEntropyLoss' below it",
)
_LOADER = Kind(
    "a DataLoader, or another iterable of batches",
    (("torch.utils.data", "DataLoader"), ("torch.utils.data", "IterableDataset")),
    frozenset({"__iter__", "__getitem__"}),
    but=(DATASET,),
    homes=("torch.utils.data",),
    form="write '_target_: torch.utils.data.DataLoader' below it, with a dataset",
    in_lists=True,
    in_mappings=True,
)
_METRIC = Kind(
    "a metric of torchmetrics or a cumulative one of MONAI",
    (("torchmetrics", "Metric"), ("torchmetrics", "MetricCollection"), ("monai.metrics", "CumulativeIterationMetric")),
    homes=("torchmetrics", "monai.metrics"),
    form="write '_target_: torchmetrics.MeanSquaredError', or another of these",
    in_lists=True,
    in_mappings=True,
)
_OPTIMIZER = Kind(
    "an optimizer of torch",
    (("torch.optim", "Optimizer"),),
    homes=("torch.optim",),
    form="write '_target_: torch.optim.Adam' below it",
    in_lists=True,
    is_made_later=True,
)
_SCHEDULE = Kind(
    "a learning rate scheduler",
    (("torch.optim.lr_scheduler", "LRScheduler"),),
    frozenset({"step", "__getattr__"}),
    homes=("torch.optim.lr_scheduler",),
    form="write '_target_: torch.optim.lr_scheduler.StepLR' below it",
    is_made_later=True,
)
_ONE_CALLBACK = Kind(
    "a callback of Lightning",
    tuple((package, "Callback") for package in PACKAGES),
    frozenset({"__getattr__"}),
    homes=("pytorch_lightning.callbacks",),
    form="write '_target_: pytorch_lightning.callbacks.EarlyStopping' with its arguments",
)
_CALLBACK = _ONE_CALLBACK._replace(
    form="write a list, each as '- _target_: pytorch_lightning.callbacks.EarlyStopping' with its arguments, "
    "or give each a name of its own, as 'stop: {_target_: ...}'",
    in_lists=True,
    in_mappings=True,
    plain=(None, False),
    each=_ONE_CALLBACK,
)
_ONE_LOGGER = Kind(
    "a logger of Lightning",
    tuple((f"{package}.loggers", "Logger") for package in PACKAGES),
    homes=("pytorch_lightning.loggers",),
    form="write '_target_: pytorch_lightning.loggers.CSVLogger' below it",
)
_LOGGER = _ONE_LOGGER._replace(
    called=f"true, false, or {_ONE_LOGGER.called}",
    form=_ONE_LOGGER.form.replace("write ", "write true, false, or "),
    in_lists=True,
    in_mappings=True,
    plain=(None, True, False),
    each=_ONE_LOGGER,
)

_PARTS = [(part,) for part in ADAPTER_PARTS] + [(mode, part) for mode in Mode for part in ADAPTER_PARTS]
MODEL: KeyPath = (SYSTEM, "model")
KINDS = MappingProxyType(
    {
        MODEL: _MODEL,
        (SYSTEM, "criterion"): _LOSS,
        (SYSTEM, "inferer"): _CALLED,
        **{(*LOADERS, mode): _LOADER for mode in Mode},
        **{(*METRICS, mode): _METRIC for mode in Mode},
        **{(*ADAPTERS, *part): _CALLED for part in _PARTS},
        CALLBACKS: _CALLBACK,
        LOGGER: _LOGGER,
    }
)


def kinds_of(owner: KeyPath, node: Mapping) -> Iterator[tuple[KeyPath, Kind]]:
    """What the places of a System or of a Trainer take, which `node` is."""
    yield from ((place, kind) for place, kind in KINDS.items() if place[:1] == owner)
    for place, kind in ((OPTIMIZER, _OPTIMIZER), (SCHEDULER, _SCHEDULE)) if owner == (SYSTEM,) else ():
        yield from ((at, kind) for at in _beside_options(node, place))


def _beside_options(system: Mapping, place: KeyPath) -> Iterator[KeyPath]:
    """The places of optimizers or schedulers: one, several by name, or each below a key, with options beside it."""
    node, key = find(system, place[1:]), place[1]
    if not isinstance(node, Mapping) or node.is_call:
        yield place
    elif key in node.entries and place != OPTIMIZER:
        yield (*place, key)
    elif place in (OPTIMIZER, SCHEDULER) and is_by_name(system.get(OPTIMIZER[1])):
        for name in node.entries:
            yield from _beside_options(system, (*place, name))
