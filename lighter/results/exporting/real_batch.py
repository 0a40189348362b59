"""The model of a run with its weights, and the call that it makes on a batch of the run's own data."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from lightning_utilities.core.apply_func import apply_to_collection
from torch import Tensor, nn

from lighter.config import Config
from lighter.config.schema import DATA, LOADERS, SYSTEM, is_system
from lighter.config.tree import Mapping as MappingNode
from lighter.config.tree import find, is_nothing
from lighter.errors import ConfigError, RunError
from lighter.results.trained import has_model, put_weights
from lighter.training.adapters import BatchAdapter, Keywords, Positional
from lighter.training.batches import plain
from lighter.training.lightnings import is_lightnings
from lighter.training.model_calls import clock_arguments, infer, left_free
from lighter.training.stages import STAGES, Mode, Stage
from lighter.training.system import System
from lighter.training.torch_internals import leaves, with_leaves

# Data like that which the model is for; that of training may be changed at random.
_STAGES = (Stage.PREDICT, Stage.TEST, Stage.VALIDATE, Stage.FIT)


@dataclass(frozen=True)
class ModelCall:
    """Positional and keyword arguments; `count` is how many samples the first tensor has."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any] = field(default_factory=dict)
    count: int = 1

    def __call__(self, model: Callable[..., Any]) -> Any:
        """What the model gives, without gradients."""
        with torch.no_grad():
            return model(*self.args, **self.kwargs)

    @property
    def leaves(self) -> list[Any]:
        """All that the arguments hold, in PyTorch's order."""
        return leaves((self.args, self.kwargs))

    def has_batch(self, leaf: Any) -> bool:
        """Whether something among the leaves is a tensor with a sample for each of its first dimension."""
        return isinstance(leaf, Tensor) and leaf.dim() > 0 and leaf.shape[0] == self.count

    def first(self) -> "ModelCall":
        """The same with the first sample alone."""
        return self._changed(lambda tensor: tensor[:1], 1)

    def twice(self) -> "ModelCall":
        """The same with each sample twice: of one sample PyTorch would take the 1 for a fixed number."""
        return self._changed(lambda tensor: torch.cat([tensor, tensor]), 2 * self.count)

    def _changed(self, change: Callable[[Tensor], Tensor], count: int) -> "ModelCall":
        args, kwargs = with_leaves(
            lambda leaf: change(leaf) if self.has_batch(leaf) else leaf, (self.args, self.kwargs)
        )
        return ModelCall(args, kwargs, count)


def call_with(input: Any, **others: Any) -> ModelCall:
    """The call that a System makes with an input of the batch adapter, and with further keyword arguments."""
    input = apply_to_collection(input, Tensor, lambda tensor: plain(tensor).detach())
    if isinstance(input, Keywords):
        args, kwargs = (), {**input, **others}
    else:
        args, kwargs = tuple(input) if isinstance(input, Positional) else (input,), others
    return ModelCall(args, kwargs, next((one.shape[0] for one in tensors((args, kwargs)) if one.dim()), 1))


def tensors(output: Any) -> list[Tensor]:
    """The tensors in what a model takes or gives, in PyTorch's order."""
    return [leaf for leaf in leaves(output) if isinstance(leaf, Tensor)]


class _CalledError(Exception):
    """Ends what an inferer does as soon as it has called the model."""


def model_and_call(config: Config, checkpoint: Path, adapter: Callable[..., Any] | None) -> tuple[nn.Module, ModelCall]:
    """The trained model in eval mode, and the call with the first batch of the predict, test, val or train loader.

    An adapter takes the input out of the batch in place of the run's own. Raises ConfigError for a mistake of the
    config, RunError where there is no data, and what the user's code raises.
    """
    stage = _stage(config)
    if problems := config.check(stage):
        raise ConfigError(problems)
    builder = config.builder(stage)
    system = builder.build((SYSTEM,))
    model = system.model if has_model(config) else system
    put_weights(model, checkpoint, config, weights_only=_weights_only(config))
    model.eval()
    data = builder.build((DATA,)) if (DATA,) in builder.plan.values else None
    mode, loader = _loader(system, data, STAGES[stage].loader)
    batch = next((one for one in loader if one is not None), None)
    if batch is None:
        raise RunError(f"the {mode} loader gives no batch, and the exported model is to be checked on one")
    if adapter is None:
        adapter = system.adapters[mode].batch if isinstance(system, System) else _conventional
    return model, _call(system, model, adapter(batch, predicts=True)[0])


def _conventional(batch: Any, predicts: bool) -> tuple[Any, Any, Any]:
    """What a System would take of the batch; a LightningModule has no adapters."""
    try:
        return BatchAdapter()(batch, predicts)
    except RunError as error:
        error.add_note("for a LightningModule, say where the inputs of its forward are: --input=image, or --input=0,1")
        raise


def _stage(config: Config) -> Stage:
    """The first stage for which the config itself has a loader; else any, for a LightningModule or DataModule."""
    loaders = find(config.tree, LOADERS) if is_system(config.tree) else None
    if not isinstance(loaders, MappingNode) or loaders.is_call:
        return Stage.PREDICT
    return next((one for one in _STAGES if not is_nothing(loaders.get(STAGES[one].loader))), Stage.PREDICT)


def _weights_only(config: Config) -> bool:
    return config.is_limited or config.get(f"args::{Stage.PREDICT}::weights_only", True) is not False


def _loader(system: Any, data: Any, wanted: Mode) -> tuple[Mode, Any]:
    """The loader of the wanted mode, else of the first that has one; of several loaders the first."""
    modes = [wanted, *(STAGES[stage].loader for stage in _STAGES if STAGES[stage].loader is not wanted)]
    for mode in modes:
        for owner in filter(None, (data, system)):
            hook = getattr(owner, f"{mode}_dataloader", None)
            # What Lightning has where the user has none has no data.
            if hook is None or is_lightnings(str(getattr(getattr(hook, "__func__", hook), "__module__", ""))):
                continue
            owner.prepare_data()  # as the Trainer does before it asks for a loader
            owner.setup(str(next(stage for stage in _STAGES if STAGES[stage].loader is mode)))
            loader = hook()
            while isinstance(loader, list | tuple | Mapping) and loader:
                loader = next(iter(loader.values() if isinstance(loader, Mapping) else loader))
            return mode, loader
    raise RunError("the run has no data to check the exported model on: write system::dataloaders::predict=...")


def _call(system: Any, model: nn.Module, input: Any) -> ModelCall:
    """What the System calls the model with; where an inferer cuts the input up, it is the first piece."""
    clock: dict[str, int] = dict.fromkeys(left_free(clock_arguments(model), input), 0)
    inferer = getattr(system, "inferer", None) if isinstance(system, System) else None
    if inferer is None:
        return call_with(input, **clock)
    seen: list[tuple[tuple[Any, ...], dict[str, Any]]] = []

    def note(_: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        seen.append((args, kwargs))
        raise _CalledError

    handle = model.register_forward_pre_hook(note, with_kwargs=True)
    try:
        with torch.no_grad():
            infer(inferer, model, input)
    except _CalledError:
        pass
    finally:
        handle.remove()
    if not seen:
        return call_with(input, **clock)
    args, kwargs = seen[0]
    return call_with(Positional(args), **{**clock, **kwargs})
