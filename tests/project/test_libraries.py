"""What is known of libraries."""

import sys

import pytest
import torch

from lighter.project.libraries import BUILTINS_OF_2, installing, is_importable, moved, version_of


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


def test_whether_a_module_is_there():
    assert is_importable("torch")
    assert is_importable("this")
    assert not is_importable("no_such_package")
    assert not is_importable("")


def test_which_version_is_there():
    assert version_of("torch.nn") == f"torch {torch.__version__.partition('+')[0]}"
    assert version_of("yaml").startswith("yaml 6")
    assert version_of("collections.abc") == f"Python {sys.version_info.major}.{sys.version_info.minor}"
    assert version_of("no_such_package") == ""


@pytest.mark.parametrize(
    ("dotted", "part"),
    [
        ("torch._six", "PyTorch 2.0"),
        ("torch._six.string_classes", "PyTorch 2.0"),
        ("torchvision.models.utils.load_state_dict_from_url", "torch.hub"),
        ("collections.Mapping", "collections.abc"),
        ("cPickle", "'pickle'"),
    ],
)
def test_what_has_become_of_a_name(dotted, part):
    assert part in moved(dotted)


def test_of_most_names_nothing_is_known():
    assert moved("torch.nn.Linear") == ""
    assert (BUILTINS_OF_2["xrange"], "len" in BUILTINS_OF_2) == ("range", False)
