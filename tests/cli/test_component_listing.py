"""The components that a config knows."""

from pathlib import Path

from lighter.cli.component_listing import as_mapping, registered, shown_origin
from lighter.config import Config
from lighter.project.registry import Component, register, registry

REGISTERS = "from lighter.project.registry import register\n@register('{kind}', 'one')\nclass One: pass\n"


def names(*sources, allow=None):
    return [one.written for one in registered(Config(*sources).limited(allow))]


def test_those_of_the_process_of_imports_and_of_the_project(write, monkeypatch):
    monkeypatch.setattr(registry, "_known", {})
    register("process", "one")(dict)
    write("lib/mine.py", REGISTERS.format(kind="imported"))
    write("shop/net.py", REGISTERS.format(kind="project"))
    write("shop/wrong.py", "raise ValueError")
    config = {
        "project": "shop",
        "imports": {"a": {"path": "lib", "module_name": "mine"}},
        "vars": [{"_target_": "shop.net.One"}, {"_target_": "shop.wrong.Two"}, {"_target_": "torch.no.such"}],
    }
    assert names({}) == ["process/one"]
    assert names(config) == ["imported/one", "process/one", "project/one"]
    assert names(config, allow="mine") == ["imported/one", "process/one"]
    assert names({}) == ["process/one"]


def test_a_component_for_programs():
    def tiny(width: int = 3) -> None:
        """Tiny."""

    told = as_mapping(Component("model", "tiny", tiny, origin="a.py:3"))
    assert (told["name"], told["summary"], told["origin"]) == ("model/tiny", "Tiny.", "a.py:3")
    assert told["arguments"] == [
        {
            "name": "width",
            "type": "int",
            "default": "3",
            "required": False,
            "written": "width: int = 3",
            "description": "",
        }
    ]


def test_where_it_is_from_relative_to_here():
    assert shown_origin(f"{Path.cwd() / 'lib' / 'a.py'}:3") == "lib/a.py:3"
    assert shown_origin("torch") == "torch"
