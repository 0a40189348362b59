"""What is wrong with the path of a folder."""

import pytest

from lighter.config.imports import folder_problem
from lighter.config.loading import load_mapping


@pytest.mark.parametrize(
    ("value", "what", "help"),
    [
        ("there", None, ""),
        (5, "'a::path' takes the path of a folder", "write 'path: path/to/folder'"),
        ("@b", "'a::path' takes the path of a folder", "write 'path: path/to/folder'"),
        ("file.txt", "'file.txt' is no folder", "name the folder that holds the code"),
        ("thre", "there is no folder 'thre'", "did you mean 'there'?"),
        ("x/y", "there is no folder 'x/y'", "there is no 'x' either; the path starts from the folder of its file"),
        ("qqqqqqq", "there is no folder 'qqqqqqq'", "'.' holds there"),
        ("there/x", "there is no folder 'there/x'", "'there' holds no folder"),
        ("a\0b", "there is no folder 'a\0b'", "'.' holds there"),
    ],
)
def test_what_is_wrong(value, what, help, write):
    write("there/x.txt", "")
    write("file.txt", "")
    node = load_mapping({"path": value}).entries["path"].value
    problem = folder_problem(node, ("a", "path"), "the code")
    assert (problem and (problem.what, problem.help)) == (what and (what, help))
