"""Components by kind and name, from code, from a project and from installed packages."""

import importlib
import inspect
import pickle
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError

from lighter.project import registry as module
from lighter.project.importable import importable, unload
from lighter.project.locating import locate
from lighter.project.project import ImportedModule, Project
from lighter.project.registry import (
    AlreadyRegistered,
    Component,
    ComponentNotFound,
    Registry,
    check_words,
    current,
    register,
    registry,
    using,
)


class Size(BaseModel):
    width: int
    depth: int = 2


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    width: int


FRAMEWORK = """
from lighter import register

def register_net(name, net):
    register("net", name, stacklevel=2)(net)
"""


def make(width: int, depth: int = 5, **rest: Any) -> tuple[int, int, dict[str, Any]]:
    return width, depth, rest


def test_without_a_model_it_is_called_as_it_is() -> None:
    component = Component("model", "tiny", make)
    assert component.written == "model/tiny"
    assert component(1, colour="red") == (1, 5, {"colour": "red"})
    assert list(inspect.signature(component).parameters) == ["width", "depth", "rest"]


def test_its_model_gives_the_arguments() -> None:
    assert Component("model", "tiny", make, Size)(width="3") == (3, 2, {})
    assert Component("model", "tiny", make, Open)(width=3, colour="red") == (3, 5, {"colour": "red"})
    assert list(inspect.signature(Component("model", "tiny", make, Size)).parameters) == ["width", "depth"]
    with pytest.raises(ValidationError, match="valid integer"):
        Component("model", "tiny", make, Size)(width="wide")


@pytest.mark.parametrize("word", ["", "a/b", "a b", "$a", "@a", "a::b", "a\n", 3])
def test_kinds_and_names_are_single_words(word: Any) -> None:
    with pytest.raises(ValueError, match="cannot be the kind of a component: write one word"):
        check_words(Component(word, "tiny", make))
    with pytest.raises(ValueError, match="cannot be the name of a component: write one word"):
        check_words(Component("model", word, make))


def test_what_is_called_and_what_models_it() -> None:
    for word in ("tiny", "resnet50.a1", "gpt-2", "größe"):
        check_words(Component("model", word, partial(make, 1), Size))
    with pytest.raises(TypeError, match="the component 'model/tiny' is 3, which cannot be called"):
        check_words(Component("model", "tiny", 3))  # type: ignore[arg-type]  # the mistake
    with pytest.raises(TypeError, match=r"the config of 'model/tiny' is <class 'dict'>; give a pydantic model"):
        check_words(Component("model", "tiny", make, dict))


PROJECT = """
from lighter.project.registry import register

@register("model", "tiny")
class {name}: pass
"""
POINTS = """
[lighter.components]
of_a_package = packed
dataset/packed = packed:Data
"""
PACKED = """
from lighter.project.registry import register

@register("model", "packed")
class Net: pass

class Data: pass
"""


@pytest.fixture(autouse=True)
def _registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    unload()  # what tests of other files have left
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


def test_an_object_without_a_name_is_itself_again_at_its_own_line() -> None:
    def cell(depth: int) -> None:
        register("model", "partial")(partial(dict, depth))

    cell(1)
    cell(2)  # a cell that has run again, with another value
    make: Any = registry.find("model/partial").make
    assert make.args == (2,)
    with pytest.raises(AlreadyRegistered):
        register("model", "partial")(partial(dict, 2))


def test_a_framework_registers_for_its_caller(tmp_path: Path) -> None:
    (tmp_path / "framework.py").write_text(FRAMEWORK)
    (tmp_path / "mine.py").write_text("import framework\n\nframework.register_net('mine', dict)\n")
    sys.path.insert(0, str(tmp_path))
    try:
        with importable(None, [ImportedModule.of(tmp_path, "mine")]):
            importlib.import_module("mine")
            assert registry.find("net/mine").origin == f"{tmp_path / 'mine.py'}:3"
        with pytest.raises(ComponentNotFound):  # it is the import's, and gone with it
            registry.find("net/mine")
    finally:
        sys.path.remove(str(tmp_path))
        sys.modules.pop("framework", None)


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
        with importable(project):
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
    text = "from lighter.project.registry import registry\nregistry.add('model', 'tiny', {})"
    imports = []
    for name, component in (("one", "dict"), ("two", "list")):
        (tmp_path / f"{name}.py").write_text(text.format(component))
        imports.append(ImportedModule.of(tmp_path, name))
    for imported, made in zip(imports, (dict, list), strict=True):
        with importable(None, [imported]):
            assert registry.find("model/tiny").make is made
            assert [one.written for one in registry.all("model")] == ["model/tiny"]
    with pytest.raises(ComponentNotFound):
        registry.find("model/tiny")
    with importable(None, imports), pytest.raises(AlreadyRegistered, match=r"at .+one\.py:2 and at .+two\.py:2"):
        registry.find("model/tiny")


def test_what_one_line_of_a_file_registers_is_one_component_whatever_the_file_is_called() -> None:
    own = Registry()
    code = compile("def tiny(): ...\nregistry.add('model', 'tiny', tiny)", "/repository/one.py", "exec")
    for name in ("one", "repository.one"):
        exec(code, {"__name__": name, "registry": own})
    assert own.find("model/tiny").make.__module__ == "repository.one"


def test_the_place_is_that_of_the_code_that_registers() -> None:
    from lighter.runs.runner import Runner

    run = Runner({})
    run.add_component("model", "tiny", tiny)
    assert run.config.components.find("model/tiny").origin.startswith(__file__)


def test_the_error_survives_a_pipe() -> None:
    error = AlreadyRegistered(Component("a", "b", dict, None, "x:1"), Component("a", "b", list, None, "y:2"))
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
    assert "at y:2 and at x:1" in str(error)
