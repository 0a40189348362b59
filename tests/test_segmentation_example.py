"""The example with MONAI: from files in space, through patches and windows, to files at the same place."""

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import nibabel as nib
import numpy as np
import pytest
import torch
from monai.data import DataLoader, Dataset, MetaTensor
from PIL import Image

from lighter import Config, Runner
from lighter.utils.dynamic_imports import import_module_from_path

PROJECT = Path(__file__).parents[1] / "projects" / "segmentation"
CONFIG = PROJECT / "config.yaml"
SIZE = (30, 24, 18)

# One batch of small patches for a small network.
SMALL = [
    "vars::patch=[16,16,16]",
    "system::model::channels=[4,8]",
    "system::model::strides=[2]",
    "system::inferer::overlap=0",
    "trainer::max_epochs=1",
    "trainer::limit_train_batches=1",
    "trainer::accelerator=cpu",
    "trainer::enable_progress_bar=false",
    "trainer::enable_model_summary=false",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five pairs of volumes."""
    return Path(part("volumes").made(str(tmp_path_factory.mktemp("data")), 5, SIZE))


@pytest.fixture(scope="module")
def run(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What fit, test and predict came to."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("run"))
        runner = Runner(CONFIG, f"vars::data={folder}", *SMALL)
        yield {"fit": runner.fit(), "test": runner.test("best"), "predict": runner.predict("best")}


def test_it_trains_on_patches_and_goes_by_the_dice_of_whole_volumes(run: dict[str, Any]) -> None:
    assert {"train/loss/epoch", "val/loss/epoch", "val/metrics/dice/epoch"} <= run["fit"].metrics.keys()
    assert {"best", "last"} == run["fit"].checkpoints.keys()


def test_it_tells_the_dice_of_each_class(run: dict[str, Any]) -> None:
    found = run["test"].metrics
    each = [found[f"test/metrics/dice_of/label_{number}/epoch"] for number in (1, 2)]
    assert found["test/metrics/dice/epoch"] == pytest.approx(sum(each) / 2)


def test_predictions_lie_where_their_images_lie(run: dict[str, Any], folder: Path) -> None:
    (path,) = run["predict"].run.path.glob("predictions/*.nii.gz")
    predicted, image = (nib.Nifti1Image.from_filename(file) for file in (path, folder / "images" / path.name))
    assert predicted.shape == image.shape == SIZE
    assert np.allclose(predicted.affine, image.affine)
    assert predicted.get_data_dtype() == np.uint8
    assert set(np.unique(predicted.dataobj)) <= {0, 1, 2}


def test_a_slice_is_drawn_of_each_prediction(run: dict[str, Any]) -> None:
    drawn = {path.stem for path in run["predict"].run.path.glob("predictions/overlays/*.png")}
    assert drawn == {path.name.removesuffix(".nii.gz") for path in run["predict"].run.path.glob("predictions/*.nii.gz")}


def test_what_is_predicted_needs_no_labels(folder: Path, tmp_path: Path) -> None:
    unseen = f"vars::predicted={{_target_: segmentation.volumes.images, folder: {folder}/images}}"
    done = Runner(CONFIG, unseen, "system::dataloaders::predict::batch_size=2", *SMALL, run_dir=str(tmp_path)).predict()
    assert len(list(done.run.path.glob("predictions/*.nii.gz"))) == 5


def test_the_way_through_the_transforms_is_gone_back_to_the_voxel(folder: Path) -> None:
    # With the file's own spacing no voxel is lost; what is undone is the turn from one orientation to another.
    config = Config.load(CONFIG, f"vars::data={folder}", "vars::spacing=[1,1,1.6]")
    load = config.resolve("vars::load")
    back = config.resolve("trainer::callbacks::1::values::classes::transforms")
    case = part("volumes").cases(str(folder))[0]
    (batch,) = DataLoader(Dataset([case], lambda case: apply(load, case)), batch_size=1)
    scores = torch.nn.functional.one_hot(batch["label"][:, 0].long(), 3).movedim(-1, 1).float()
    (found,) = back(MetaTensor(scores).copy_meta_from(batch["image"]))
    label = voxels(case["label"])
    assert np.array_equal(found.numpy(), label)
    assert not np.array_equal(batch["label"][0, 0].numpy(), label)


def test_the_volumes_are_made_once_and_always_the_same(tmp_path: Path) -> None:
    made = part("volumes").made
    first, second = Path(made(str(tmp_path / "a"), 2, SIZE)), Path(made(str(tmp_path / "b"), 2, SIZE))
    names = {path.relative_to(first) for path in first.rglob("*.nii.gz")}
    assert len(names) == 4
    for name in names:
        assert np.array_equal(voxels(first / name), voxels(second / name))
    marked = next(first.rglob("*.nii.gz"))
    marked.write_bytes(b"")
    assert (made(str(tmp_path / "a"), 2, SIZE), marked.read_bytes()) == (str(first), b"")
    other = Path(made(str(tmp_path / "a"), 2, SIZE, seed=1)) / "labels" / "blobs_00.nii.gz"
    assert not np.array_equal(voxels(other), voxels(second / "labels" / other.name))
    assert {path.name for path in first.parent.iterdir() if path.name.startswith(".")} == set()


def test_each_volume_has_both_classes(folder: Path) -> None:
    for case in part("volumes").cases(str(folder)):
        assert set(np.unique(voxels(case["label"]))) == {0, 1, 2}


def test_pairs_are_found_by_name(tmp_path: Path) -> None:
    for name in ("images/b.nii.gz", "images/a.nii", "images/alone.nii", "images/._a.nii", "images/notes.txt"):
        write(tmp_path / name)
    for name in ("labels/a.nii.gz", "labels/b.nii.gz", "labels/._a.nii"):
        write(tmp_path / name)
    found = part("volumes").cases(str(tmp_path))
    assert [(case["name"], Path(case["image"]).name, Path(case["label"]).name) for case in found] == [
        ("a", "a.nii", "a.nii.gz"),
        ("b", "b.nii.gz", "b.nii.gz"),
    ]


def test_a_folder_without_a_pair_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "images" / "a.nii")
    write(tmp_path / "labels" / "b.nii")
    with pytest.raises(FileNotFoundError, match=r"has no pair such as images/case.nii.gz and labels/case.nii.gz"):
        part("volumes").cases(str(tmp_path))
    with pytest.raises(FileNotFoundError, match="no_such_folder/labels' has no file that ends with"):
        part("volumes").cases(str(tmp_path / "no_such_folder"))


def test_a_slice_is_grey_but_for_the_classes() -> None:
    image, classes = torch.rand(8, 6, 5), torch.zeros(8, 6, 5)
    classes[0, 0] = 1
    drawn = np.asarray(part("overlays").overlaid(image, classes, 1.0).resize((8, 6), Image.Resampling.NEAREST))
    is_grey = (drawn == drawn[..., :1]).all(-1)
    assert list(np.argwhere(~is_grey).tolist()) == [[5, 0]]  # y upwards
    assert drawn[5, 0].tolist() == part("overlays").COLOURS[0].tolist()


def part(name: str) -> ModuleType:
    return import_module_from_path(f"segmentation.{name}", str(PROJECT))


def apply(transforms: list[Any], case: Any) -> Any:
    for transform in transforms:
        case = transform(case)
    return case


def voxels(path: Path | str) -> Any:
    return np.asarray(nib.Nifti1Image.from_filename(path).dataobj)


def write(path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    path.touch()
