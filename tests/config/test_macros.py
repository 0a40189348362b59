"""Pieces of config copied before anything is built."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from lighter import Config
from lighter.config.composing import compose
from lighter.config.dumping import plain
from lighter.config.loading import load_mapping
from lighter.config.macros import anchored
from lighter.config.tree import find
from lighter.errors import ConfigError


def composed(*sources):
    return plain(compose(sources).tree)


def problems(*sources):
    with pytest.raises(ConfigError) as raised:
        compose(sources)
    return raised.value.problems


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("%a::b", [1, {"c": 2}]),
        ("%a#b#1#c", 2),
        ("%a", {"b": [1, {"c": 2}]}),
        ("%p", 2),
        ("%q::b::0", 1),
        ("%other.yaml::y", "other"),
        ("%other.yaml", {"y": "other", "z": "other"}),
        ("%other.yaml::z", "other"),
        ("%sub/deep.json::back", "other"),
        ("%other.yaml::", {"y": "other", "z": "other"}),
    ],
)
def test_a_piece_is_copied(write, written, value):
    write("other.yaml", 'y: other\nz: "%y"')
    write("sub/deep.json", '{"back": "%../other.yaml::z"}')
    config = {"a": {"b": [1, {"c": 2}]}, "p": "%a::b::1::c", "q": "%a", "x": [{"k": written}]}
    assert composed(config)["x"] == [{"k": value}]


def test_relative_macros():
    config = {"a": {"x": 1, "y": "%::x", "z": ["%::::x"]}, "b": {"y": "%a::y"}}
    assert composed(config) == {"a": {"x": 1, "y": 1, "z": [1]}, "b": {"y": 1}}


def test_a_copy_is_read_where_its_file_lies_over_its_bases(write):
    write("sub/base.yaml", "x: {a: 1, b: 1}")
    write("sub/over.yaml", "_base_: base.yaml\nx: {b: 2}")
    assert composed({"k": "%sub/over.yaml::x"}) == {"k": {"a": 1, "b": 2}}


@pytest.mark.parametrize(
    ("config", "what"),
    [
        ({"x": "%x"}, "circular macros: '%x' -> '%x'"),
        ({"x": "%y", "y": ["%x"]}, "circular macros: '%y' -> '%x' -> '%y'"),
        ({"x": {"y": "%x"}}, "circular macros: '%x' -> '%x'"),
        ({"x": "%y::a", "y": "%x::b"}, "circular macros: '%y::a' -> '%x::b' -> '%y::a'"),
        ({"x": "%self.yaml::a"}, "circular macros: '%self.yaml::a' -> '%self.yaml::a'"),
        ({"x": "%self.yaml"}, "circular macros: '%self.yaml' -> '%self.yaml'"),
        ({"x": "%::::y"}, "'%::::y' leads above the config"),
        ({"size": 1, "x": "%sise"}, "there is no 'sise'"),
        ({"x": "%self.yaml::b"}, "there is no 'b' in 'self.yaml'"),
        ({"x": "%no.yaml::b"}, "there is no file 'no.yaml'"),
        ({"x": "%broken.yaml::b"}, "the key 'a' occurs twice in one mapping"),
        ({f"a{i}": f"%a{i + 1}" for i in range(150)} | {"a150": 1}, "macros lead more than 100 levels deep"),
        ({"x": "%loop.yaml"}, "'loop.yaml' cannot be read: Too many levels of symbolic links"),
    ],
)
def test_what_cannot_be_copied(write, config, what):
    write("self.yaml", 'a: "%self.yaml::a"\nwhole: "%self.yaml"')
    write("broken.yaml", "{a: 1, a: 2}")
    Path("loop.yaml").symlink_to("loop.yaml")
    assert what in [problem.what for problem in problems(config)]


def test_the_nearest_place_is_told_and_otherwise_how_to_write_text(write):
    write("a.yaml", 'vars: {size: 1}\nx: "%vars::sise"\ny: "%d"')
    near, text = problems("a.yaml")
    assert near.help == "did you mean 'vars::size'?"
    assert text.help.endswith("a text that begins with '%' is written with '%%'")
    assert (near.position.line, near.place) == (2, "x")


def test_a_mistake_is_told_once_for_each_place_it_is_written():
    config = {"m": "%no", "a": ["%m", "%m"], "b": "%no"}
    assert [(problem.what, problem.place) for problem in problems(config)] == [
        ("there is no 'no'", "m"),
        ("there is no 'no'", "b"),
    ]


def test_no_macros_fill_the_memory():
    config = {"a0": [1, 1]} | {f"a{i}": [f"%a{i - 1}", f"%a{i - 1}"] for i in range(1, 60)}
    assert "macros expand to more than 500,000 values" in [problem.what for problem in problems(config)]
    deep = {"a0": [[[[1]]]]} | {f"a{i}": [[[[f"%a{i - 1}"]]]] for i in range(1, 60)}
    assert {problem.what for problem in problems(deep)} <= {
        "macros expand to more than 100 levels",
        "macros lead more than 100 levels deep",
    }


def test_copies_are_known_by_their_place():
    copies = compose([{"a": 1, "b": ["%a"], "c": {"d": "%b"}}]).copies
    assert {("b", "0"), ("c", "d")} <= copies.keys()


@pytest.mark.parametrize(
    ("written", "copied"),
    [
        ("@::x", "@a::x"),
        ("@#x", "@a::x"),
        ("@::::b", "@b"),
        ("@b", "@b"),
        ("$@::x + @b + @::::b", "$@a::x + @b + @b"),
        ("$f'{@#x} @::x' + '@::x'", "$f'{@a::x} @::x' + '@::x'"),
        ("$@::::::x", "$@::::::x"),  # leads above the config, which is told when it is planned
        ("@::::::x", "@::::::x"),
        ("text @::x", "text @::x"),
    ],
)
def test_a_relative_reference_is_written_from_the_root(written: str, copied: str) -> None:
    config = Config({"a": {"x": 1, "y": written}, "b": 2, "far": {"away": "%a::y"}})
    assert config["far::away"] == copied
    assert config["a::y"] == written


def test_what_holds_none_is_copied_as_it_is() -> None:
    tree = load_mapping({"a": [{"x": "@b", "y": ["$@c + 1", 5]}, {"z": "@::::::w"}], "w": 1})
    node = find(tree, ("a",))
    assert node is not None
    known: set[int] = set()
    made = anchored(node, ("a",), known)
    assert made is not node
    assert made.items[0] is node.items[0]  # type: ignore[union-attr]  # both are lists
    assert id(node.items[0]) in known  # type: ignore[union-attr]  # as above
    assert anchored(node.items[0], ("a", "0"), set()) is node.items[0]  # type: ignore[union-attr]  # as above


@pytest.mark.parametrize("order", [("a", "b", "c"), ("c", "b", "a")])
def test_a_copy_of_a_copy_means_the_first(order: tuple[str, ...]) -> None:
    parts: dict[str, Any] = {
        "a": {"x": 1, "y": {"z": "$@::::x + 1"}},
        "b": {"x": 5, "k": "%a::y"},
        "c": {"x": 9, "k": "%b::k"},
    }
    config = Config({key: parts[key] for key in order})
    assert config.resolve() == {
        "a": {"x": 1, "y": {"z": 2}},
        "b": {"x": 5, "k": {"z": 2}},
        "c": {"x": 9, "k": {"z": 2}},
    }


def test_a_piece_of_another_file_is_seen_from_its_copy(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other.yaml").write_text("x: 1\npiece: {y: '@::::x', z: '%::::x'}\n", encoding="utf-8")
    assert Config({"x": 7, "mine": "%other.yaml::piece"}).resolve("mine") == {"y": 7, "z": 1}


def test_the_written_out_config_means_the_same() -> None:
    config = Config({"a": {"x": 1, "y": "@::x"}, "b": {"x": 5, "y": "%a::y", "z": "%::y"}})
    assert (
        Config(yaml.safe_load(config.dump())).resolve()
        == config.resolve()
        == {
            "a": {"x": 1, "y": 1},
            "b": {"x": 5, "y": 1, "z": 1},
        }
    )


BUNDLE = """
width: 3
network_def: {_target_: torch.nn.Linear, in_features: "@width", out_features: "@::in_features"}
network: $@network_def.train(@train#is_on)
train#is_on: $@outer is None
loss: "%parts.yaml"
name: $'@width'
"""


def test_a_whole_file_at_a_place_finds_its_own_keys_there(tmp_path: Path) -> None:
    (tmp_path / "bundle.yaml").write_text(BUNDLE)
    (tmp_path / "parts.yaml").write_text("reduction: sum\nloss: {_target_: torch.nn.L1Loss, reduction: '@reduction'}")
    text = 'outer: null\nwidth: 1\nvars: {bundle: "%bundle.yaml"}\nmodel: "@vars::bundle::network"'
    (tmp_path / "config.yaml").write_text(text)
    config = Config.load(str(tmp_path / "config.yaml"))
    model = config.resolve("model")
    assert (model.in_features, model.training) == (3, True)
    assert model is config.resolve("vars::bundle::network_def")
    assert config.resolve("vars::bundle::loss::loss").reduction == "sum"
    assert config["vars::bundle::network"] == "$@vars::bundle::network_def.train(@vars::bundle::train::is_on)"
    assert config.resolve("vars::bundle::name") == "@width"
    assert config.check() == []


def test_a_file_for_a_place_finds_its_own_keys_there_and_is_overridden(tmp_path: Path) -> None:
    (tmp_path / "bundle.yaml").write_text(BUNDLE.replace("loss: ", "again: '%network_def'\nloss: "))
    (tmp_path / "parts.yaml").write_text("reduction: sum\nloss: {_target_: torch.nn.L1Loss, reduction: '@reduction'}")
    text = '_base_: [{vars::bundle: bundle.yaml}]\nouter: null\nwidth: 1\nmodel: "@vars::bundle::network"'
    (tmp_path / "config.yaml").write_text(text)
    config = Config.load(str(tmp_path / "config.yaml"), "vars::bundle::width=5")
    assert config.resolve("model").in_features == 5
    assert config.resolve("vars::bundle::again").out_features == 5
    assert config.resolve("vars::bundle::loss::loss").reduction == "sum"
    assert config.check() == []


def test_a_piece_of_a_file_refers_to_where_it_is_copied_to(tmp_path: Path) -> None:
    (tmp_path / "bundle.yaml").write_text(BUNDLE)
    (tmp_path / "config.yaml").write_text('width: 1\nmodel: "%bundle.yaml::network_def"')
    assert Config.load(str(tmp_path / "config.yaml")).resolve("model").in_features == 1
