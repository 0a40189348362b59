"""The six decorators: names, model types, state callbacks, instances, and what is wrong with them."""

import sys
from pathlib import Path

import pytest

from lighter import ConfigError, plugins
from lighter.plugins.plugin import find_plugin
from lighter.project.importable import importable, unload
from lighter.project.locating import locate
from lighter.project.project import Project
from lighter.project.registry import AlreadyRegistered, register, registry


def test_each_registers_and_gives_back_the_function():
    @plugins.data_access("numbers", state_cb_arg_name="tell")
    @plugins.instantiate("one", "tell")
    @plugins.fit(["one", "two"], state_cb_arg_name="tell", instance_arg_name="model")
    @plugins.predict("one")
    @plugins.serialize(["one"])
    @plugins.deserialize(["one", "two"])
    def function(model, tell):
        return model, tell

    assert function("as", "it was") == ("as", "it was")
    for kind, name in (("data_access", "numbers"), ("fit", "two"), ("serialize", "one"), ("deserialize", "two")):
        found = find_plugin(kind, name)
        assert found.make is function
        assert found.origin.startswith(f"{__file__}:")
    assert find_plugin("fit", "two").instance_arg_name == "model"
    assert find_plugin("data_access", "numbers").state_cb_arg_name == "tell"
    assert find_plugin("predict", "one").state_cb_arg_name is None


def test_one_name_twice_is_told_with_both_places():
    plugins.predict(["one"])(lambda model: model)
    with pytest.raises(AlreadyRegistered, match=r"'predict/one' is registered twice: at .+\.py:\d+ and at .+\.py:\d+"):
        plugins.predict(["two", "one"])(len)


@pytest.mark.parametrize(
    ("decorator", "told"),
    [
        (plugins.data_access, r"@plugins.data_access takes a name, not .*: write @plugins.data_access\('digits'\)"),
        (plugins.fit, r"@plugins.fit takes a name, not .*: write @plugins.fit\('my_project.SVC'\) or fit\(\["),
    ],
)
def test_a_decorator_without_its_name_is_told(decorator, told):
    for given in (len, [], [1]):
        with pytest.raises(TypeError, match=told):
            decorator(given)


def test_what_cannot_be_called_is_no_plugin():
    with pytest.raises(TypeError, match="the fit plugin 'one' is 1, which cannot be called"):
        plugins.fit("one")(1)


def test_an_argument_that_the_function_does_not_take_names_the_nearest():
    with pytest.raises(
        ValueError, match=r"@plugins.fit\(state_cb_arg_name\): .* no argument 'tel'; did you mean 'tell'"
    ):
        plugins.fit("one", state_cb_arg_name="tel")(lambda model, tell: model)
    with pytest.raises(ValueError, match=r"@plugins.predict\(instance_arg_name\): .*; it takes no argument by name"):
        plugins.predict("one", instance_arg_name="model")(lambda: None)
    plugins.fit("any", state_cb_arg_name="tell")(lambda model, **rest: model)


def test_a_name_is_one_word():
    with pytest.raises(ValueError, match="cannot be the name of a component"):
        plugins.data_access("two words")(len)


def test_installed_modules_register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = 'from lighter import plugins\n\n@plugins.data_access("one")\ndef one():\n    return 1\n'
    (tmp_path / "packed_plugins.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    plugins.initialize({"names": ["packed_plugins"]})
    assert plugins.exec_data_access("one") == 1
    plugins.initialize({"names": ["packed_plugins"]})  # once is enough, twice is no mistake
    del sys.modules["packed_plugins"]


def test_modules_of_the_project_that_is_served_register(line: Path) -> None:
    with importable(Project.open(line / "line")):
        locate("line.plugins", Project.open(line / "line"))
        plugins.initialize({"names": ["line.plugins"]})
        assert plugins.exec_data_access("points", None, 2)["name"] == ["p0", "p1"]
    with pytest.raises(plugins.PluginNotFound):
        plugins.exec_data_access("points", None, 2)


def test_modules_of_a_folder_register(line: Path) -> None:
    plugins.initialize({"names": ["line.plugins"]}, project=str(line / "line"))
    try:
        assert plugins.exec_data_access("points", None, 1)["y"] == [1.0]
    finally:
        unload()


def test_all_are_forgotten_and_nothing_else():
    plugins.data_access("numbers")(lambda: 1)
    register("dataset", "numbers")(dict)
    plugins.unload_all()
    with pytest.raises(plugins.PluginNotFound):
        plugins.exec_data_access("numbers")
    assert registry.find("dataset/numbers").make is dict
    plugins.data_access("numbers")(lambda: 2)
    assert plugins.exec_data_access("numbers") == 2


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"names": ["no_such_module_anywhere"]}, "there is no module 'no_such_module_anywhere'"),
        ({"names": ["json.dumps"]}, "'json.dumps' is no module"),
        ({"nams": []}, "did you mean 'names'"),
        ({"names": "json"}, "'plugins::names' takes a list"),
    ],
)
def test_what_is_wrong_is_told(config, told) -> None:
    with pytest.raises(ConfigError, match=told):
        plugins.initialize(config)
