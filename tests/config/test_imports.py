"""The `imports` of a config, as they are written."""

import pytest

from lighter.config import Config
from lighter.config.imports import import_problems, written_imports
from lighter.config.loading import load_file, load_mapping
from lighter.project.project import ImportedModule

FORM = "write '{path: path/to/folder, module_name: my_module}'"


@pytest.fixture(autouse=True)
def _files(write):
    for name in ("lib/my_lib.py", "lib/pack/deep.py", "other/my_lib.py", "sub/lib/near.py"):
        write(name, "raise RuntimeError('this runs')")


def told(imports, is_run=True):
    """The mistakes, each in one line."""
    problems = import_problems(load_mapping({"imports": imports}), is_run)
    return [f"{one.place}: {one.what}; {one.help}" for one in problems]


def one(path="lib", module_name="my_lib", **more):
    return {"a": {"path": path, "module_name": module_name, **more}}


@pytest.mark.parametrize(
    ("imports", "expected"),
    [
        (5, "imports: 'imports' takes a mapping of names; below 'imports: my_name:' " + FORM),
        ({"a": "lib"}, f"imports::a: 'imports::a' is no import; {FORM}"),
        (["lib"], f"imports::0: 'imports::0' is no import; {FORM}"),
        ({"a": {"path": "lib"}}, f"imports::a: 'imports::a' lacks 'module_name'; {FORM}"),
        ({"a": {"module_name": "my_lib"}}, f"imports::a: 'imports::a' lacks 'path'; {FORM}"),
        (one(modul="x"), "imports::a::modul: an import takes no 'modul'; did you mean 'module_name'?"),
        (one(path="lbi"), "imports::a::path: there is no folder 'lbi'; did you mean 'lib'?"),
        (one(module_name="mylib"), "the folder 'lib' has no module 'mylib'; did you mean 'my_lib'?"),
        (one(module_name="pack.dep"), "the folder 'lib' has no module 'pack.dep'; did you mean 'pack.deep'?"),
        (one(module_name="my_lib.py.x/y"), "takes the name of a module; write the name of a file without '.py'"),
        (one(module_name=3), "takes the name of a module"),
        (one(module_name="torch"), "'torch' is a package that Lighter depends on; rename your module"),
        (one(module_name="json"), "'json' is a package of Python's own library; rename your module"),
    ],
)
def test_what_is_wrong_is_told_without_importing(imports, expected):
    (found,) = told(imports)
    assert expected in found


def test_two_folders_that_give_one_name():
    imports = {**one(), "b": {"path": "other", "module_name": "my_lib"}}
    assert told(imports) == ["imports::b::module_name: two folders give a module 'my_lib'; rename one of them"]


@pytest.mark.parametrize(
    "imports", [None, {}, one(), one(module_name="pack.deep"), ["$import math"], {"m": "$from os import path"}]
)
def test_what_is_right(imports):
    assert told(imports) == []


@pytest.mark.parametrize("imports", [5, {"a": 1}, ["x"], {"_target_": "x", "path": 1}])
def test_a_plain_mapping_may_have_a_key_of_that_name(imports):
    assert told(imports, is_run=False) == []
    assert told({"a": {"path": 1}}, is_run=False) != []


def test_a_path_from_the_working_folder_is_told_as_it_is_from_its_file(write):
    path = str(write("conf/deep/run.yaml", "project: ./lib"))
    (problem,) = Config(path).check()
    assert problem.help == "did you mean '../../lib'? A path starts from the folder of its file"


def test_paths_start_from_the_file_that_they_stand_in(write):
    write("sub/base.yaml", "imports: {near: {path: lib, module_name: near}}")
    path = write("run.yaml", "_base_: sub/base.yaml\nimports: {a: {path: lib, module_name: my_lib}}")
    from lighter.config import Config

    found = [one.module for one in written_imports(Config(path).tree)]
    assert found == [ImportedModule.of("sub/lib", "near"), ImportedModule.of("lib", "my_lib")]
    assert [one.place for one in written_imports(load_file(path))] == ["imports::a::module_name"]
