"""References in a copied piece mean what they mean where they are written."""

from typing import Any

import pytest
import yaml

from lighter import Config
from lighter.config.anchoring import anchored
from lighter.config.loading import load_mapping
from lighter.config.tree import find


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
