"""What is known of libraries."""

import pytest

from lighter.project.libraries import BUILTINS_OF_2, is_importable, moved


def test_whether_a_module_is_there():
    assert is_importable("torch")
    assert is_importable("this")
    assert not is_importable("no_such_package")
    assert not is_importable("")


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
