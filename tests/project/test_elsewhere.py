"""Why a module or folder of a project does not give a name that stands somewhere in the project's text."""

import pytest

from lighter.project.locating import locate
from lighter.project.target_not_found import TargetNotFound

FILES = {
    ".gitmodules": "[submodule]\n path = extern/lion\n",
    "net.py": "__all__ = ['Ghost']\nclass Net:\n    class Inner: ...\ndef build():\n    class Made: ...\n"
    "if __name__ == '__main__':\n    class Late: ...\n",
    "other/deep.py": "class Elsewhere: ...\nclass Twice: ...\n",
    "other/again.py": "class Twice: ...\n",
    "models/net.py": "class Model: ...\n",
    "extern/__init__.py": "",
    "broken/late.py": "1 / 0\n",
}


@pytest.fixture
def project(make, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    project = make("cats", FILES)
    (project.root / "hollow").mkdir()
    return project


LION = "the git submodule 'extern/lion' is empty: run 'git submodule update --init extern/lion' in 'cats'"
HOLLOW = (
    "the folder 'cats/hollow' is empty; if it is a git submodule, run 'git submodule update --init hollow' in 'cats'"
)
MADE = (
    "it is made inside the function 'build' when that is called: "
    "move it to the top level of the file, or name 'cats.net.build'"
)


@pytest.mark.parametrize(
    ("dotted", "hint", "line"),
    [
        ("cats.net.Ghost", "'__all__' lists it, and nothing defines it", 1),
        ("cats.net.Inner", "did you mean 'cats.net.Net.Inner'?", 3),
        ("cats.net.Made", MADE, 5),
        (
            "cats.net.Late",
            "it is there only where the file runs as a script: move it out of 'if __name__ == \"__main__\":'",
            7,
        ),
        ("cats.net.Elsewhere", "did you mean 'cats.other.deep.Elsewhere'?", None),
        ("cats.net.Twice", "the project has it as 'cats.other.again.Twice', 'cats.other.deep.Twice'", None),
        ("cats.Elsewhere", "did you mean 'cats.other.deep.Elsewhere'?", None),
        ("cats.deep.Elsewhere", "did you mean 'cats.other.deep.Elsewhere'?", None),
        ("cats.deep.Nothing", "did you mean 'cats.other.deep.Nothing'?", None),
        ("cats.modles.Model", "", None),
        ("cats.extern.lion.Mane", LION, None),
        ("cats.hollow.Net", HOLLOW, None),
        ("cats.net.zzz", "", None),
        ("deep.Elsewhere", "the project has it: write 'cats.other.deep.Elsewhere'", None),
    ],
)
def test_what_is_told(project, dotted, hint, line):
    with pytest.raises(TargetNotFound) as raised:
        locate(dotted, project)
    assert raised.value.hint == hint
    assert raised.value.at == (line and (str(project.root / "net.py"), line))
    if line:
        assert str(raised.value).endswith(f"net.py:{line})")


def test_the_project_s_own_folder_is_empty(make, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    empty = "the folder 'repo/lion' is empty; if it is a git submodule, "
    for dotted in ("lion.Net", "lion.models.Net"):
        with pytest.raises(TargetNotFound) as raised:
            locate(dotted, make("repo/lion", {}))
        assert raised.value.hint == empty + "run 'git submodule update --init lion' in 'repo'"
    make("repo", {".gitmodules": "path = lion"})
    with pytest.raises(TargetNotFound, match="run 'git submodule update --init lion' in 'repo'"):
        locate("lion.Net", make("repo/lion", {}))


def test_no_file_is_run_for_it(project):
    with pytest.raises(TargetNotFound):
        locate("cats.late", project)
