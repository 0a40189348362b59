"""Components by kind and name, from code, from a project and from installed packages."""

import pickle
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lighter import registry as module
from lighter.component import Component, ComponentNotFound
from lighter.registry import AlreadyRegistered, Registry, current, register, registry, using
from lighter.utils.dynamic_imports import locate
from lighter.utils.imported_module import ImportedModule
from lighter.utils.project import Project
from lighter.utils.serving import serving, withdraw

PROJECT = """
from lighter.registry import register

@register("model", "tiny")
class {name}: pass
"""
POINTS = """
[lighter.components]
of_a_package = packed
dataset/packed = packed:Data
"""
PACKED = """
from lighter.registry import register

@register("model", "packed")
class Net: pass

class Data: pass
"""


@pytest.fixture(autouse=True)
def _registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    withdraw()  # what tests of other files have left
    before = dict(registry._known)
    yield
    registry._known.clear()
    registry._known.update(before)


def tiny() -> str:
    return "made"


def test_what_is_added_is_found() -> None:
    own = Registry()
    own.add("model", "tiny", tiny)
    assert own.find("model/tiny")() == "made"
    assert own.find("model/tiny").origin.startswith(__file__)


def test_the_decorator_gives_back_what_it_decorates() -> None:
    assert register("model", "tiny")(tiny) is tiny
    assert current().find("model/tiny").make is tiny


def test_what_is_not_there_names_what_is() -> None:
    own = Registry()
    own.add("model", "tiny", tiny)
    with using(own), pytest.raises(ComponentNotFound) as caught:
        own.find("model/tni")
    assert caught.value.written == "model/tni"
    assert caught.value.candidates == ("model/tiny",)


def test_one_name_twice_is_told_with_both_places() -> None:
    own = Registry()
    own.add("model", "tiny", tiny)
    with pytest.raises(
        AlreadyRegistered, match=r"'model/tiny' is registered twice: at (.+\.py:\d+) and at (.+\.py:\d+)"
    ):
        own.add("model", "tiny", dict)
    own.add("model", "tiny", tiny)  # a module or cell that has run again
    own.add("dataset", "tiny", dict)
    assert [one.written for one in own.all()] == ["dataset/tiny", "model/tiny"]
    assert [one.written for one in own.all("model")] == ["model/tiny"]


def test_a_registry_over_another_is_looked_into_first() -> None:
    register("model", "tiny")(tiny)
    own = Registry(registry)
    assert own.find("model/tiny").make is tiny
    own.add("model", "tiny", dict)
    assert own.find("model/tiny").make is dict
    with using(own):
        assert [one.make for one in current().all("model")] == [dict]
    assert current() is registry


def test_what_a_project_registers_is_known_while_it_is_served(tmp_path: Path) -> None:
    projects = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "net.py").write_text(PROJECT.format(name=name.title()))
        projects.append(Project.open(tmp_path / name))
    for project in projects:
        with serving(project):
            made = locate(f"{project.name}.net.{project.name.title()}", project)
            assert registry.find("model/tiny").make is made
    with pytest.raises(ComponentNotFound):
        registry.find("model/tiny")


def test_installed_packages_register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "packed.py").write_text(PACKED)
    (tmp_path / "packed-1.0.dist-info").mkdir()
    (tmp_path / "packed-1.0.dist-info" / "METADATA").write_text("Name: packed\nVersion: 1.0\n")
    (tmp_path / "packed-1.0.dist-info" / "entry_points.txt").write_text(POINTS)
    monkeypatch.syspath_prepend(tmp_path)
    own = Registry()
    monkeypatch.setattr(module, "registry", own)
    assert own.find("dataset/packed").origin == "the entry point packed:Data"
    assert own.find("model/packed").make.__module__ == "packed"  # by its own decorator
    del sys.modules["packed"]


def test_what_an_import_registers_is_its_own_whatever_it_is(tmp_path: Path) -> None:
    text = "from lighter.registry import registry\nregistry.add('model', 'tiny', {})"
    imports = []
    for name, component in (("one", "dict"), ("two", "list")):
        (tmp_path / f"{name}.py").write_text(text.format(component))
        imports.append(ImportedModule.of(tmp_path, name))
    for imported, made in zip(imports, (dict, list), strict=True):
        with serving(None, [imported]):
            assert registry.find("model/tiny").make is made
            assert [one.written for one in registry.all("model")] == ["model/tiny"]
    with pytest.raises(ComponentNotFound):
        registry.find("model/tiny")
    with serving(None, imports), pytest.raises(AlreadyRegistered, match=r"at .+one\.py:2 and at .+two\.py:2"):
        registry.find("model/tiny")


def test_the_place_is_that_of_the_code_that_registers() -> None:
    from lighter.runner import Runner

    run = Runner({})
    run.add_component("model", "tiny", tiny)
    assert run.config.components.find("model/tiny").origin.startswith(__file__)


def test_the_error_survives_a_pipe() -> None:
    error = AlreadyRegistered(Component("a", "b", dict, None, "x:1"), Component("a", "b", list, None, "y:2"))
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
    assert "at y:2 and at x:1" in str(error)
