"""From a file to the tensors in it: Lightning's checkpoints, plain state dicts, what holds one, safetensors."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from lighter.errors import RunError, listing, missing_part, suggestion
from lighter.training.checkpoint_file import declared_safe, more_than_weights, read_checkpoint
from lighter.training.torch_internals import EXTRA_STATE

# Where frameworks put the state dict of the model, in the order in which they are looked for.
KEYS = ("state_dict", "model_state_dict", "model", "module", "net", "network", "weights", "params")
SEPARATOR = "::"


def read_weights(path: str | os.PathLike[str], key: str | None = None, weights_only: bool = True) -> dict[str, Tensor]:
    """The tensors of a file by name, on the CPU.

    `key`: where in the file they are, such as "generator" or "ema::state_dict", if not at a usual place.
    `weights_only=False` also reads files that hold other objects, and runs what code they bring.
    Raises RunError where there is no file, it holds other objects, or which of its parts is meant is not known.
    """
    path = _existing(Path(path))
    whole = _safetensors(path) if path.suffix == ".safetensors" else _pickled(path, weights_only)
    return _tensors(_at(whole, key, path) if key is not None else _found(whole, path), path)


def _existing(path: Path) -> Path:
    if path.is_file():
        return path
    if path.is_dir():
        inside = [str(one.relative_to(path)) for one in sorted(path.rglob("*")) if one.suffix in _SUFFIXES]
        raise RunError(f"weights: '{path}' is a folder; name a file in it" + (f": {listing(inside)}" if inside else ""))
    raise RunError(f"weights: there is no file '{path}': {missing_part(path, Path.exists)}")


_SUFFIXES = (".ckpt", ".pt", ".pth", ".bin", ".safetensors")


def _safetensors(path: Path) -> Any:
    try:
        from safetensors.torch import load_file
    except ImportError as error:
        raise RunError(f"weights: to read '{path}', install safetensors: pip install 'lighter[safetensors]'") from error
    return load_file(path)


def _pickled(path: Path, weights_only: bool) -> Any:
    try:
        with declared_safe():
            return read_checkpoint(path, weights_only)
    except Exception as error:  # what torch.load raises for a file of another kind depends on its first bytes
        if weights_only is False:
            raise
        other = (
            f"'{path}' is no file of weights that can be read: it is to be written with torch.save, or as .safetensors"
        )
        raise RunError(f"weights: {more_than_weights(path, 'write weights_only: false') or other}") from error


def _at(whole: Any, key: str, path: Path) -> Any:
    for part in key.split(SEPARATOR):
        known = [str(one) for one in whole] if isinstance(whole, Mapping) else []
        if part not in known:
            near = suggestion(part, known) or "there is nothing below it"
            raise RunError(f"weights: '{path}' has no key '{key}'; {near}")
        whole = whole[part]
    return whole


def _found(whole: Any, path: Path) -> Any:
    """The part of a file that is a state dict."""
    if not isinstance(whole, Mapping) or _is_state(whole):
        return whole
    parts = {str(key): part for key, part in whole.items() if _has_tensors(part)}
    known = [key for key in KEYS if key in parts] or list(parts)
    if known and (known[0] in KEYS or len(parts) == 1):
        return _found(parts[known[0]], path)
    if parts:
        raise RunError(f"weights: '{path}' has several parts with tensors; write which, as key: {listing(parts)}")
    return whole


def _is_state(whole: Mapping[Any, Any]) -> bool:
    """Whether there are tensors right here; what else may be in a state dict is no mapping with tensors."""
    return any(isinstance(value, Tensor) for value in whole.values()) and not any(
        _has_tensors(value) for key, value in whole.items() if not str(key).endswith(EXTRA_STATE)
    )


def _has_tensors(part: Any) -> bool:
    """Whether it is a model, or a state dict at some depth; the state of an optimizer is numbered, not named."""
    if isinstance(part, nn.Module):
        return True
    if not isinstance(part, Mapping) or not all(isinstance(key, str) for key in part):
        return False
    return any(isinstance(value, Tensor) or _has_tensors(value) for value in part.values())


def _tensors(state: Any, path: Path) -> dict[str, Tensor]:
    if isinstance(state, nn.Module):
        state = state.state_dict()
    items = state.items() if isinstance(state, Mapping) else ()
    found = {str(key): value for key, value in items if isinstance(value, Tensor)}
    if not found:
        holds = listing(map(str, state)) if isinstance(state, Mapping) else type(state).__name__
        raise RunError(
            f"weights: '{path}' holds no tensors by name, but {holds or 'nothing'}; write another key or file"
        )
    return found
