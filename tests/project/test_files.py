"""Which files of a project are modules, and that nothing else is read."""

import os
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lighter.project.files import (
    Found,
    NotPythonText,
    find,
    find_below,
    find_root,
    holds_code,
    is_segment,
    leads,
    modules,
    plain_text,
    read,
    refusal,
    text_of,
)
from lighter.project.project import Project

Make = Callable[[str, dict[str, str | bytes]], Project]


def test_a_package_comes_before_a_file_and_a_file_before_a_folder(make: Make) -> None:
    project = make("net", {"a/__init__.py": "", "a.py": "", "b/x.py": "", "b.py": "", "c/x.py": ""})
    root = str(project.root)
    assert find(project, root, "a") == Found(f"{root}/a/__init__.py", f"{root}/a")
    assert find(project, root, "b") == Found(f"{root}/b.py", None)
    assert find(project, root, "c") == Found(None, f"{root}/c")
    assert find(project, root, "d") is None
    assert find_root(project) == Found(None, root)
    assert list(modules(project, root)) == ["a", "b", "c"]
    make("net", {"__pycache__/a.pyc": b"", "notes.txt": "", "__init__.py": ""})
    assert list(modules(project, root)) == ["a", "b", "c"]
    assert modules(project, f"{root}/nowhere") == {}


def test_names_are_as_they_are_spelled_where_the_file_system_ignores_case(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make("net", {"Unet.py": "", "Parts/x.py": "", "both/x.py": "", "Both.py": ""})
    root, real = str(project.root), os.stat

    def stat(path: str | int, **options: bool) -> os.stat_result:
        folder = Path(str(path)).parent
        if isinstance(path, int) or not os.path.lexists(folder):
            return real(path, **options)
        names = [entry.name for entry in folder.iterdir() if entry.name.lower() == Path(path).name.lower()]
        return real(path if Path(path).name in names or not names else folder / names[0], **options)

    monkeypatch.setattr(os, "stat", stat)
    assert Path(f"{root}/unet.py").exists()
    assert find(project, root, "Unet") == Found(f"{root}/Unet.py", None)
    assert find(project, root, "Parts") == Found(None, f"{root}/Parts")
    assert find(project, root, "Both") == Found(f"{root}/Both.py", None)
    assert find(project, root, "both") == Found(None, f"{root}/both")
    assert [find(project, root, name) for name in ("unet", "UNET", "parts", "BOTH")] == [None] * 4


def test_what_a_dotted_name_means(make: Make) -> None:
    project = make("shop", {"net.py": "", "lib/deep/net.py": "", "lib/deep/__init__.py": ""})
    root = str(project.root)
    assert find_below(project, root, ["lib", "deep", "net"]) == Found(f"{root}/lib/deep/net.py", None)
    assert find_below(project, root, ["lib", "deep"]) == Found(f"{root}/lib/deep/__init__.py", f"{root}/lib/deep")
    assert find_below(project, root, ["lib"]) == Found(None, f"{root}/lib")
    assert find_below(project, root, ["net", "deep"]) is None


def test_a_folder_leads_to_code_or_to_nothing(make: Make) -> None:
    files: dict[str, str | bytes] = {"models/deep/net.py": "", "wandb/run-1/files/a.py": "", "data/raw/x.txt": ""}
    project = make("net", {**files, "pack/__init__.py": ""})
    root = str(project.root)
    assert {name: holds_code(f"{root}/{name}") for name in ("models", "models/deep", "wandb", "data", "nowhere")} == {
        "models": True,
        "models/deep": True,
        "wandb": False,
        "data": False,
        "nowhere": False,
    }
    for names in ("models", "models.deep", "models.deep.net", "pack"):
        assert leads(project, root, names.split("."))
    for names in ("wandb", "data", "models.net", "models.deep.net.x", "pack.x", "nowhere", "..", ""):
        assert not leads(project, root, names.split("."))


@given(st.text())
def test_a_segment_is_never_a_path(name: str) -> None:
    if is_segment(name):
        assert os.path.split(name) == ("", name)
        assert "." not in name
        assert "\0" not in name


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "/etc", "a\\b", "C:", "a\0", "a\nb", "\ud800"])
def test_a_path_is_never_a_segment(make: Make, name: str) -> None:
    project = make("net", {"a/b.py": ""})
    assert not is_segment(name)
    assert find(project, str(project.root), name) is None


def test_links_inside_are_followed_and_links_out_refused(make: Make, tmp_path: Path) -> None:
    outside = make("outside", {"secret.py": "", "folder/__init__.py": "", "text.txt": ""}).root
    project = make("net", {"models/net.py": "", "half/x.py": ""})
    root = project.root
    links: dict[str, str | Path] = {
        "inner.py": "models/net.py",
        "folder_link": "models",
        "file.py": outside / "secret.py",
        "folder": outside / "folder",
        "up": "..",
        "half/__init__.py": outside / "secret.py",
        "dangling.py": "nowhere.py",
        "loop.py": "loop.py",
        "text.py": "notes.txt",
        "beside": tmp_path / "net-too",
    }
    (root / "notes.txt").touch()
    (tmp_path / "net-too").mkdir()
    for name, target in links.items():
        (root / name).symlink_to(target)

    assert find(project, str(root), "inner") == Found(f"{root}/inner.py", None)
    assert find(project, str(root), "folder_link") == Found(None, f"{root}/folder_link")
    assert list(modules(project, str(root))) == ["folder_link", "inner", "models"]
    assert refusal(project, str(root), "file") == f"{root}/file.py leads out of the project, to {outside}/secret.py"
    assert refusal(project, str(root), "folder") == f"{root}/folder leads out of the project, to {outside}/folder"
    assert refusal(project, str(root), "half").startswith(f"{root}/half/__init__.py leads out of the project")
    assert refusal(project, str(root), "text") == f"{root}/text.py is not a .py file"
    assert refusal(project, str(root), "absent") == ""


def test_what_is_no_regular_file_is_no_module(make: Make) -> None:
    project = make("net", {"folder.py/x.py": "", "init/__init__.py/x": ""})
    root = project.root
    os.mkfifo(root / "pipe.py")
    assert modules(project, str(root)) == {}
    assert refusal(project, str(root), "pipe") == f"{root}/pipe.py is not a .py file"
    assert refusal(project, str(root), "folder") == f"{root}/folder.py is not a .py file"


@pytest.mark.parametrize(
    "path", ["x.so", "x.cpython-311-x86_64-linux-gnu.so", "x.pyd", "x.pyc", "x.zip", "__pycache__/x.cpython-311.pyc"]
)
def test_compiled_files_are_no_modules(make: Make, path: str) -> None:
    project = make("net", {path: b"\0"})
    assert find(project, str(project.root), "x") is None
    said = refusal(project, str(project.root), "x")
    assert said == f"there is only {Path(path).name}, and of a project only .py files are loaded"


def test_a_file_is_read_as_it_is(make: Make) -> None:
    texts = {
        "a.py": "x = 'ä'".encode(),
        "b.py": "# coding: latin-1\nx = 'ä'".encode("latin-1"),
        "c.py": b"\xef\xbb\xbfx = 1\r\n",
    }
    project = make("net", dict(texts))
    assert {name: read(project, f"{project.root}/{name}") for name in texts} == texts


NO_TEXT = "the encoding that the file declares is none of text"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"x = 1\n\n'\0'", "line 3 holds a NUL character"),
        ("x = 1".encode("utf-16"), "line 1 holds a NUL character"),
        (b"\x7fELF\x00", "line 1 holds a NUL character"),
        (b"\x89PNG\r\n", "line 1 is not UTF-8, nor of an encoding that the file declares"),
        (b"x = 1\ny = '\xe4'", "line 2 is not UTF-8, nor of an encoding that the file declares"),
        (b"# coding: klingon\nx = '\xe4'", "line 2 is not UTF-8, nor of an encoding that the file declares"),
        (b"# coding: ascii\nx = '\xe4'", "line 2 is not UTF-8, nor of an encoding that the file declares"),
        *((b"# coding: %b\nx = 1" % name, NO_TEXT) for name in (b"hex", b"rot13", b"zlib", b"undefined", b"klingon")),
    ],
)
def test_what_is_no_text_is_refused(make: Make, data: bytes, why: str) -> None:
    project = make("net", {"a.py": data})
    with pytest.raises(NotPythonText) as raised:
        read(project, f"{project.root}/a.py")
    assert (raised.value.path, raised.value.why) == (f"{project.root}/a.py", why)
    assert str(raised.value) == f"{project.root}/a.py is not Python text: {why}"
    assert str(pickle.loads(pickle.dumps(raised.value))) == str(raised.value)


def test_what_is_too_large_to_be_code_is_refused(make: Make) -> None:
    project = make("net", {"a.py": "x = 1"})
    with (project.root / "a.py").open("ab") as file:
        file.truncate(3 * 2**30)  # a hole, which takes no room on the disk
    with pytest.raises(NotPythonText, match="it is larger than 16 MiB"):
        read(project, f"{project.root}/a.py")
    assert text_of(project, f"{project.root}/a.py") == b""


def test_the_beginning_of_a_plain_file(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "notes").write_bytes(b"abc\xff")
    (tmp_path / "way").symlink_to("real")
    (tmp_path / "link").symlink_to("real/notes")
    os.mkfifo(tmp_path / "pipe")
    assert plain_text(str(tmp_path / "way" / "notes")) == "abc\ufffd"
    assert plain_text(str(tmp_path / "real" / "notes"), 2) == "ab"
    for name in ("link", "pipe", "real", "nothing", "a\0"):
        assert plain_text(str(tmp_path / name)) == ""


def test_a_file_swapped_for_a_link_after_it_was_found_is_not_read(make: Make) -> None:
    outside = make("outside", {"secret.py": "secret"}).root
    project = make("net", {"a.py": "", "models/b.py": ""})
    for name in ("a", "models"):
        assert find(project, str(project.root), name)
    (project.root / "a.py").unlink()
    (project.root / "a.py").symlink_to(outside / "secret.py")
    (project.root / "models" / "b.py").unlink()
    os.mkfifo(project.root / "models" / "b.py")
    for path in ("a.py", "models/b.py"):
        with pytest.raises(ImportError, match="leads out of the project"):
            read(project, f"{project.root}/{path}")


def test_a_link_that_leads_back_in_while_it_is_checked_does_not_help(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = make("outside", {"secret.py": "secret"}).root
    project = make("net", {"a.py": "inside"})
    path = project.root / "a.py"
    real = os.fstat

    def swap_back(descriptor: int) -> os.stat_result:
        path.unlink()
        path.write_text("inside")
        return real(descriptor)

    path.unlink()
    path.symlink_to(outside / "secret.py")
    monkeypatch.setattr(os, "fstat", swap_back)
    with pytest.raises(ImportError, match="leads out of the project"):
        read(project, str(path))
