"""The prediction of a batch, taken apart into its samples."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
from torch import Tensor

from lighter.errors import RunError
from lighter.training.adapters.accessors import described
from lighter.training.torch_internals import as_plain_tensors

_CURE = "write transforms: $tuple, or pick a part of it"

log = logging.getLogger("lighter")


class Lists:
    """Which lists and tuples of a prediction hold a model's outputs, and which an entry for each sample.

    One batch may leave it open, as a list of 4 outputs does in a batch of 4. Then what an earlier batch has shown
    holds; else a tuple is taken for outputs, and a list for samples.
    """

    def __init__(self, asker: str) -> None:
        self.asker = asker
        self._shown: dict[str, bool] = {}
        self._guessed: set[str] = set()

    def holds_outputs(self, name: str, value: Sequence[Any], count: int) -> bool:
        """Whether each entry is an output of the model, for all samples.

        Raises RunError where it is neither, or where a list was taken for samples and turns out to be outputs.
        """
        outputs = bool(value) and all(_is_batch(one, count) for one in value)
        if not outputs and len(value) != count:
            raise uneven(self.asker, name, value, count)
        if outputs and len(value) == count == 1 and not isinstance(value, tuple):
            return False  # the one sample, in a list, as MONAI's decollating leaves it
        if outputs and len(value) == count and not isinstance(value, tuple):
            return self._shown[name] if name in self._shown else self._guess(name, value)
        if outputs and name in self._guessed:
            raise RunError(
                f"{self.asker}: '{name}' is {described(value)} in a batch of {count}, so its entries are outputs of "
                f"the model; in a batch of {len(value)} it was taken for a list of samples; {_CURE}"
            )
        self._shown[name] = outputs
        return outputs

    def _guess(self, name: str, value: Sequence[Any]) -> bool:
        if name not in self._guessed:
            self._guessed.add(name)
            if parts(value[0]) is None:  # a list of mappings is hardly anything else than a detector's
                guess = "%s: '%s' is %s, as the batch is, and is taken for a list of samples. If it holds outputs, %s"
                log.warning(guess, self.asker, name, described(value), _CURE)
        return False


def parts(value: Any) -> Mapping[Any, Any] | None:
    """The parts of a mapping, a dataclass, a named tuple or of what else has keys; None for anything else."""
    if isinstance(value, Mapping):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return dict(value._asdict())
    if hasattr(value, "keys") and hasattr(value, "__getitem__"):  # as a TensorDict
        return {key: value[key] for key in value.keys()}  # noqa: SIM118  # iterating may give samples
    return None


def is_several(value: Any) -> bool:
    """Whether a value is a sequence of things, which a text is not."""
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def sample(name: str, value: Any, index: int, count: int, lists: Lists) -> Any:
    """The part of one sample in the value of a batch of `count`; what belongs to no sample goes to each."""
    found = parts(value)
    if found is not None:
        return {key: sample(f"{name}_{key}", one, index, count, lists) for key, one in found.items()}
    if isinstance(value, Tensor | np.ndarray):
        if value.ndim == 0:
            return value
        if len(value) != count:
            raise uneven(lists.asker, name, value, count)
        return value[index]
    if is_several(value):
        if lists.holds_outputs(name, value, count):
            return tuple(sample(f"{name}_{i}", one, index, count, lists) for i, one in enumerate(value))
        return value[index]
    return value


def fits(value: Any, count: int) -> bool:
    """Whether a prediction may be that of `count` samples."""
    found = parts(value)
    if found is not None:
        return all(fits(one, count) for one in found.values())
    if isinstance(value, Tensor | np.ndarray):
        return value.ndim == 0 or len(value) == count
    if is_several(value):
        return len(value) == count or (bool(value) and all(_is_batch(one, count) for one in value))
    return True


def on_host(value: Any) -> Any:
    """The value with its tensors on the CPU, without a graph; each is moved once."""
    if isinstance(value, Tensor):
        return value.detach().cpu()
    found = parts(value)
    if found is not None:
        return {key: on_host(one) for key, one in found.items()}
    if is_several(value):
        kind = tuple if isinstance(value, tuple) else list
        return kind(on_host(one) for one in value)
    return value


def array(value: Any) -> np.ndarray[Any, Any]:
    """A tensor or array as a plain array; float types that NumPy or a table lacks become float32."""
    if isinstance(value, Tensor):
        with as_plain_tensors():
            value = value.detach().cpu().as_subclass(Tensor)
            if value.is_floating_point() and value.element_size() < 4:
                value = value.float()
            value = value.resolve_conj().resolve_neg().numpy()
    found: np.ndarray[Any, Any] = np.asarray(value)
    return found.astype(np.float32) if found.dtype == np.float16 else found


def uneven(asker: str, name: str, value: Any, count: int) -> RunError:
    """The error for a value that has not one entry for each sample."""
    return RunError(
        f"{asker}: '{name}' is {described(value)}, in a batch of {count}; one entry a sample is wanted, "
        "so pick or change it, as in {of: pred, part: logits, transforms: ...}"
    )


def _is_batch(value: Any, count: int) -> bool:
    """Whether a value has tensors in it, each with an entry for each of `count` samples."""
    found = parts(value)
    if found is not None:
        return bool(found) and all(_is_batch(one, count) for one in found.values())
    if isinstance(value, Tensor | np.ndarray):
        return value.ndim > 0 and len(value) == count
    return is_several(value) and bool(value) and all(_is_batch(one, count) for one in value)
