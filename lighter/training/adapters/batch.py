"""From a batch to the input, target and identifier in it."""

from collections.abc import Callable, Mapping, Sequence, Sized
from functools import partial
from typing import Any

from torch import Tensor

from lighter.errors import RunError
from lighter.training.adapters.accessors import Accessor, Spec, described, or_none


class Positional(tuple[Any, ...]):
    """Several inputs of a model, in order."""

    __slots__ = ()


class Keywords(dict[str, Any]):
    """Several inputs of a model, by name."""


class BatchAdapter:
    """Takes input, target and identifier out of a batch.

    Each argument is an accessor: an index (`0`), a key or attribute (`"image"`), a part of a part (`"outputs::0"`), or
    a function of the batch. Without `input`, a batch of two is (input, target), a mapping has the keys `input`,
    `target` and `identifier`, and anything else is the input. With `input`, what is not named is None.

    Args:
        input: what the model gets; a list or mapping of accessors for a model with several inputs.
        target: what criterion and metrics get; a list or mapping of accessors gives a list or mapping of targets.
        identifier: what names the samples, such as file names.
        size: how many samples a batch has, or a part of it with an entry for each; by default found by lengths.

    Raises:
        RunError: when called, a batch lacks a part that is named (but the target in predict).
    """

    def __init__(
        self,
        input: Spec | Sequence[Spec] | Mapping[str, Spec] | None = None,
        target: Spec | Sequence[Spec] | Mapping[str, Spec] | None = None,
        identifier: Spec | None = None,
        size: Spec | None = None,
    ) -> None:
        self._input = None if input is None else _inputs(input)
        self._target = None if target is None else _targets(target)
        self._identifier = None if identifier is None else _accessor(identifier, "identifier")
        self.size = None if size is None else partial(_size, _accessor(size, "size"))
        self._plain = input is None and target is None and identifier is None

    def __call__(self, batch: Any, predicts: bool = False) -> tuple[Any, Any, Any]:
        """The batch's `(input, target, identifier)`; with `predicts` it may lack the target."""
        if self._plain:
            return _by_convention(batch, predicts)
        if self._input is None:
            input, target, identifier = _by_convention(batch, predicts)
        else:
            input, target, identifier = self._input(batch), None, None
        if self._target is not None:
            target = or_none(self._target, batch) if predicts else self._target(batch)
        if self._identifier is not None:
            identifier = self._identifier(batch)
        return input, target, identifier


class _Several:
    """Accessors for several parts of a batch, whose values are a sequence or a mapping as the accessors are."""

    __slots__ = ("_accessors", "_kind", "_names")

    def __init__(
        self, specs: Sequence[Spec] | Mapping[str, Spec], part: str, sequence: type[Any], mapping: type[Any]
    ) -> None:
        items = specs.items() if isinstance(specs, Mapping) else enumerate(specs)
        self._accessors = [_accessor(one, f"{part} {name}") for name, one in items]
        self._names = list(specs) if isinstance(specs, Mapping) else None
        self._kind = sequence if self._names is None else mapping

    def __call__(self, batch: Any) -> Any:
        values = [accessor(batch) for accessor in self._accessors]
        return self._kind(values if self._names is None else zip(self._names, values, strict=True))


class _AtIndex:
    """The input at an index of a batch, which must not be a tensor: its index would be one sample."""

    __slots__ = ("_accessor",)

    def __init__(self, accessor: Accessor) -> None:
        self._accessor = accessor

    def __call__(self, batch: Any) -> Any:
        if isinstance(batch, Tensor):
            raise RunError(
                f"BatchAdapter(input): an index is given, but the batch is {described(batch)}, not a list; "
                "where the batch itself is the input, give this mode a batch adapter without arguments"
            )
        return self._accessor(batch)


def _accessor(spec: Spec, part: str) -> Accessor:
    return Accessor(spec, "the batch", f"BatchAdapter({part})")


def _inputs(spec: Any) -> Callable[[Any], Any]:
    if isinstance(spec, Mapping | list | tuple):
        return _Several(spec, "input", Positional, Keywords)
    accessor = _accessor(spec, "input")
    return _AtIndex(accessor) if accessor.starts_with_index else accessor


def _targets(spec: Any) -> Callable[[Any], Any]:
    several = isinstance(spec, Mapping | list | tuple)
    return _Several(spec, "target", list, dict) if several else _accessor(spec, "target")


def _size(accessor: Accessor, batch: Any) -> int:
    found = accessor(batch)
    if isinstance(found, int) or (isinstance(found, Tensor) and not found.dim()):
        return int(found)
    if isinstance(found, Sized):
        return len(found)
    raise RunError(f"BatchAdapter(size): a number or something with a length is wanted, not {described(found)}")


def _by_convention(batch: Any, predicts: bool) -> tuple[Any, Any, Any]:
    if isinstance(batch, tuple | list):
        if len(batch) == 2:
            return batch[0], batch[1], None
        if len(batch) == 1 or (predicts and batch):
            return batch[0], None, None
        raise RunError(
            f"BatchAdapter: the batch is {described(batch)}, and only one of length 2 is known to be (input, target); "
            "say which part is which, as in adapters: {batch: {input: 0, target: 1, identifier: 2}}"
        )
    if isinstance(batch, Mapping):
        if "input" not in batch:
            raise RunError(
                f"BatchAdapter: the batch is {described(batch)}, and has no 'input'; "
                "say which key it is, as in adapters: {batch: {input: image, target: label}}"
            )
        return batch["input"], batch.get("target"), batch.get("identifier")
    return batch, None, None
