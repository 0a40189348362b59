import os

import lighter.cli.adopting.folders as module
from lighter.cli.adopting.folders import BEYOND, NAMELESS, OUTSIDE, python_files


def found(folder):
    return python_files(os.path.realpath(folder))


def test_files_nearest_to_the_root_come_first(make):
    files = found(make("a", {"b/c/d.py": "", "b/e.py": "", "z.py": "", "README.md": "", "n.ipynb": "{}"}))
    assert files.python == ["z.py", "b/e.py", "b/c/d.py"]
    assert (files.passed_over, files.notebooks) == ({}, 1)


def test_what_nobody_wrote_there_is_not_looked_at(make):
    skipped = [".git", ".venv", "venv", "build", "node_modules", "x/site-packages", "__pycache__", "a.egg-info"]
    folder = make("a", {**{f"{name}/b.py": "" for name in skipped}, "mine/pyvenv.cfg": "", "mine/b.py": "", "c.py": ""})
    assert found(folder).python == ["c.py"]


def test_links_that_lead_out_are_passed_over_and_those_within_are_read_once(make):
    out, folder = make("out", {"secret.py": ""}), make("a", {"b/c.py": ""})
    (folder / "out.py").symlink_to(out / "secret.py")
    (folder / "outside").symlink_to(out)
    (folder / "again").symlink_to(folder / "b")
    (folder / "round").symlink_to(folder / "round")
    (folder / "same.py").symlink_to(folder / "b" / "c.py")
    files = found(folder)
    assert files.python == ["same.py", "b/c.py"]
    assert files.passed_over == {"out.py": OUTSIDE, "outside": OUTSIDE}


def test_a_path_that_no_dotted_name_can_say_is_passed_over(make):
    files = found(make("a", {"v1.0/net.py": "", "my.net.py": "", "my net.py": "", "my-net.py": ""}))
    assert files.python == ["my net.py", "my-net.py"]
    assert files.passed_over == {"my.net.py": NAMELESS, "v1.0/net.py": NAMELESS}


def test_there_is_an_end_to_it(make, monkeypatch):
    monkeypatch.setattr(module, "MOST_FILES", 3)
    files = found(make("a", {f"{n}.py": "" for n in range(5)}))
    assert (len(files.python), list(files.passed_over.values())) == (3, [BEYOND, BEYOND])
    monkeypatch.setattr(module, "MOST_ENTRIES", 2)
    assert found(make("b", {"x/1.py": "", "y/1.py": "", "z/1.py": ""})).python == []


def test_a_folder_that_is_gone_holds_nothing(tmp_path):
    assert python_files(str(tmp_path / "gone")).python == []
