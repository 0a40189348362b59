"""A checkpoint or a file of weights, as `torch.save` writes it: the one place where such a file is read."""

import zipfile
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch

from lighter.errors import listing


def read_checkpoint(path: Path, weights_only: bool = True) -> Any:
    """What a file holds, on the CPU. Raises what `torch.load` raises."""
    # Mapped, what is not used of the file, such as an optimizer's state, is never read.
    is_mapped = zipfile.is_zipfile(path)
    # Only a plain `False` lets code in.
    return torch.load(path, map_location="cpu", weights_only=weights_only is not False, mmap=is_mapped)


def more_than_weights(path: Path, cure: str) -> str | None:
    """That a file holds other objects than weights, with their names and a cure; None where it holds none."""
    names = unsafe_names(path)
    more = f"holds more than weights: {listing(names)}; if you trust it, {cure}, which runs what code it brings"
    return f"'{path}' {more}" if names else None


def unsafe_names(path: Path) -> list[str]:
    """The names of what a file would import, other than what weights are made of."""
    with suppress(ValueError, RuntimeError):  # of before PyTorch 1.6, or no such file at all
        return sorted(torch.serialization.get_unsafe_globals_in_checkpoint(path))
    return []


@contextmanager
def declared_safe(*more: Any) -> Iterator[None]:
    """Lets `weights_only` load these classes, and more, meanwhile; what others have declared stays as it is."""
    known = torch.serialization.get_safe_globals()  # MONAI's, say: what is added here is taken away again
    with torch.serialization.safe_globals([one for one in [*safe_classes(), *more] if one not in known]):
        yield


def safe_classes() -> list[Any]:
    """What unpickling NumPy's numbers calls, and what scripts keep their arguments in: none of it runs code."""
    codes = (*np.typecodes["AllInteger"], *np.typecodes["Float"], "?")
    numbers = [np.float64().__reduce__()[0], np.dtype, *{type(np.dtype(code)) for code in codes}]
    return [*numbers, Namespace, SimpleNamespace]
