"""initialize imports modules, so that their decorators run."""

import sys
from pathlib import Path

import pytest

from lighter import ConfigError, plugins
from lighter.project.importable import importable, unload
from lighter.project.locating import locate
from lighter.project.project import Project


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
