import json
from pathlib import Path

import pytest
from monai.bundle import ConfigParser

from lighter import Config
from lighter.config.bundle import bundle_sources, expressions_at, misspelt_keys, root_of, steps_of

FIRST = {
    "a": {"b": 1, "c": {"d": 2, "e": 3}, "f": [1]},
    "g": {"_target_": "dict", "x": 1},
    "h": [1, 2],
    "n": {"m": {"k": 1, "l": 2}},
    "run": ["$1", "$2"],
    "names": ["a", "b"],
}


@pytest.mark.parametrize(
    "later",
    [
        {"a": {"b": 2}},
        {"+a": {"c": {"d": 4}, "z": 1}},
        {"a#c": {"d": 4}},
        {"a::c::d": 5, "a": {"b": 1}},
        {"a": {"c": {"d": 1}}, "a#c#d": 6},
        {"g": {"_target_": "dict", "y": 1}},
        {"g": {"_target_": "list"}},
        {"+h": [3], "h#0": 9},
        {"h": {"0": 1}},
        {"+n": {"m": {"k": 3}}, "n#m#l": 4},
        {"new": {"x": {"y": 1}}},
    ],
)
def test_later_files_lie_over_earlier_ones_as_monai_lays_them(tmp_path: Path, later: dict[str, object]) -> None:
    files = [tmp_path / "first.json", tmp_path / "later.json"]
    for path, content in zip(files, (FIRST, later), strict=True):
        path.write_text(json.dumps(content))
    assert Config.load(*bundle_sources(files))[""] == ConfigParser.load_config_files([*map(str, files)])


def test_metadata_is_read_where_it_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "metadata.json").write_text('{"version": 1}')
    for name, value, holds in (("a.json", "1", False), ("b.json", '"@_meta_#version"', True)):
        (tmp_path / name).write_text(f'{{"x": {value}}}')
        assert ("_meta_" in Config.load(*bundle_sources([tmp_path / name]))) is holds
    assert "_meta_" in Config.load(*bundle_sources([tmp_path / "a.json"], [tmp_path / "metadata.json"]))


def test_only_modules_of_its_own_that_it_names_are_imported(tmp_path: Path) -> None:
    for module in ("scripts", "configs", "json", "torch", "unused"):
        (tmp_path / module).mkdir()
        (tmp_path / module / "__init__.py").touch()
    (tmp_path / "docs").mkdir()
    file = tmp_path / "configs" / "train.json"
    names = ["scripts.a.B", "json.loads", "torch.nn.ReLU", "docs.a", "Plain", "missing.C"]
    file.write_text(json.dumps({"imports": ["$import scripts"], "x": [{"_target_": one} for one in names]}))
    assert root_of(file) == tmp_path
    *_, added = Config.load(*bundle_sources([file]))["imports"]
    assert added == {"path": str(tmp_path), "module_name": "scripts"}
    assert root_of(tmp_path / "train.json") == tmp_path


def test_what_is_evaluated_one_after_the_other(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(FIRST))
    tree = Config.load(*bundle_sources([tmp_path / "a.json"])).tree
    assert steps_of(tree) == ["run"]
    assert expressions_at(tree, "run") == ["run::0", "run::1"]
    assert expressions_at(tree, "a#b") == ["a#b"]


def test_an_override_sets_no_key_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(FIRST))
    sources = bundle_sources([tmp_path / "a.json"])
    (problem,) = misspelt_keys(Config.load(*sources, "nam=1", "h=2", "+more=3", "a::b=4").tree)
    assert problem.what == "there is no 'nam'"
    assert problem.help == "did you mean 'names'? To add a new key write '+nam=...'"
