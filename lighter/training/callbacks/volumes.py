"""A prediction as a NIfTI file that lies in space where its input lay."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from lighter.errors import RunError
from lighter.training.callbacks.samples import array


def save_nifti(name: str, value: Any, input: Any, path: Path) -> None:
    """Writes a volume, (channel, x, y, z) or (x, y, z), or the same without z; several channels come last in the file.

    Its place and spacing are those of the value if it is a MONAI MetaTensor, else of the input if that is one and has
    the same grid. Raises RunError where the value has a shape of neither kind.
    """
    from monai.data.image_writer import NibabelWriter

    found = array(value)
    spatial = getattr(input, "ndim", 4) - 1  # an input has channels
    if found.ndim not in (spatial, spatial + 1) or spatial not in (2, 3):
        raise RunError(
            f"FileWriter: '{name}' has the shape {found.shape}, and a volume is (channel, x, y, z) or (x, y, z), "
            "or the same without z; change it with transforms"
        )
    channel = 0 if found.ndim == spatial + 1 else None
    writer = NibabelWriter(output_dtype=_stored(found))
    writer.set_data_array(found, channel_dim=channel, squeeze_end_dims=True, spatial_ndim=spatial)
    affine = _affine(value, found.shape[-spatial:], input)
    if affine is None:
        warnings.warn(
            f"FileWriter: neither '{name}' nor its input is a MONAI MetaTensor that tells place and spacing; "
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


def _affine(value: Any, grid: tuple[int, ...], input: Any) -> np.ndarray[Any, Any] | None:
    for one in (value, input):
        affine = getattr(one, "affine", None)
        if isinstance(affine, Tensor) and (one is value or tuple(one.shape[-len(grid) :]) == grid):
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
