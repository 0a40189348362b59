"""The formats of a file with the prediction of one sample, read back."""

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from monai.data import MetaTensor
from PIL import Image

from lighter.errors import RunError
from lighter.training.callbacks.file_formats import FORMATS, OneValue, file_format

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
