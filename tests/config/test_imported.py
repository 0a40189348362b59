"""The modules that a config imports: once, before anything is checked, and for as long as something needs them."""

import gc
import sys

import pytest

from lighter.config import Config
from lighter.errors import ConfigError

LIB = {
    "lib/my_lib/__init__.py": "from . import models\n",
    "lib/my_lib/models.py": """
import helpers
from lighter.project.registry import register
helpers.runs.append(1)

@register("model", "net")
class Net:
    def __init__(self, width=1):
        self.width = helpers.double(width)
""",
    "lib/helpers.py": "runs = []\ndef double(x): return 2 * x\n",
}
CONFIG = """
imports:
  mine: {path: lib, module_name: my_lib}
vars:
  net: {_target_: model/net, width: 3}
  same: {_target_: my_lib.models.Net}
"""


@pytest.fixture
def config(write):
    for name, text in LIB.items():
        write(name, text)
    return write("run.yaml", CONFIG)


def problems(*sources, **given):
    return [f"{one.place}: {one.what}; {one.help}" for one in Config(*sources).check(**given)]


def test_what_it_registers_is_known_and_all_is_gone_afterwards(config):
    before = set(sys.modules), sys.meta_path[:], sys.path[:]
    run = Config(config)
    assert run.check() == []
    assert "my_lib" not in sys.modules
    made = run.resolve("vars")
    assert made["net"].width == 6
    assert type(made["net"]) is type(made["same"])
    assert type(made["net"]).__module__ == "my_lib.models"
    assert sys.modules["my_lib.models"].helpers.runs == [1]
    del made, run
    gc.collect()
    assert not {name for name in set(sys.modules) - before[0] if "my_lib" in name}
    assert (sys.meta_path, sys.path) == before[1:]
    assert "nothing is registered as 'model/net'" in problems({"a": {"_target_": "model/net"}})[0]


def test_wrong_names_in_it_have_the_nearest(config):
    assert problems(config, "vars::net::_target_=model/nte") == [
        "vars::net::_target_: nothing is registered as 'model/nte'; did you mean 'model/net'?"
    ]
    (found,) = problems(config, "vars::same::_target_=my_lib.models.Nte")
    assert found.endswith("'my_lib.models' has no 'Nte'; did you mean 'Net'?")
    assert "did you mean 'width'?" in problems(config, "vars::net::widht=2", "~vars::net::width")[0]


def test_what_its_code_raises_is_told_where_it_is_named(config, write):
    write("lib/my_lib/models.py", "import helpers\nhelpers.twice(1)\n")
    (problem,) = Config(config).check()
    assert (
        problem.what
        == "importing 'my_lib' raised AttributeError: module 'my_lib-beside.helpers' has no attribute 'twice'"
    )
    assert (problem.place, problem.position.line) == ("imports::mine::module_name", 3)
    assert [(said, str(at)) for said, at in problem.also] == [
        ("imported here", "lib/my_lib/__init__.py:1:1"),
        ("raised here", "lib/my_lib/models.py:2:1"),
    ]
    with pytest.raises(AttributeError):
        Config(config).resolve("vars::net")


def test_a_script_is_told_for_what_it_is(config, write):
    write("lib/my_lib/__init__.py", "import sys; sys.exit(3)")
    assert "ends the process with 3" in problems(config)[0]
    with pytest.raises(ConfigError, match="ends the process"):
        Config(config).resolve("vars::net")


def test_a_module_of_another_place_with_its_name_is_told(config, monkeypatch):
    monkeypatch.setitem(sys.modules, "my_lib", sys)
    assert problems(config)[0].startswith("imports::mine::module_name: another module has the name 'my_lib' already")


def test_an_installed_package_of_its_name_gives_way_and_it_is_said(write):
    write("stood_there.py", "x = 1")  # the fixture's folder stands on sys.path
    write("lib/stood_there.py", "x = 7")
    imports = {"a": {"path": "lib", "module_name": "stood_there"}}
    with pytest.warns(UserWarning, match="'import stood_there' means .*lib/stood_there while this config is in use"):
        assert Config({"imports": imports, "x": "$x", "i": "$from stood_there import x"}).resolve("x") == 7


def test_with_a_project_in_one_config(config, write):
    write("shop/net.py", "from lighter.project.registry import register\n@register('model', 'own')\nclass Own: pass")
    write("shop/helpers.py", "mine = True")
    run = Config(config, "project=shop", "vars::own={_target_: shop.net.Own}", "vars::h={_target_: builtins.str}")
    made = run.resolve("vars")
    assert (type(made["own"]).__module__, made["net"].width) == ("shop.net", 6)


def test_a_component_that_project_and_import_both_register(config, write):
    write("shop/net.py", "from lighter.project.registry import register\n@register('model', 'net')\nclass Own: pass")
    found = problems(config, "project=shop", "vars::own={_target_: shop.net.Own}")
    assert "'model/net' is registered twice: at " in found[-1]


def test_a_projects_own_module_by_an_import(write):
    write("shop/parts.py", "from lighter.project.registry import register\n@register('model', 'own')\nclass Own: pass")
    run = {"project": "shop", "imports": {"a": {"path": "shop", "module_name": "parts"}}}
    made = Config(run, "a={_target_: model/own}", "b={_target_: shop.parts.Own}", "c={_target_: parts.Own}").resolve("")
    assert type(made["a"]) is type(made["b"]) is type(made["c"])


def test_another_sources_argument_is_left_out(config):
    run = Config(config, "vars::net={_target_: my_lib.models.Net}", "vars::net::_target_=model/net")
    assert run.resolve("vars::net").width == 6
    run = Config({"vars": {"net": {"_target_": "builtins.dict", "depth": 1}}}, config)
    assert run.check() == []
    assert run.notes


def test_a_limited_config_imports_what_its_list_names(config, write):
    ran = write("lib/my_lib/__init__.py", "open('ran', 'w').close()\nfrom . import models")
    assert problems(config, allow="torch")[0].startswith(
        "imports::mine::module_name: 'my_lib' is under no package that --allow lists; add 'my_lib'"
    )
    assert not ran.with_name("ran").exists()
    assert problems(config, allow="my_lib") == []
    limited = Config(config).limited("my_lib")
    assert limited.resolve("vars::net").width == 6
    with pytest.raises(ConfigError):
        Config(config).limited("torch").resolve("vars::net")
    write("stood_there.py", "")  # the fixture's folder stands on sys.path
    write("lib/stood_there.py", "raise SystemExit")
    (found,) = problems({"imports": {"a": {"path": "lib", "module_name": "stood_there"}}}, allow="stood_there")
    assert "--allow lists the installed package 'stood_there', and this is another of that name" in found


def test_the_dumped_config_runs_elsewhere(config, write, monkeypatch):
    write("elsewhere/dumped.yaml", Config(config).dump())
    monkeypatch.chdir("elsewhere")
    assert Config("dumped.yaml").dump() == Config("../run.yaml").dump()
    assert Config("dumped.yaml").resolve("vars::net").width == 6
