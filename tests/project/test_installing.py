import sys

import pytest
import torch

from lighter.project.installing import _PACKAGES, _SAME, how_to_install, installing, version_of
from lighter.project.short_names import ALIASES


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
        ("ignite.engine", "pip install pytorch-ignite"),
        ("hydra", "pip install hydra-core"),
        ("apex.amp", "pip install git+https://github.com/NVIDIA/apex.git"),
    ],
)
def test_how_a_module_is_installed(module, command):
    assert installing(module) == command


@pytest.mark.parametrize(
    "module", ["nn", "pl", "digitnet", "scripts", "model", "models", "utils", "datasets", "data", "src", "config"]
)
def test_of_a_name_that_may_be_a_stranger_s_there_is_no_command(module):
    assert installing(module) == ""
    told = how_to_install(module)
    assert told == "install it as its own documentation says; for code of your own write 'project: path/to/its/folder'"


def test_no_name_is_in_both_tables():
    assert not _SAME & _PACKAGES.keys()
    assert (_SAME | _PACKAGES.keys()) & ALIASES.keys() == {"lightning"}  # told where it is not installed


def test_which_version_is_there():
    assert version_of("torch.nn") == f"torch {torch.__version__.partition('+')[0]}"
    assert version_of("yaml").startswith("yaml 6")
    assert version_of("collections.abc") == f"Python {sys.version_info.major}.{sys.version_info.minor}"
    assert version_of("no_such_package") == ""
