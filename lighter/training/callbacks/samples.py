"""The prediction of a batch, taken apart into its samples, or into the columns of a table."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any, TypeAlias

import numpy as np
import torch
from torch import Tensor

from lighter.errors import RunError
from lighter.training.adapters.accessors import described
from lighter.training.torch_internals import as_plain_tensors

_CURE = "write transforms: {pred: $tuple}, or pick a part of it"

LIMIT = 64  # numbers of one sample that get a column each; more of them are a list in one cell

# An entry a row: numbers as an array, whose further dimensions are lists in a cell; anything else as a list.
Column: TypeAlias = np.ndarray[Any, Any] | list[Any]
Columns: TypeAlias = dict[str, Column]

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


def mapped(function: Callable[[Any], Any], value: Any) -> Any:
    """The value with what a function makes of each leaf; mappings are dicts, and sequences tuples or lists."""
    found = parts(value)
    if found is not None:
        return {key: mapped(function, one) for key, one in found.items()}
    if is_several(value):
        return (tuple if isinstance(value, tuple) else list)(mapped(function, one) for one in value)
    return function(value)


def on_host(value: Any) -> Any:
    """The value with its tensors on the CPU, without a graph; each is moved once."""
    return mapped(lambda leaf: leaf.detach().cpu() if isinstance(leaf, Tensor) else leaf, value)


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


def cells(values: Mapping[str, Any], count: int, lists: Lists) -> Columns:
    """The columns that the values of a batch of `count` samples make.

    A number a sample is one column; a vector or a tuple of outputs is `name_0`, `name_1` and so on, a mapping
    `name_key`. More than LIMIT numbers, and what has no fixed length, are a list in one cell.
    Raises RunError where a value does not have one entry a sample, or two make columns of one name.
    """
    found: Columns = {}
    for name, value in values.items():
        for key, column in _columns(name, value, count, lists):
            if key in found:
                raise RunError(f"{lists.asker}: two columns are called '{key}'; give one of them another name")
            found[key] = column
    return found


def plain(value: Any) -> Any:
    """A value of Python's own types alone, as JSON has them: arrays and tensors as lists."""
    if isinstance(value, Tensor | np.ndarray | np.generic):
        return array(value).tolist()
    found = parts(value)
    if found is not None:
        return {str(key): plain(one) for key, one in found.items()}
    if is_several(value):
        return [plain(one) for one in value]
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _columns(name: str, value: Any, count: int, lists: Lists) -> Iterator[tuple[str, Column]]:
    found = parts(value)
    if found is not None:
        for part, one in found.items():
            yield from _columns(f"{name}_{part}", one, count, lists)
    elif isinstance(value, Tensor | np.ndarray):
        yield from _of_numbers(name, array(value), count, lists)
    elif not is_several(value):
        yield name, [value] * count
    elif lists.holds_outputs(name, value, count):
        for index, one in enumerate(value):
            yield from _columns(f"{name}_{index}", one, count, lists)
    else:
        yield from _of_samples(name, value)


def _of_numbers(name: str, value: np.ndarray[Any, Any], count: int, lists: Lists) -> Iterator[tuple[str, Column]]:
    if value.ndim == 0:
        yield name, np.full(count, value)
        return
    if len(value) != count:
        raise uneven(lists.asker, name, value, count)
    width = int(np.prod(value.shape[1:]))
    if width == 1:
        yield name, _listed(value.reshape(count))
    elif value.ndim == 2 and 0 < width <= LIMIT:
        for index in range(width):
            yield f"{name}_{index}", _listed(value[:, index])
    else:
        yield name, _listed(value)


def _of_samples(name: str, samples: Sequence[Any]) -> Iterator[tuple[str, Column]]:
    """The columns of a list with an entry a sample; mappings with the same keys make a column a key."""
    mappings = [parts(one) for one in samples]
    first = mappings[0] if mappings else None
    arrays = [one for one in samples if isinstance(one, Tensor | np.ndarray)]
    if first and all(found is not None and found.keys() == first.keys() for found in mappings):
        for key in first:
            yield from _of_samples(f"{name}_{key}", [found[key] for found in mappings if found is not None])
    elif arrays and all(one is None or isinstance(one, Tensor | np.ndarray) for one in samples):
        column = _ragged(arrays)
        found = iter(column if isinstance(column, list) else column.tolist())
        is_whole = len(arrays) == len(samples)
        yield name, column if is_whole else [None if one is None else next(found) for one in samples]
    else:
        yield (
            name,
            [
                plain(one) if isinstance(one, Tensor | np.generic) or parts(one) is not None or is_several(one) else one
                for one in samples
            ],
        )


def _ragged(samples: Sequence[Any]) -> Column:
    """Arrays of any sizes, one a row; single numbers are a plain column."""
    devices = {one.device.type if isinstance(one, Tensor) else "cpu" for one in samples}
    if devices != {"cpu"} and len(devices) == 1:
        # From an accelerator all in one: a copy for each sample would wait for the device each time.
        together = torch.cat([one.detach().reshape(-1) for one in samples]).cpu()
        split = torch.split(together, [one.numel() for one in samples])
        samples = [flat.reshape(one.shape) for flat, one in zip(split, samples, strict=True)]
    arrays = [array(one) for one in samples]
    return _listed(np.stack(arrays)) if all(one.ndim == 0 for one in arrays) else arrays


def _listed(column: np.ndarray[Any, Any]) -> Column:
    """Numbers stay an array; texts and objects become a list."""
    return column if column.dtype.kind in "biuf" else column.tolist()
