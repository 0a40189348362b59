"""Names that scripts have for libraries, and what a config writes for them."""

import monai.losses  # noqa: F401  (what it imports adds a finder, which the tests here would miss afterwards)
import pytest

from lighter.project.short_names import full_name, within_torch


@pytest.mark.parametrize(
    ("dotted", "told"),
    [
        ("nn.Linear", "write 'torch.nn.Linear'"),
        ("nn.Liner", "did you mean 'torch.nn.Linear'?"),
        ("F.relu", "write 'torch.nn.functional.relu'"),
        ("optim.Adam", "write 'torch.optim.Adam'"),
        ("optim.lr_scheduler.StepLR", "write 'torch.optim.lr_scheduler.StepLR'"),
        ("pl.Trainer", "write 'pytorch_lightning.Trainer'"),
        ("L.Trainer", "write 'pytorch_lightning.Trainer'"),
        ("lightning.pytorch.callbacks.EarlyStopping", "write 'pytorch_lightning.callbacks.EarlyStopping'"),
        ("np.array", "write 'numpy.array'"),
        ("callbacks.EarlyStopping", "write 'pytorch_lightning.callbacks.EarlyStopping'"),
        ("callbacks.FileWriter", "write 'lighter.callbacks.FileWriter'"),
        ("data.DataLoader", "write 'torch.utils.data.DataLoader'"),
        ("utils.data.DataLoader", "write 'torch.utils.data.DataLoader'"),
        ("metrics.Accuracy", "write 'torchmetrics.Accuracy'"),
        ("losses.DiceLoss", "write 'monai.losses.DiceLoss'"),
        ("smp.Unet", "write 'segmentation_models_pytorch.Unet'"),
        ("pd", "it is short for 'pandas': name what is in it"),
        # A folder of anybody's may have these names, and what is named is in no library.
        ("losses.MyLoss", ""),
        ("data.MyData", ""),
        ("data", ""),
        ("digitnet.Net", ""),
    ],
)
def test_what_is_written_for_it(dotted: str, told: str) -> None:
    assert full_name(dotted) == told


@pytest.mark.parametrize(
    ("dotted", "told"),
    [
        ("torch.AdamW", "write 'torch.optim.AdamW'"),
        ("torch.Linear", "write 'torch.nn.Linear'"),
        ("torch.CrossEntropyLoss", "write 'torch.nn.CrossEntropyLoss'"),
        ("torch.StepLR", "write 'torch.optim.lr_scheduler.StepLR'"),
        ("torch.addvv", ""),
        ("torch", ""),
        ("lab.Linear", ""),
    ],
)
def test_a_class_of_torch_is_found_a_module_deeper(dotted: str, told: str) -> None:
    assert within_torch(dotted) == told
