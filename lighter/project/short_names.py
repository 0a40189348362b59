"""The names by which scripts call libraries, and the full names that a config gives them."""

from contextlib import suppress

from lighter.errors import nearest

# `import torch.nn as nn`, and the like.
ALIASES = {
    "A": "albumentations",
    "F": "torch.nn.functional",
    "K": "kornia",
    "L": "pytorch_lightning",
    "T": "torchvision.transforms",
    "lightning": "pytorch_lightning",
    "lr_scheduler": "torch.optim.lr_scheduler",
    "nib": "nibabel",
    "nn": "torch.nn",
    "np": "numpy",
    "optim": "torch.optim",
    "pd": "pandas",
    "pl": "pytorch_lightning",
    "plt": "matplotlib.pyplot",
    "sitk": "SimpleITK",
    "smp": "segmentation_models_pytorch",
    "sns": "seaborn",
    "tf": "tensorflow",
    "tio": "torchio",
    "tm": "torchmetrics",
    "tv": "torchvision",
    "xr": "xarray",
}

# Modules of libraries that are called by their last name alone, which a folder of anybody's may have.
_MODULES = {
    "callbacks": ("pytorch_lightning.callbacks", "lighter.callbacks"),
    "data": ("torch.utils.data", "monai.data"),
    "functional": ("torch.nn.functional",),
    "inferers": ("monai.inferers",),
    "loggers": ("pytorch_lightning.loggers",),
    "losses": ("monai.losses",),
    "metrics": ("torchmetrics", "monai.metrics"),
    "networks": ("monai.networks",),
    "nets": ("monai.networks.nets",),
    "transforms": ("monai.transforms", "torchvision.transforms"),
    "utils": ("torch.utils",),
}


_OF_TORCH = ("torch.nn", "torch.optim", "torch.optim.lr_scheduler", "torch.utils.data")


def full_name(dotted: str) -> str:
    """What to write for a name whose first part is short for a library's; empty where nothing is known of it."""
    first, _, rest = dotted.partition(".")
    rest = rest.removeprefix("pytorch.") if first == "lightning" else rest
    if first in ALIASES:
        full = ALIASES[first]
        return (
            _in_module(full, rest) or f"write '{full}.{rest}'"
            if rest
            else f"it is short for '{full}': name what is in it"
        )
    found = (_in_module(module, rest, exactly=True) for module in _MODULES.get(first, ()) if rest)
    return next(filter(None, found), "")


def within_torch(dotted: str) -> str:
    """What to write for `torch.AdamW`, of which a module of torch's has the name; empty where none does."""
    first, _, rest = dotted.partition(".")
    found = (_in_module(module, rest, exactly=True) for module in _OF_TORCH if first == "torch" and rest)
    return next(filter(None, found), "")


def _in_module(module: str, rest: str, exactly: bool = False) -> str:
    """The full name of what a module has, or of what it has that is nearest."""
    from pkgutil import resolve_name  # only a mistake pays for it

    with suppress(Exception):  # a library that does not load is no reason to fail
        resolve_name(f"{module}.{rest}")
        return f"write '{module}.{rest}'"
    if exactly:
        return ""
    with suppress(Exception):
        above, _, last = f"{module}.{rest}".rpartition(".")
        near = nearest(last, dir(resolve_name(above)))
        return f"did you mean '{above}.{near}'?" if near else ""
    return ""
