"""The formats of a file with the prediction of one sample; a NIfTI file lies in space where its input lay."""

import importlib.util
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lighter.errors import RunError, suggestion
from lighter.training.adapters.accessors import described
from lighter.training.callbacks.samples import array, is_several, mapped, parts


@dataclass(frozen=True, slots=True)
class OneValue:
    """A value of one sample, what it is called, and the input it was made from."""

    name: str
    value: Any
    input: Any = None


@dataclass(frozen=True, slots=True)
class FileFormat:
    """How a value is written, the suffixes its files may have, and the package that it takes."""

    save: Callable[[OneValue, Path], Any]
    suffixes: tuple[str, ...]
    package: str | None = None
    extra: str | None = None
    needs_input: bool = False
    is_ours: bool = True


def file_format(given: str | Callable[[Any, Path], Any], suffix: str | None) -> tuple[FileFormat, str]:
    """The format of that name, or the function (value, path) that was given; and the suffix.

    Raises TypeError and ValueError where they are not right, RunError where a package is not installed.
    """
    if not isinstance(given, str):
        if not callable(given):
            raise TypeError(f"FileWriter(format): a name or a function of value and path is wanted, not {given!r}")
        if not suffix:
            raise ValueError("FileWriter(suffix): a function needs one for its files, such as suffix: .obj")
        return FileFormat(partial(_save_by, given), (), is_ours=False), _dotted(suffix)
    if given not in FORMATS:
        near = suggestion(given, FORMATS, "write one of")
        raise ValueError(f"FileWriter(format): there is no {given!r}; {near}")
    found = FORMATS[given]
    suffix = found.suffixes[0] if suffix is None else _dotted(suffix)
    if suffix not in found.suffixes:
        raise ValueError(f"FileWriter(suffix): files of {given} end with {' or '.join(found.suffixes)}, not {suffix!r}")
    if found.package is not None and importlib.util.find_spec(found.package) is None:
        raise RunError(
            f"FileWriter: {given} is written with {found.package}, which is not installed; "
            f"write 'pip install lighter[{found.extra}]', or give another format"
        )
    return found, suffix


def _save_by(write: Callable[[Any, Path], Any], one: OneValue, path: Path) -> None:
    write(one.value, path)


def _dotted(suffix: str) -> str:
    return suffix if suffix.startswith(".") else f".{suffix}"


def _save_tensors(one: OneValue, path: Path) -> None:
    # Plain tensors without more storage than they need: of a view, torch.save writes the whole batch.
    torch.save(mapped(_owned, one.value), path)


def _save_array(one: OneValue, path: Path) -> None:
    with path.open("wb") as file:
        np.save(file, _one_array(one, "npy"), allow_pickle=False)


def _save_arrays(one: OneValue, path: Path) -> None:
    has_parts = parts(one.value) is not None or is_several(one.value)
    arrays = dict(_flat("", one.value)) if has_parts else {one.name: _one_array(one, "npz")}
    np.savez(path, allow_pickle=False, **arrays)


def _save_image(one: OneValue, path: Path) -> None:
    from PIL import Image

    Image.fromarray(_pixels(one.name, _one_array(one, "png"))).save(path, format="PNG")


def save_nifti(one: OneValue, path: Path) -> None:
    """Writes a volume, (channel, x, y, z) or (x, y, z), or the same without z; several channels come last in the file.

    Its place and spacing are those of the value if it is a MONAI MetaTensor, else of the input if that is one and has
    the same grid. Raises RunError where the value has a shape of neither kind.
    """
    from monai.data.image_writer import NibabelWriter

    found = _one_array(one, "nifti")
    spatial = getattr(one.input, "ndim", 4) - 1  # an input has channels
    if found.ndim not in (spatial, spatial + 1) or spatial not in (2, 3):
        raise RunError(
            f"FileWriter: '{one.name}' has the shape {found.shape}, and a volume is (channel, x, y, z) or (x, y, z), "
            "or the same without z; change it with transforms"
        )
    channel = 0 if found.ndim == spatial + 1 else None
    writer = NibabelWriter(output_dtype=_stored(found))
    writer.set_data_array(found, channel_dim=channel, squeeze_end_dims=True, spatial_ndim=spatial)
    affine = _affine(one, found.shape[-spatial:])
    if affine is None:
        warnings.warn(
            f"FileWriter: neither '{one.name}' nor its input is a MONAI MetaTensor that has place and spacing; "
            "the file has a spacing of 1",
            stacklevel=2,
        )
    writer.affine = affine  # not by set_metadata, which would resample a volume without z
    writer.write(path)


def check_places(name: str, value: Any, input: Any, count: int) -> None:
    """Raises RunError where a batch of several samples knows the place of one alone, which the others would get."""
    known = next((one for one in (value, input) if hasattr(one, "affine")), None)
    if known is not None and count > 1 and not getattr(known, "is_batch", False):
        raise RunError(
            f"FileWriter: '{name}' is one of {count} samples, whose MetaTensor has the place in space of only one: so "
            "PyTorch collates them; load with monai.data.DataLoader, or with collate_fn: $monai.data.list_data_collate"
        )


def _affine(one: OneValue, grid: tuple[int, ...]) -> np.ndarray[Any, Any] | None:
    for known in (one.value, one.input):
        affine = getattr(known, "affine", None)
        if isinstance(affine, Tensor) and (known is one.value or tuple(known.shape[-len(grid) :]) == grid):
            return np.asarray(affine.detach().cpu(), dtype=np.float64)
    return None


def _stored(value: np.ndarray[Any, Any]) -> type:
    """The nearest type that every reader of NIfTI knows."""
    if value.dtype.kind == "f":
        return np.float32
    if value.dtype.kind == "b" or value.dtype == np.uint8:
        return np.uint8
    low, high = (int(value.min()), int(value.max())) if value.size else (0, 0)
    return np.int16 if low >= -(2**15) and high < 2**15 else np.int32


FORMATS: Mapping[str, FileFormat] = MappingProxyType(
    {
        "pt": FileFormat(_save_tensors, (".pt",)),
        "npy": FileFormat(_save_array, (".npy",)),
        "npz": FileFormat(_save_arrays, (".npz",)),
        "png": FileFormat(_save_image, (".png",), "PIL", "images"),
        "nifti": FileFormat(save_nifti, (".nii.gz", ".nii"), "nibabel", "nifti", needs_input=True),
    }
)


def _owned(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.detach().cpu().as_subclass(Tensor).clone()
    return torch.from_numpy(value.copy()) if isinstance(value, np.ndarray) and value.dtype.kind in "biufc" else value


def _flat(prefix: str, value: Any) -> Iterator[tuple[str, np.ndarray[Any, Any]]]:
    found = parts(value)
    if found is None and is_several(value):
        found = dict(enumerate(value))
    if found is None:
        yield prefix, _one_array(OneValue(prefix, value), "npz")
        return
    for key, one in found.items():
        yield from _flat(f"{prefix}_{key}" if prefix else str(key), one)


def _one_array(one: OneValue, format: str) -> np.ndarray[Any, Any]:
    value = one.value
    found = array(value) if not is_several(value) and parts(value) is None else None
    if found is None or found.dtype.kind not in "biufcUS":
        raise RunError(
            f"FileWriter: '{one.name}' is {described(value)}, and a file of {format} holds an array; "
            "pick a part, as in values: {mask: {of: pred, part: logits}}, or write format: pt"
        )
    return found


def _pixels(name: str, value: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """An image as PNG has it: (height, width) or (height, width, channels), of 8 bits, or grey of 16."""
    if value.ndim == 3 and value.shape[0] in (1, 3, 4):
        value = value[0] if value.shape[0] == 1 else np.moveaxis(value, 0, -1)
    is_image = value.ndim == 2 or (value.ndim == 3 and value.shape[2] in (3, 4))
    low, high = (float(value.min()), float(value.max())) if value.size else (0.0, 0.0)
    if is_image and value.dtype.kind == "b":
        return np.ascontiguousarray(value).astype(np.uint8) * 255
    if is_image and value.dtype.kind == "f" and low >= 0 and high <= 1:
        return np.ascontiguousarray((value * 255).round().astype(np.uint8))
    if is_image and value.dtype.kind in "iu" and low >= 0 and high < 2 ** (16 if value.ndim == 2 else 8):
        return np.ascontiguousarray(value.astype(np.uint8 if high < 2**8 else np.uint16))
    raise RunError(
        f"FileWriter: '{name}' is {value.dtype} of shape {value.shape}, from {low:.6g} to {high:.6g}; an image is "
        "(height, width) or (1, 3 or 4, height, width), of fractions from 0 to 1 or whole numbers from 0 to 255 "
        "(grey: 65535); change it with transforms"
    )
