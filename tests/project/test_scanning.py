"""What is read, listed and asked about when a target is resolved: nothing that is not needed."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lighter.project.locating import locate
from lighter.project.project import Project
from lighter.project.target_not_found import TargetNotFound

Make = Callable[[str, dict[str, str | bytes]], Project]
Heard = list[tuple[str, str]]

FILES: dict[str, str | bytes] = {
    "models/net.py": "import tools\nfrom .layers import Block\nclass Net(Block): pass\n",
    "models/layers.py": "class Block: pass\nclass UNet3D: pass\n",
    "models/loss.py": "class Loss: pass\n",
    "tools.py": "",
}
_LISTENING: list[tuple[str, Heard]] = []


def _hear(event: str, arguments: tuple[object, ...]) -> None:
    """For good, as audit hooks are: so it does nothing where no test listens."""
    if _LISTENING and event in ("open", "os.listdir", "os.scandir"):
        root, heard = _LISTENING[-1]
        path = str(arguments[0])
        if event == "open" and path.startswith(root) and path.endswith((".py", ".pyc")):
            heard.append(("read", Path(path).name))
        elif event != "open" and Path(path).is_relative_to(root):
            heard.append(("list", str(Path(path).relative_to(root))))


@pytest.fixture
def project(make: Make) -> Project:
    """A project with neighbours that nobody asks for."""
    neighbours: dict[str, str | bytes] = {f"models/other_{n}.py": "raise SystemExit\n" for n in range(9)}
    folders: dict[str, str | bytes] = {f"data/{n}/{n}.txt": "" for n in range(9)}
    return make("shop", {**FILES, **neighbours, **folders})


@pytest.fixture
def heard(project: Project) -> Iterator[Heard]:
    """What was read, and which folders of the project were listed."""
    if not hasattr(sys, "_lighter_hears"):  # once in a process, even where this file is loaded twice
        sys.addaudithook(_hear)
        sys._lighter_hears = True  # type: ignore[attr-defined]  # a mark of this test's own
    found: Heard = []
    _LISTENING.append((str(project.root), found))
    yield found
    _LISTENING.clear()


@pytest.mark.parametrize("dotted", ["shop.models.net.Net", "project.models.net", "shop.models.Net"])
def test_only_what_is_asked_for_is_read_and_nothing_listed(project: Project, heard: Heard, dotted: str) -> None:
    locate(dotted, project)
    assert {what for what, _ in heard} == {"read"}
    assert {name for _, name in heard} == {"net.py", "layers.py", "tools.py"}
    loaded = [name for name in sys.modules if name.startswith("shop.")]
    assert sorted(loaded) == ["shop.models", "shop.models.layers", "shop.models.net", "shop.tools"]


def test_each_file_is_read_once_to_be_run(project: Project, heard: Heard) -> None:
    locate("shop.models.net.Net", project)
    assert sorted(heard) == [("read", "layers.py"), ("read", "net.py"), ("read", "tools.py")]


def test_what_is_loaded_is_found_again_without_a_file(project: Project, heard: Heard) -> None:
    locate("shop.models.net.Net", project)
    heard.clear()
    locate("shop.models.net.Net", project)
    locate("shop.models.layers.Block", project)
    assert heard == []


def test_a_definition_in_a_file_of_another_name_is_looked_for_in_its_folder_alone(
    project: Project, heard: Heard
) -> None:
    locate("shop.models.Loss", project)
    assert ("list", "models") not in heard
    heard.clear()
    locate("shop.models.UNet3D", project)
    assert {name for what, name in heard if what == "list"} == {"models"}
    assert {name for what, name in heard if what == "read"} == {
        path.name for path in (project.root / "models").iterdir() if path.suffix == ".py"
    }
    assert "shop.models.other_1" not in sys.modules


def test_opening_a_project_reads_nothing(project: Project, heard: Heard) -> None:
    Project.open(project.root)
    assert heard == []


def test_what_the_file_system_is_asked_does_not_grow_with_the_project(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two projects, alike but for neighbours: the same questions are asked of both."""
    many: dict[str, str | bytes] = {f"models/other_{n}.py": "" for n in range(300)}
    asked = []
    for name, files in (("few", FILES), ("lot", {**FILES, **many, **{f"folder_{n}/x.py": "" for n in range(300)}})):
        project = make(f"{name}/shop", files)
        paths: list[str] = []
        with monkeypatch.context() as patched:
            for question in ("stat", "lstat", "scandir", "listdir", "open"):
                patched.setattr(os, question, noting(paths, getattr(os, question)))
            for dotted in ("shop.models.net.Net", "shop.models.Net", "shop.models.layers.Block"):
                locate(dotted, project)
        asked.append(sorted(path.replace(f"/{name}", "/few") for path in paths if path != name))
    assert asked[0] == asked[1]
    assert len(asked[0]) > 20


def noting(paths: list[str], call: Callable[..., object]) -> Callable[..., object]:
    def noted(path: object = ".", *rest: object, **named: object) -> object:
        paths.append(str(path))
        return call(path, *rest, **named)

    return noted


def test_a_mistake_alone_looks_further(project: Project, heard: Heard) -> None:
    with pytest.raises(TargetNotFound):
        locate("shop.models.net.Nett", project)
    assert ("read", "other_1.py") in heard
    assert "shop.models.other_1" not in sys.modules
