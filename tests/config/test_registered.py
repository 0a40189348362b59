"""The components that a config knows."""

from lighter.config import Config
from lighter.config.registered import registered
from lighter.registry import register, registry

REGISTERS = "from lighter.registry import register\n@register('{kind}', 'one')\nclass One: pass\n"


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
