"""Volumes to learn from: pairs of NIfTI files in a folder, and noisy ones that are made here."""

import os
import shutil
from pathlib import Path

import nibabel as nib
import numpy as np
from numpy.typing import NDArray

__all__ = ["cases", "images", "made"]

VOXEL = np.array([1.0, 1.0, 1.6])  # millimetres
BRIGHTNESS = np.array([0.0, 100.0, 200.0])  # of background and the two classes
NOISE = 80.0


def cases(folder: str) -> list[dict[str, str]]:
    """What can be learned from: each file of `images/` that has a label of the same name in `labels/`."""
    labels = {case["name"]: case["image"] for case in images(f"{folder}/labels")}
    found = [{**case, "label": labels[case["name"]]} for case in images(f"{folder}/images") if case["name"] in labels]
    if not found:
        raise FileNotFoundError(f"'{folder}' has no pair such as images/case.nii.gz and labels/case.nii.gz")
    return found


def images(folder: str) -> list[dict[str, str]]:
    """The NIfTI files right in a folder, each with its name, the file's without suffix; no hidden ones."""
    found = [
        {"name": path.name.removesuffix(".gz").removesuffix(".nii"), "image": str(path)}
        for path in sorted(Path(folder).glob("[!.]*"))
        if path.name.endswith((".nii.gz", ".nii"))
    ]
    if not found:
        raise FileNotFoundError(f"'{folder}' has no file that ends with .nii.gz or .nii")
    return found


def made(folder: str | None = None, count: int = 20, size: tuple[int, int, int] = (64, 64, 40), seed: int = 0) -> str:
    """A folder of volumes with blobs of two classes, made if it is not there; by default below `data/`, here."""
    parent = Path(folder) if folder else Path(__file__).parent / "data"
    path = parent / f"{count}_blobs_{'x'.join(map(str, size))}_seed_{seed}"
    if not path.is_dir():
        # Under another name until all is there, because other processes look for it too.
        unfinished = path.with_name(f".{path.name}.{os.getpid()}")
        for index in range(count):
            image, label = blobs(np.random.default_rng([seed, index]), size)
            save(image, unfinished / "images" / f"blobs_{index:02}.nii.gz")
            save(label, unfinished / "labels" / f"blobs_{index:02}.nii.gz")
        try:
            unfinished.rename(path)
        except OSError:  # another process was faster
            shutil.rmtree(unfinished)
    return str(path)


def blobs(random: np.random.Generator, size: tuple[int, int, int]) -> tuple[NDArray[np.int16], NDArray[np.uint8]]:
    """An image of ellipsoids in a slope of brightness, under noise, and the class of each voxel: 0, 1 or 2."""
    extent = np.array(size) * VOXEL
    points = np.moveaxis(np.indices(size), 0, -1) * VOXEL
    label = np.zeros(size, np.uint8)
    for number in (1, 2, 1, 2, 1, 2):
        centre, radii = random.uniform(0.15, 0.85, 3) * extent, random.uniform(0.08, 0.16, 3) * extent
        label[(((points - centre) / radii) ** 2).sum(-1) < 1] = number
    slope = points @ random.uniform(-1, 1, 3) / extent.max() * 50
    image = BRIGHTNESS[label] + slope + random.normal(0, NOISE, size)
    return image.astype(np.int16), label


def save(volume: NDArray[np.generic], path: Path) -> None:
    """Writes a volume as scanners do: the first two axes run to the left and to the back of the patient."""
    affine = np.diag([*(VOXEL * [-1, -1, 1]), 1])
    affine[:3, 3] = [30, 30, -20]
    path.parent.mkdir(parents=True, exist_ok=True)
    nib.save(nib.Nifti1Image(volume, affine), path)
