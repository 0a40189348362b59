"""How a criterion is called, and the losses in what it returns, by name."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import torch
from torch import Tensor

from lighter.errors import RunError, suggestion
from lighter.training.adapters.accessors import Accessor, Spec, described
from lighter.training.logged_name import Kind

LossSpec: TypeAlias = Spec | Sequence[str] | Mapping[str, float]

ASKER = "CriterionAdapter(loss)"
TOTAL = "total"


def loss_picker(spec: LossSpec) -> "PickedLoss | SummedLoss":
    """A function from the criterion's result to the loss: an accessor's part of it, or the sum of named parts.

    Of a mapping the other parts stay, to be logged.
    Raises TypeError or ValueError where the spec is none of these; RunError, when called, where a part is not there.
    """
    if isinstance(spec, Mapping):
        return SummedLoss({name: float(weight) for name, weight in spec.items()})
    if isinstance(spec, list | tuple):
        return SummedLoss(dict.fromkeys(spec, 1.0))
    return PickedLoss(spec)  # type: ignore[arg-type]  # a str is a Sequence too


class PickedLoss:
    """One part of the result."""

    __slots__ = ("_accessor", "_name")

    def __init__(self, spec: Spec) -> None:
        self._accessor, self._name = Accessor(spec, "the criterion's result", ASKER), spec

    def __call__(self, result: Any) -> Any:
        """The part, or the same mapping with it as 'total'."""
        loss = self._accessor(result)
        if not isinstance(result, Mapping):
            return loss
        others = {name: value for name, value in result.items() if name != self._name and isinstance(value, Tensor)}
        return {**others, TOTAL: loss}


class SummedLoss:
    """The weighted sum of named parts."""

    __slots__ = ("_weights",)

    def __init__(self, weights: Mapping[str, float]) -> None:
        if not weights:
            raise ValueError(f"{ASKER}: no loss is named; write weights such as {{dice: 1.0, ce: 0.5}}")
        self._weights = weights

    def __call__(self, result: Any) -> dict[str, Any]:
        """The same mapping with the sum as 'total'."""
        if not isinstance(result, Mapping):
            raise RunError(f"{ASKER}: the criterion gave {described(result)}, without names; write an index: loss: 0")
        for name in self._weights:
            if name not in result:
                near = suggestion(name, map(str, result), "it gave")
                raise RunError(f"{ASKER}: the criterion gave no {name!r}; {near}")
        return {**result, TOTAL: sum(weight * result[name] for name, weight in self._weights.items())}


Losses: TypeAlias = Mapping[str, Tensor]

LOSS = Kind.LOSS.value


def with_total(result: Any) -> Any:
    """The same with the sum of all losses as total, where it is a mapping of losses without one."""
    if not isinstance(result, Mapping) or TOTAL in result or not result:
        return result
    return {TOTAL: sum(loss for _, loss in _parts(result)), **result}


def named_losses(result: Any) -> Losses:
    """The losses by the names under which they are logged: `loss` is the one to minimise.

    Raises RunError, saying what is there, where that one is not known or a part is no number.
    """
    if isinstance(result, Tensor):
        return {LOSS: result}
    if isinstance(result, Mapping) and result.get(TOTAL) is not None:
        return {LOSS if name == TOTAL else f"{LOSS}/{name}": loss for name, loss in _parts(result)}
    raise RunError(f"the criterion gave {described(result)}, and the loss to minimise is not known; {_cure(result)}")


def _parts(losses: Mapping[Any, Any], above: str = "") -> Iterator[tuple[str, Tensor]]:
    """The losses as floats, those of a nested mapping as `share/a`; None and empty ones are none of this batch."""
    for key, given in losses.items():
        name = f"{above}{key}"
        if isinstance(given, Mapping):
            yield from _parts(given, f"{name}/")
        elif given is not None:
            loss = _as_float(name, given)
            if loss.numel() or name == TOTAL:
                yield name, loss


def _as_float(name: str, given: Any) -> Tensor:
    try:
        loss = torch.as_tensor(given)
    except (TypeError, ValueError, RuntimeError) as error:
        raise RunError(f"the criterion gave {described(given)} as {name!r}, which is no loss; leave it out") from error
    if loss.is_complex():
        raise RunError(f"the criterion gave a complex {name!r}, which is no loss; give its abs(), or leave it out")
    return loss if loss.is_floating_point() else loss.float()


def _cure(result: Any) -> str:
    if isinstance(result, Mapping) and LOSS in result:  # mostly the sum of the others already
        return f"say that it is '{LOSS}': adapters: {{criterion: {{loss: {LOSS}}}}}"
    if isinstance(result, Mapping):
        weights = ", ".join(f"{name}: 1.0" for name in list(result)[:3]) or "dice: 1.0"
        return f"return a '{TOTAL}' as well, or say how to sum: adapters: {{criterion: {{loss: {{{weights}}}}}}}"
    if isinstance(result, Sequence) and not isinstance(result, str):
        return "say which part is the loss, as in adapters: {criterion: {loss: 0}}"
    return f"return a tensor, or a mapping with the key '{TOTAL}'"
