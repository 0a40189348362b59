"""The formats of a file with the prediction of one sample, read back."""

import importlib.util
import warnings
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
import torch
from monai.data import MetaTensor
from PIL import Image

from lighter.errors import RunError
from lighter.training.callbacks.file_formats import FORMATS, OneValue, check_places, file_format, save_nifti

WHOLE = torch.arange(24.0).reshape(2, 3, 4)


def saved(folder: Path, format: str, value: Any, name: str = "pred") -> Path:
    found, suffix = file_format(format, None)
    path = folder / f"a{suffix}"
    found.save(OneValue(name, value), path)
    return path


def test_tensors_are_saved_as_plain_tensors_without_the_rest_of_the_batch(tmp_path: Path) -> None:
    batch = torch.zeros(1000, 3, dtype=torch.bfloat16)
    value = {"a": [batch[0], (MetaTensor(WHOLE), WHOLE.numpy(), "x")], "b": WHOLE[0].requires_grad_()}
    path = saved(tmp_path, "pt", value)
    found = torch.load(path, weights_only=True)
    assert torch.equal(found["a"][0], batch[0])
    assert found["a"][0].dtype == torch.bfloat16
    assert type(found["a"][1][0]) is torch.Tensor
    assert [torch.equal(one, WHOLE) for one in found["a"][1][:2]] == [True, True]
    assert (found["a"][1][2], found["b"].requires_grad) == ("x", False)
    assert path.stat().st_size < 4000


@pytest.mark.parametrize("value", [WHOLE[0], WHOLE[0].numpy(), MetaTensor(WHOLE[0]), WHOLE[0].bfloat16()])
def test_arrays(tmp_path: Path, value: Any) -> None:
    assert np.array_equal(np.load(saved(tmp_path, "npy", value)), WHOLE[0].numpy())
    with np.load(saved(tmp_path, "npz", value)) as file:
        assert np.array_equal(file["pred"], WHOLE[0].numpy())


def test_nested_arrays_in_one_file(tmp_path: Path) -> None:
    with np.load(saved(tmp_path, "npz", {"logits": WHOLE, "more": [{"a": torch.tensor(3)}, (WHOLE[0],)]})) as file:
        assert {name: one.shape for name, one in file.items()} == {
            "logits": (2, 3, 4),
            "more_0_a": (),
            "more_1_0": (3, 4),
        }


@pytest.mark.parametrize(
    ("value", "mode", "pixels"),
    [
        (torch.tensor([[0, 255]], dtype=torch.uint8), "L", [[0, 255]]),
        (torch.tensor([[[0, 7]]]), "L", [[0, 7]]),
        (torch.tensor([[0, 300]]), "I;16", [[0, 300]]),
        (torch.tensor([[False, True]]), "L", [[0, 255]]),
        (torch.tensor([[0, 0.5, 1]]).half(), "L", [[0, 128, 255]]),
        (torch.tensor([0.0, 1, 1]).reshape(3, 1, 1), "RGB", [[[0, 255, 255]]]),
        (torch.tensor([0, 1, 2, 255]).reshape(4, 1, 1), "RGBA", [[[0, 1, 2, 255]]]),
        (torch.tensor([0, 1, 2]).reshape(1, 1, 3), "L", [[0, 1, 2]]),
        (np.zeros((5, 6, 3)), "RGB", np.zeros((5, 6, 3)).tolist()),
    ],
)
def test_images(tmp_path: Path, value: Any, mode: str, pixels: Any) -> None:
    with Image.open(saved(tmp_path, "png", value)) as image:
        assert (image.format, image.mode, np.asarray(image).tolist()) == ("PNG", mode, pixels)


@pytest.mark.parametrize(
    "value", [torch.tensor([[-0.1, 1]]), torch.tensor([[0, 70000]]), torch.zeros(3), torch.zeros(2, 5, 5), WHOLE[:1]]
)
def test_what_is_no_image_is_told(tmp_path: Path, value: Any) -> None:
    with pytest.raises(RunError, match=r"FileWriter: 'pred' is \w+ of shape .*, from .* to .*; an image is \(height,"):
        saved(tmp_path, "png", value)


@pytest.mark.parametrize("format", ["npy", "png", "nifti"])
@pytest.mark.parametrize("value", [{"a": WHOLE}, [WHOLE], None])
def test_a_value_of_several_parts_is_no_array(tmp_path: Path, format: str, value: Any) -> None:
    with pytest.raises(
        RunError, match=rf"FileWriter: 'pred' is .*, and a file of {format} holds an array; pick a part"
    ):
        saved(tmp_path, format, value)


def test_a_function_of_value_and_path(tmp_path: Path) -> None:
    found, suffix = file_format(torch.save, "obj")
    found.save(OneValue("pred", WHOLE), tmp_path / "a.obj")
    assert suffix == ".obj"
    assert torch.equal(torch.load(tmp_path / "a.obj"), WHOLE)
    assert not found.is_ours


@pytest.mark.parametrize(
    ("format", "suffix", "error", "told"),
    [
        ("pgn", None, ValueError, "FileWriter(format): there is no 'pgn'; did you mean 'png'?"),
        (3, None, TypeError, "FileWriter(format): a name or a function of value and path is wanted, not 3"),
        (
            torch.save,
            None,
            ValueError,
            "FileWriter(suffix): a function needs one for its files, such as suffix: .obj",
        ),
        ("nifti", ".gz", ValueError, "FileWriter(suffix): files of nifti end with .nii.gz or .nii, not '.gz'"),
    ],
)
def test_wrong_formats_are_refused(format: Any, suffix: Any, error: type[Exception], told: str) -> None:
    with pytest.raises(error) as found:
        file_format(format, suffix)
    assert str(found.value) == told


@pytest.mark.parametrize(("format", "extra"), [("png", "images"), ("nifti", "nifti")])
def test_a_format_without_its_package_says_what_to_install(
    format: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    package, real = FORMATS[format].package, importlib.util.find_spec

    def find(name: str) -> Any:
        return None if name == package else real(name)

    monkeypatch.setattr("importlib.util.find_spec", find)
    with pytest.raises(RunError, match=rf"write 'pip install lighter\[{extra}\]', or give another format"):
        file_format(format, None)


def test_nifti_may_be_without_compression() -> None:
    assert file_format("nifti", "nii")[1] == ".nii"


AFFINE = torch.tensor([[0.5, 0, 0, 10], [0, 2, 0, 20], [0, 0, 3, -5], [0, 0, 0, 1]], dtype=torch.float64)
VOLUME = torch.arange(24).reshape(2, 3, 4)


def volume(path: Path, value: Any, input: Any = None) -> Any:
    save_nifti(OneValue("mask", value, input), path)
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
    found = volume(tmp_path / f"a{suffix}", value, input)
    assert np.array_equal(np.asarray(found.dataobj), VOLUME.numpy())
    assert np.array_equal(found.affine, AFFINE.numpy())
    assert tuple(found.header.get_zooms()) == (0.5, 2, 3)


def test_several_channels_come_last(tmp_path: Path) -> None:
    found = volume(tmp_path / "a.nii", placed(torch.rand(5, 2, 3, 4)))
    assert found.shape == (2, 3, 4, 5)


def test_images_of_two_dimensions(tmp_path: Path) -> None:
    image = placed(torch.zeros(1, 3, 4))
    assert volume(tmp_path / "a.nii", torch.rand(2, 3, 4), image).shape[:2] == (3, 4)
    assert volume(tmp_path / "b.nii", torch.rand(3, 4), image).shape == (3, 4)


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
    found = volume(tmp_path / "a.nii", placed(value))
    assert found.get_data_dtype() == stored
    assert np.array_equal(np.asarray(found.dataobj), value.double().numpy())


def test_a_place_that_nobody_knows_is_told(tmp_path: Path) -> None:
    told = "neither 'mask' nor its input is a MONAI MetaTensor that has place and spacing"
    with pytest.warns(UserWarning, match=told):
        found = volume(tmp_path / "a.nii", VOLUME)
    assert np.array_equal(found.affine, np.eye(4))
    with pytest.warns(UserWarning, match=told):  # of another grid
        volume(tmp_path / "a.nii", VOLUME, placed(torch.zeros(1, 4, 6, 8)))


@pytest.mark.parametrize(
    ("value", "input"), [(torch.zeros(3), None), (VOLUME[None, None], None), (VOLUME, torch.zeros(1))]
)
def test_what_is_no_volume_is_told(tmp_path: Path, value: Any, input: Any) -> None:
    with pytest.raises(RunError, match=r"FileWriter: 'mask' has the shape .*, and a volume is \(channel, x, y, z\) or"):
        volume(tmp_path / "a.nii", value, input)


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
