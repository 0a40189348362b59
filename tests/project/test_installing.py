import sys

import pytest
import torch

from lighter.project.installing import installing, version_of


@pytest.mark.parametrize(
    ("module", "command"),
    [
        ("einops.layers.torch", "pip install einops"),
        ("cv2", "pip install opencv-python"),
        ("sklearn.metrics", "pip install scikit-learn"),
        ("skimage", "pip install scikit-image"),
        ("PIL.Image", "pip install pillow"),
        ("yaml", "pip install pyyaml"),
        ("pkg_resources", 'pip install "setuptools<81"'),
        ("apex.amp", "pip install git+https://github.com/NVIDIA/apex.git"),
    ],
)
def test_how_a_module_is_installed(module, command):
    assert installing(module) == command


def test_which_version_is_there():
    assert version_of("torch.nn") == f"torch {torch.__version__.partition('+')[0]}"
    assert version_of("yaml").startswith("yaml 6")
    assert version_of("collections.abc") == f"Python {sys.version_info.major}.{sys.version_info.minor}"
    assert version_of("no_such_package") == ""
