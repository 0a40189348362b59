"""Parts of a model that are not trained for a while."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import pytorch_lightning as pl
from pytorch_lightning.strategies import DDPStrategy, DeepSpeedStrategy, SingleDeviceStrategy
from torch import nn
from torch.nn.parallel import DistributedDataParallel
from torch.optim import Optimizer
from typing_extensions import override

from lighter.errors import RunError
from lighter.training.optimizers.selecting import counted
from lighter.training.patterns import as_patterns, matches, named_modules, parameters_matching

Unit: TypeAlias = Literal["epoch", "step"]

log = logging.getLogger("lighter")


@dataclass(frozen=True, slots=True)
class Spans:
    """From-to pairs; what is at `to` is no longer in the span, and None is no end."""

    unit: Unit
    pairs: tuple[tuple[int, int | None], ...]

    def contain(self, epoch: int, step: int) -> bool:
        """Whether a moment of training is in one of them."""
        return bool(self._ends(epoch, step))

    def end(self, epoch: int, step: int) -> str:
        """Until when the span lasts that this moment is in, in words."""
        ends = self._ends(epoch, step)
        last = None if None in ends else max(filter(None, ends), default=None)
        return "the end" if last is None else f"{self.unit} {last}"

    def _ends(self, epoch: int, step: int) -> list[int | None]:
        now = epoch if self.unit == "epoch" else step
        return [end for start, end in self.pairs if start <= now and (end is None or now < end)]


def as_spans(given: Any, unit: Unit, place: str) -> Spans:
    """A pair [from, to] or a list of pairs; `to` may be None. Raises TypeError or ValueError, naming the place."""
    pairs = [given] if _is_pair(given) else given
    if not isinstance(pairs, Sequence) or not pairs or not all(map(_is_pair, pairs)):
        raise TypeError(f"{place}: a pair [from, to] of {unit}s is wanted, or a list of pairs, not {given!r}")
    for start, end in pairs:
        if start < 0 or (end is not None and end <= start):
            raise ValueError(
                f"{place}: [{start}, {end}] is no span; write the first {unit}, then the one after the last"
            )
    return Spans(unit, tuple((start, end) for start, end in pairs))


def _is_pair(given: Any) -> bool:
    if not isinstance(given, list | tuple) or len(given) != 2:
        return False
    return _is_whole(given[0]) and (given[1] is None or _is_whole(given[1]))


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


class Freezer(pl.Callback):
    """Keeps parameters as they are, for the whole of training or a part of it.

    What was frozen before stays frozen. Epochs and steps count from 0; steps are optimizer steps.

    Args:
        names: which parameters of the System: names, prefixes or patterns, such as `model.backbone` or `"*.bias"`.
        except_names: which of these are left out.
        until_epoch: the epoch from which they are trained.
        until_step: the step from which they are trained.
        epochs: the spans of epochs in which they are frozen: a pair `[from, to]`, or several. `to` is not in the span,
            and None is no end.
        steps: the spans of steps in which they are frozen, written likewise.
        eval_mode: whether what is frozen is also in eval mode meanwhile: batch norm keeps its statistics, dropout is
            off.

    Raises:
        TypeError: a name or span is of another kind.
        ValueError: a span is empty, or several of the arguments contradict each other.
        RunError: when training starts, no parameter has this name; the message has the nearest.
    """

    def __init__(
        self,
        names: str | Sequence[str],
        except_names: str | Sequence[str] = (),
        *,
        until_epoch: int | None = None,
        until_step: int | None = None,
        epochs: Sequence[Any] | None = None,
        steps: Sequence[Any] | None = None,
        eval_mode: bool = False,
    ) -> None:
        super().__init__()
        self.names = as_patterns(names, "Freezer(names)")
        self.except_names = as_patterns(except_names, "Freezer(except_names)")
        self.eval_mode = eval_mode
        self.spans = _spans(until_epoch, until_step, epochs, steps)
        self.is_frozen = False
        self._selected: dict[nn.Parameter, None] = {}
        self._modules: list[nn.Module] = []
        # What this object has changed, and so has to change back.
        self._held: list[nn.Parameter] = []
        self._resting: list[nn.Module] = []
        self._drops_gradients = False

    @override
    def on_fit_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Finds the parameters. The optimizer has been built, of all that will be trained at any time."""
        if isinstance(trainer.strategy, DeepSpeedStrategy):
            raise RunError(
                "Freezer: DeepSpeed keeps the gradients to itself; freeze in the model, or use another strategy"
            )
        found = parameters_matching(pl_module, self.names, self.except_names, "Freezer(names)")
        if not found:
            raise RunError("Freezer(except_names): nothing is left to freeze; leave out what names it all")
        self._selected = dict.fromkeys(found.values())
        self._modules = list(self._modules_within(pl_module))
        # What shards a model fixes at its first batch which parameters have gradients.
        single = isinstance(trainer.strategy, SingleDeviceStrategy)
        self._drops_gradients = not single and not _is_wrapped_in_ddp(trainer.strategy)

    @override
    def on_train_batch_start(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, batch: Any, batch_idx: int
    ) -> None:
        """Freezes or thaws when it is time; also where a resumed run begins in the middle of a span."""
        epoch, step = trainer.current_epoch, trainer.global_step
        if self.spans.contain(epoch, step) == self.is_frozen:
            return
        when = f"at epoch {epoch}, step {step}"
        if not self.is_frozen:
            self._freeze()
            self._log(trainer, "froze", self._held, f"{when}, until {self.spans.end(epoch, step)}")
            if not any(one.requires_grad for one in pl_module.parameters()):
                raise RunError(f"Freezer: nothing is left to train {when}; except a part of it, with except_names")
        else:
            thawed = self._thaw(trainer)
            self._log(trainer, "thawed", thawed, when)
        _rewrap(trainer.strategy)

    @override
    def on_before_optimizer_step(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, optimizer: Optimizer
    ) -> None:
        """Leaves the optimizer nothing to do for what is frozen but has a gradient."""
        for one in self._held if self._drops_gradients else ():
            one.grad = None

    @override
    def on_exception(self, trainer: pl.Trainer, pl_module: pl.LightningModule, exception: BaseException) -> None:
        self._thaw(trainer)

    @override
    def teardown(self, trainer: pl.Trainer, pl_module: pl.LightningModule, stage: str) -> None:
        """Leaves the model as it was given."""
        self._thaw(trainer)

    def _modules_within(self, pl_module: pl.LightningModule) -> Iterator[nn.Module]:
        """The modules that are meant by name, and those that have no parameter which is not frozen."""
        for name, module in named_modules(pl_module):
            if any(matches(pattern, name) for pattern in self.except_names):
                continue
            own = list(module.parameters(recurse=False))
            if any(matches(pattern, name) for pattern in self.names) or (own and self._selected.keys() >= set(own)):
                yield module

    def _freeze(self) -> None:
        self.is_frozen = True
        self._held = [one for one in self._selected if one.requires_grad]
        # An optimizer that finds a gradient, be it zero, moves a parameter by momentum and weight decay.
        for one in self._held:
            one.grad = None
            if not self._drops_gradients:
                one.requires_grad = False  # by the attribute: a lazy layer's has no requires_grad_()
        if self.eval_mode:
            self._resting = [module for module in self._modules if module.training]
        for module in self._resting:
            module.training = False  # only these: `module.eval()` would change those below them too

    def _thaw(self, trainer: pl.Trainer) -> list[nn.Parameter]:
        """Gives back what is not to stay frozen for another Freezer, which it is handed to."""
        self.is_frozen = False
        held, self._held = self._held, []
        resting, self._resting = self._resting, []
        for other in trainer.callbacks:  # type: ignore[attr-defined]  # set by Lightning's connector
            if isinstance(other, Freezer) and other.is_frozen:
                held = other.take(held)
                resting = other.take_modules(resting)
        for one in held if not self._drops_gradients else ():
            one.requires_grad = True
        for module in resting:
            module.training = True
        return held

    def take(self, held: list[nn.Parameter]) -> list[nn.Parameter]:
        """Holds on to its own of another's parameters, and gives back the rest."""
        self._held += [one for one in held if one in self._selected]
        return [one for one in held if one not in self._selected]

    def take_modules(self, resting: list[nn.Module]) -> list[nn.Module]:
        """The same of modules in eval mode."""
        own = set(self._modules) if self.eval_mode else set()
        self._resting += [module for module in resting if module in own]
        return [module for module in resting if module not in own]

    def _log(self, trainer: pl.Trainer, done: str, parameters: Sequence[nn.Parameter], when: str) -> None:
        before = len(self._selected) - len(self._held) if done == "froze" else 0
        others = f"; {before} more, frozen before, stay so" if before else ""
        if trainer.is_global_zero:
            log.info("Freezer: %s %s of %s %s%s", done, counted(parameters), ", ".join(self.names), when, others)


def _spans(until_epoch: int | None, until_step: int | None, epochs: Any, steps: Any) -> Spans:
    """The spans that one of the arguments says; the whole of training where none does."""
    given = {"until_epoch": until_epoch, "until_step": until_step, "epochs": epochs, "steps": steps}
    said = [name for name, value in given.items() if value is not None]
    if len(said) > 1:
        raise ValueError(f"Freezer: {' and '.join(said)} say the same thing twice; write one of them")
    if not said:
        return Spans("epoch", ((0, None),))
    (name,) = said
    pairs = [[0, given[name]]] if name.startswith("until") else given[name]
    return as_spans(pairs, "epoch" if "epoch" in name else "step", f"Freezer({name})")


def _is_wrapped_in_ddp(strategy: Any) -> bool:
    return isinstance(strategy, DDPStrategy) and isinstance(strategy.model, DistributedDataParallel)


def _rewrap(strategy: Any) -> None:
    """Lets DDP know which parameters have gradients now: it waits for all that had one when it was made."""
    if _is_wrapped_in_ddp(strategy):
        strategy.model = strategy.lightning_module
        strategy.configure_ddp()
