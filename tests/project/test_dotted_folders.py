"""Folders and files with a dot in their names: no target can say them, and the message names the way round."""

import pytest

from lighter.project.locating import locate
from lighter.project.target_not_found import TargetNotFound, nameable

FILES = {
    "1-1.First/net.py": "class Net: ...\n",
    "2. Second/deep/net.py": "class Net: ...\n",
    "a.b.py": "class Net: ...\n",
}


PARTED = "the dot in the folder's name would part the target: write 'project: {}/%s' and 'project.%s'"
COPY = "the dot in the name of 'a.b.py' would part the target: make a copy of it under a name without one"


@pytest.mark.parametrize(
    ("dotted", "hint"),
    [
        ("cats.1-1.First.net.Net", PARTED % ("1-1.First", "net.Net")),
        ("cats.2. Second.deep.net.Net", PARTED % ("2. Second", "deep.net.Net")),
        ("cats.a.b.Net", COPY),
        ("cats.1-2.Second.Net", ""),
    ],
)
def test_the_way_round_a_dot(make, dotted, hint):
    project = make("cats", FILES)
    with pytest.raises(TargetNotFound) as caught:
        locate(dotted, project)
    assert caught.value.hint == hint.format(project.root)


def test_a_folder_of_that_name_can_be_the_project(make):
    inner = make("1-1.First", {"net.py": "class Net: ...\n"})
    assert locate("project.net.Net", inner) is locate("1-1.First.net.Net", inner)


@pytest.mark.parametrize(
    ("path", "folder"),
    [
        ("a/1.b/c/net.py", "a/1.b"),
        ("1.a/2.b/net.py", "1.a/2.b"),
        ("a/1.b/my.net.py", ""),
        ("my.net.py", ""),
        ("a/net.py", ""),
    ],
)
def test_from_where_on_a_file_has_a_name(path, folder):
    assert nameable(path) == folder
