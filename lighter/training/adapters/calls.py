"""How a criterion or metric is called with input, target and pred."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from lighter.errors import RunError, suggestion
from lighter.training.adapters.accessors import (
    SEPARATOR,
    Accessor,
    Spec,
    Transform,
    Transforms,
    check_names,
    functions,
    functions_by_source,
)
from lighter.training.adapters.loss import LossSpec, loss_picker
from lighter.training.stages import SOURCES

ArgumentSpec: TypeAlias = str | Mapping[str, Any]

TARGET = SOURCES.index("target")


class Argument:
    """One argument of a call: input, target or pred, or a part of it, with transforms on the way.

    Written "pred", "pred::logits", or {of: pred, part: accessor, transforms: one or a list}.
    """

    __slots__ = ("_accessor", "_asker", "_transforms", "source")

    def __init__(self, spec: ArgumentSpec, asker: str, by_source: Mapping[str, tuple[Transform, ...]]) -> None:
        if isinstance(spec, str):
            source, _, text = spec.partition(SEPARATOR)
            part: Spec | None = text or None
            own: Transforms = ()
        elif isinstance(spec, Mapping):
            check_names(spec, ("of", "part", "transforms"), asker)
            source, part, own = spec.get("of", ""), spec.get("part"), spec.get("transforms") or ()
        else:
            raise TypeError(f"{asker}: an argument is one of {', '.join(SOURCES)} or a part of one, not {spec!r}")
        check_names([source], SOURCES, asker)
        self._asker = asker
        self.source = SOURCES.index(source)
        self._accessor = None if part is None else Accessor(part, source, asker)
        self._transforms = (*by_source.get(source, ()), *functions(own, asker))

    def __call__(self, sources: tuple[Any, Any, Any]) -> Any:
        """The argument's value, out of (input, target, pred)."""
        value = sources[self.source]
        if value is None and self.source == TARGET:
            raise RunError(
                f"{self._asker}: the target is wanted, but the batch has none; "
                "say where it is with BatchAdapter(target=...), or leave it out of the arguments"
            )
        if self._accessor is not None:
            value = self._accessor(value)
        for transform in self._transforms:
            value = transform(value)
        return value


class _CallAdapter:
    """Says how a function is called with input, target and pred.

    `arguments`: a list for positional ones, a mapping for keyword ones, where 0 is a position; (pred, target) if not
    given, or (pred) where there is no target. `transforms`: functions by source, for every argument from that source.
    """

    def __init__(
        self,
        arguments: Sequence[ArgumentSpec] | Mapping[Any, ArgumentSpec] | None = None,
        transforms: Mapping[str, Transforms] | None = None,
    ) -> None:
        asker = type(self).__name__
        by_source = functions_by_source(transforms, asker)
        self._default = arguments is None
        self._plain = arguments is None and not by_source
        self.takes_target = arguments is None
        self._positional: tuple[Argument, ...] = ()
        self._keywords: dict[str, Argument] = {}
        if arguments is None:
            arguments = ("pred", "target")
        if isinstance(arguments, Mapping):
            made: dict[Any, Argument] = {
                name: Argument(spec, f"{asker}({name})", by_source) for name, spec in arguments.items()
            }
            positions = sorted(name for name in made if isinstance(name, int))
            if positions != [*range(len(positions))]:
                raise ValueError(f"{asker}: positions count from 0, without a gap, and are not {positions}")
            self._positional = tuple(made.pop(position) for position in positions)
            self._keywords = made
        elif isinstance(arguments, list | tuple):
            numbered = enumerate(arguments)
            self._positional = tuple(Argument(spec, f"{asker}(argument {i})", by_source) for i, spec in numbered)
        else:
            raise TypeError(f"{asker}: arguments are a list or a mapping, not {arguments!r}")
        self.takes_target |= any(one.source == TARGET for one in (*self._positional, *self._keywords.values()))

    def __call__(self, function: Callable[..., Any], input: Any, target: Any, pred: Any) -> Any:
        """What the function returns."""
        if self._plain:
            return function(pred) if target is None else function(pred, target)
        sources = (input, target, pred)
        positional = self._positional[:1] if self._default and target is None else self._positional
        return function(
            *[argument(sources) for argument in positional],
            **{name: argument(sources) for name, argument in self._keywords.items()},
        )


class CriterionAdapter(_CallAdapter):
    """Says how the criterion is called, by default with `(pred, target)`, and which part of its result is the loss.

    Args:
        arguments: a list (by position) or mapping (by name; `0` is a position) of `pred`, `target`, `input` or a part
            of one, such as `"pred::logits"` or `{of: pred, part: logits, transforms: function}`.
        transforms: for `pred`, `target` or `input` a function, or a list of them, applied first.
        loss: the loss in what the criterion returns: an accessor such as `0` or `"total_loss"`, or names of losses to
            sum, with weights: `{dice: 1.0, ce: 0.5}`. The other parts of a mapping are logged.

    Raises:
        TypeError: an argument is of another kind.
        ValueError: positions have a gap, or a source is not one of `pred`, `target` and `input`.
        RunError: when called, a part is not there, or there is no target and one is asked for.
    """

    def __init__(
        self,
        arguments: Sequence[ArgumentSpec] | Mapping[Any, ArgumentSpec] | None = None,
        transforms: Mapping[str, Transforms] | None = None,
        loss: LossSpec | None = None,
    ) -> None:
        super().__init__(arguments, transforms)
        self._pick = None if loss is None else loss_picker(loss)

    def __call__(self, function: Callable[..., Any], input: Any, target: Any, pred: Any) -> Any:
        """What the criterion returns; with `loss` given, the loss, or a mapping with it as 'total'."""
        result = super().__call__(function, input, target, pred)
        return result if self._pick is None else self._pick(result)


class MetricsAdapter(_CallAdapter):
    """Says how the metrics are updated, by default with `(pred, target)`.

    Args:
        arguments: as for a `CriterionAdapter`.
        transforms: as for a `CriterionAdapter`.
        by_name: a mapping with `arguments` and `transforms` for a metric, or a group of them, by its name; what it
            leaves out is as for all.

    Raises:
        TypeError: an argument is of another kind.
        ValueError: positions have a gap, or a source is not one of `pred`, `target` and `input`.
        RunError: when called, a part is not there, or there is no target and one is asked for.
    """

    def __init__(
        self,
        arguments: Sequence[ArgumentSpec] | Mapping[Any, ArgumentSpec] | None = None,
        transforms: Mapping[str, Transforms] | None = None,
        **by_name: Any,
    ) -> None:
        super().__init__(arguments, transforms)
        self._by_name: dict[str, MetricsAdapter] = {}
        for name, own in by_name.items():
            if not isinstance(own, Mapping):
                near = suggestion(name, ("arguments", "transforms"), "write")
                raise TypeError(f"MetricsAdapter({name}): a mapping with 'arguments' is wanted, not {own!r}; {near}")
            try:
                self._by_name[name] = MetricsAdapter(**{"arguments": arguments, "transforms": transforms, **own})
            except (TypeError, ValueError) as error:
                error.add_note(f"of the metric '{name}'")
                raise

    def of(self, *names: str) -> "MetricsAdapter":
        """The adapter of a metric, given the groups that it is in and its own name."""
        own = self._by_name.get(names[0]) if names else None
        return self if own is None else own.of(*names[1:])
