"""A Config as one meets it in Python: asked, copied, printed, and asked in the wrong way."""

import copy
import pickle
import re
from pathlib import Path

import pytest

from lighter import Config
from lighter.errors import ConfigError

CONFIG = {"vars": {"size": 3, "sizes": [1, 2]}, "part": {"_target_": "collections.Counter", "a": "@vars::size"}}


def test_a_config_is_made_of_all_kinds_of_sources(write):
    path = write("a.yaml", "vars: {size: 1, more: 2}")
    config = Config.load("a.yaml", path, {"vars": {"size": 2}}, "vars::size=3")
    assert config["vars"] == {"size": 3, "more": 2}
    assert Config(CONFIG)["vars::size"] == 3
    assert Config()[""] == {}


@pytest.mark.parametrize("source", [None, 5, ["a.yaml"], b"a.yaml", Config({})])
def test_anything_else_is_no_source(source):
    with pytest.raises(TypeError, match="a config is made of paths, mappings and 'id=value' texts, not of"):
        Config.load({}, source)


def test_places_are_asked_as_in_a_mapping():
    config = Config(CONFIG)
    assert (config["vars::size"], config["vars#sizes::1"], config["part::a"]) == (3, 2, "@vars::size")
    assert ("vars::sizes::1" in config, "vars::sizes::2" in config, "" in config) == (True, False, True)
    assert (config.get("vars::size", 5), config.get("vars::sise", 5), config.get("vars::sise")) == (3, 5, None)


def test_what_is_asked_for_can_be_changed_without_changing_the_config():
    config = Config(CONFIG)
    config["vars"]["sizes"].append(3)
    config.resolve("vars")["size"] = 4
    assert config["vars"] == CONFIG["vars"]


@pytest.mark.parametrize(
    ("id", "told"),
    [
        ("vars::sise", "there is no 'vars::sise'; did you mean 'vars::size'?"),
        ("varz", "there is no 'varz'; did you mean 'vars'?"),
        ("vars::sizes::2", "there is no 'vars::sizes::2'; 'vars::sizes' is a list of 2, counted from 0 to 1"),
        ("vars::", "'vars::' has an empty key; write 'a::b'"),
        ("::vars", "'::vars' has an empty key; write 'a::b'"),
        ("vars::size::x", "there is no 'vars::size::x'; 'vars::size' is a single value"),
    ],
)
def test_what_is_not_there_is_told_with_the_nearest(id, told):
    config = Config(CONFIG)
    with pytest.raises(KeyError, match=re.escape(told)):
        config[id]
    for ask in (config.resolve, config.dump):
        with pytest.raises(ConfigError) as caught:
            ask(id)
        (problem,) = caught.value.problems
        assert f"{problem.what}; {problem.help}" == told
    assert id not in config
    assert config.get(id, 5) == 5


@pytest.mark.parametrize("id", [None, 0, ("vars", "size"), b"vars"])
def test_a_place_is_named_by_a_text(id):
    config = Config(CONFIG)
    for ask in (config.__getitem__, config.get, config.__contains__, config.resolve, config.dump):
        with pytest.raises(TypeError, match="a place is named by a text such as 'system::model', not by"):
            ask(id)


def test_hasattr_says_what_there_is():
    config = Config(CONFIG)
    assert not hasattr(config, "no_such")
    assert not hasattr(config, "keys")
    assert hasattr(config, "resolve")


def test_a_config_shows_its_sources(write):
    write("a.yaml", "")
    assert repr(Config.load("a.yaml", Path("a.yaml"), "x::y=1")) == "Config('a.yaml', PosixPath('a.yaml'), 'x::y=1')"
    assert len(repr(Config({"a": list(range(10000))}, "b=" + "x" * 10000))) < 300


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda config: pickle.loads(pickle.dumps(config))])
def test_a_copy_has_the_same_tree_and_builds_its_own(copied, write):
    write("a.yaml", "module: $import collections\nof: $collections.Counter([1])")
    config = Config.load("a.yaml", CONFIG)
    assert config.resolve("of") is config.resolve("of")
    twin = copied(config)
    assert twin.dump(origins=True) == config.dump(origins=True)
    assert (twin.name, repr(twin)) == (config.name, repr(config))
    assert twin.resolve("of") == config.resolve("of")
    assert twin.resolve("of") is not config.resolve("of")


def test_the_deepest_config_can_be_copied():
    mapping = {}
    for _ in range(98):
        mapping = {"a": mapping}
    config = Config(mapping)
    assert copy.deepcopy(config).dump() == pickle.loads(pickle.dumps(config)).dump() == config.dump()


def test_resolve_builds_once_and_only_what_is_asked(write):
    write("toys.py", "def raising():\n    raise AssertionError('this is not to be called')")
    config = Config({**CONFIG, "bad": {"_target_": "toys.raising"}})
    assert config.resolve("part") == {"a": 3}
    assert config.resolve("part") is config.resolve("part")
    assert config.check() == []


def test_resolve_takes_any_mapping():
    assert Config({"x": {1: ["$1 + 1"]}, "y": "@x::1::0"}).resolve() == {"x": {1: [2]}, "y": 2}


def test_check_gives_the_problems():
    (problem,) = Config({"a": "@b"}).check()
    assert (problem.what, problem.place) == ("there is no 'b'", "a")
    assert [problem.what for problem in Config(CONFIG).check("fit")][-1] == "the config has no 'system'"


def test_a_dump_is_read_back_as_the_same(write):
    config = Config(CONFIG)
    write("dumped.yaml", config.dump())
    assert Config.load("dumped.yaml")[""] == config[""]
    assert config.dump("vars::size") == "3\n"
    assert config.dump("vars::sizes") == "- 1\n- 2\n"
