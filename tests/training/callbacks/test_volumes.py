"""A prediction as a NIfTI file that lies in space where its input lay."""

import warnings
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
import torch
from monai.data import MetaTensor

from lighter.errors import RunError
from lighter.training.callbacks.file_formats import check_places, save_nifti

AFFINE = torch.tensor([[0.5, 0, 0, 10], [0, 2, 0, 20], [0, 0, 3, -5], [0, 0, 0, 1]], dtype=torch.float64)
VOLUME = torch.arange(24).reshape(2, 3, 4)


def saved(path: Path, value: Any, input: Any = None) -> Any:
    save_nifti("mask", value, input, path)
    return nibabel.load(path)


def placed(value: torch.Tensor) -> MetaTensor:
    return MetaTensor(value, affine=AFFINE)


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
@pytest.mark.parametrize(
    ("value", "input"),
    [
        (placed(VOLUME[None]), None),
        (placed(VOLUME), placed(torch.zeros(1, 2, 3, 4))),
        (VOLUME, placed(torch.zeros(2, 2, 3, 4))),
        (VOLUME[None].numpy(), placed(torch.zeros(1, 2, 3, 4))),
    ],
)
def test_values_place_and_spacing_are_kept(tmp_path: Path, value: Any, input: Any, suffix: str) -> None:
    found = saved(tmp_path / f"a{suffix}", value, input)
    assert np.array_equal(np.asarray(found.dataobj), VOLUME.numpy())
    assert np.array_equal(found.affine, AFFINE.numpy())
    assert tuple(found.header.get_zooms()) == (0.5, 2, 3)


def test_several_channels_come_last(tmp_path: Path) -> None:
    found = saved(tmp_path / "a.nii", placed(torch.rand(5, 2, 3, 4)))
    assert found.shape == (2, 3, 4, 5)


def test_images_of_two_dimensions(tmp_path: Path) -> None:
    image = placed(torch.zeros(1, 3, 4))
    assert saved(tmp_path / "a.nii", torch.rand(2, 3, 4), image).shape[:2] == (3, 4)
    assert saved(tmp_path / "b.nii", torch.rand(3, 4), image).shape == (3, 4)


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        (VOLUME.bool(), np.uint8),
        (VOLUME.to(torch.uint8), np.uint8),
        (VOLUME, np.int16),
        (VOLUME * 100_000, np.int32),
        (VOLUME.half(), np.float32),
        (VOLUME.bfloat16(), np.float32),
        (VOLUME.double(), np.float32),
    ],
)
def test_numbers_have_a_type_that_every_reader_knows(tmp_path: Path, value: torch.Tensor, stored: type) -> None:
    found = saved(tmp_path / "a.nii", placed(value))
    assert found.get_data_dtype() == stored
    assert np.array_equal(np.asarray(found.dataobj), value.double().numpy())


def test_a_place_that_nobody_knows_is_told(tmp_path: Path) -> None:
    told = "neither 'mask' nor its input is a MONAI MetaTensor that has place and spacing"
    with pytest.warns(UserWarning, match=told):
        found = saved(tmp_path / "a.nii", VOLUME)
    assert np.array_equal(found.affine, np.eye(4))
    with pytest.warns(UserWarning, match=told):  # of another grid
        saved(tmp_path / "a.nii", VOLUME, placed(torch.zeros(1, 4, 6, 8)))


@pytest.mark.parametrize(
    ("value", "input"), [(torch.zeros(3), None), (VOLUME[None, None], None), (VOLUME, torch.zeros(1))]
)
def test_what_is_no_volume_is_told(tmp_path: Path, value: Any, input: Any) -> None:
    with pytest.raises(RunError, match=r"FileWriter: 'mask' has the shape .*, and a volume is \(channel, x, y, z\) or"):
        saved(tmp_path / "a.nii", value, input)


def test_a_batch_with_the_place_of_one_sample_is_refused() -> None:
    batch = placed(torch.zeros(2, 1, 2, 3, 4))
    with pytest.raises(RunError, match=r"'mask' is one of 2 samples, .*; load with monai\.data\.DataLoader, or"):
        check_places("mask", batch, None, 2)
    with pytest.raises(RunError, match="the place in space of only one"):
        check_places("mask", VOLUME, batch, 2)
    check_places("mask", batch, None, 1)
    check_places("mask", VOLUME, VOLUME, 2)
    batch.is_batch = True
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_places("mask", batch, None, 2)
