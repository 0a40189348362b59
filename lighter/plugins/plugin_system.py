"""A plugin model with its data and metrics: what a config's `system` is that runs without a Trainer."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lighter.errors import RunError
from lighter.training.stages import Mode


class PluginSystem:
    """A model that is fitted as a whole, by the plugins of its type, without a Trainer; a run's `system`.

    Args:
        model: `{_target_: instantiate/TYPE, ...}`; the instance is made when it is to be fitted.
        data: by mode (`train`, `val`, `test`, `predict`) what a data access gives.
        fit: further arguments of the type's `fit` plugin, by name; below `predict`, `serialize` and `deserialize`
            those of the plugins of these names.
        predict: as `fit`.
        serialize: as `fit`.
        deserialize: as `fit`.
        metrics: by mode (`train`, `val`, `test`) a metric, or a list or mapping of them.
        adapters: by the keys `batch` (where input, target and identifier are in the data), `fit` and `metrics` (how
            these are called).
        writers: callbacks that write predictions; a `TableWriter` if it is left out, and an empty list returns them.

    Raises:
        RunError: when it is used, the type has no plugin for a step, or `serialize` returns no bytes.
    """

    def __init__(
        self,
        *,
        model: Callable[[], Any] | None = None,
        data: Mapping[str, Any] | None = None,
        fit: Callable[..., Any] | None = None,
        predict: Callable[..., Any] | None = None,
        serialize: Callable[..., Any] | None = None,
        deserialize: Callable[..., Any] | None = None,
        metrics: Mapping[str, Any] | None = None,
        adapters: Mapping[str, Any] | None = None,
        writers: Sequence[Any] | None = None,
    ) -> None:
        self.data = dict(data or {})
        self.metrics = dict(metrics or {})
        self.writers = writers
        self._steps = {
            "instantiate": model,
            "fit": fit,
            "predict": predict,
            "serialize": serialize,
            "deserialize": deserialize,
        }
        self._adapters = dict(adapters or {})

    def parts(self, mode: Mode) -> tuple[Any, Any, Any]:
        """Input, target and identifier of the data of a mode."""
        from lighter.training.adapters import BatchAdapter

        adapter = self._adapters.get("batch") or BatchAdapter()
        found: tuple[Any, Any, Any] = adapter(self.data[mode], predicts=mode is Mode.PREDICT)
        return found

    def instantiated(self) -> Any:
        """A new instance."""
        return self._call("instantiate")

    def fitted(self, instance: Any) -> Any:
        """The instance, or another one that the plugin gives, fitted to the train data."""
        input, target, _ = self.parts(Mode.TRAIN)
        adapter = self._adapters.get("fit")
        if adapter is not None:
            found = adapter(lambda *args, **kwargs: self._call("fit", instance, *args, **kwargs), input, target, None)
        else:
            args, kwargs = _given(input)
            found = self._call("fit", instance, *args, *(() if target is None else (target,)), **kwargs)
        return instance if found is None else found

    def predictions(self, instance: Any, input: Any) -> Any:
        """What the instance predicts for the input."""
        args, kwargs = _given(input)
        return self._call("predict", instance, *args, **kwargs)

    def serialized(self, instance: Any) -> bytes:
        """The instance as bytes. Raises RunError where its plugin gives anything else."""
        found = self._call("serialize", instance)
        if not isinstance(found, bytes | bytearray | memoryview):
            raise RunError(f"'serialize' of the plugin model gives a {type(found).__name__}; let it return bytes")
        return bytes(found)

    def deserialized(self, content: bytes) -> Any:
        """The instance that was serialized."""
        return self._call("deserialize", content)

    @property
    def metrics_adapter(self) -> Any:
        """How metrics are called with predictions and targets."""
        from lighter.training.adapters import MetricsAdapter

        return self._adapters.get("metrics") or MetricsAdapter()

    def _call(self, step: str, *args: Any, **kwargs: Any) -> Any:
        function = self._steps[step]
        if function is None:
            raise RunError(f"the plugin model has no '{step}'; register it with @plugins.{step}")
        return function(*args, **kwargs)


def _given(input: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments that an input is given as."""
    from lighter.training.adapters import Keywords, Positional

    if isinstance(input, Keywords):
        return (), dict(input)
    return (tuple(input), {}) if isinstance(input, Positional) else ((input,), {})
