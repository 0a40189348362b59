from pathlib import Path

import pytest

from lighter import Config
from lighter.errors import Source
from lighter.runs.record.composition import composed_files, given, given_mappings, overrides, parsed


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(**texts: str) -> None:
    for name, text in texts.items():
        path = Path(f"{name.replace('__', '/')}.yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def names(config: Config, folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in composed_files(config))


def test_every_file_counts_also_one_that_adds_nothing(folder: Path) -> None:
    write(
        a="_base_: [b.yaml, deep/c.yaml]\n",
        b="vars: {x: 1}\n",
        deep__c="_base_: d.yaml\nvars: {x: 2}\n",
        deep__d="vars: {y: '%../e.yaml::z'}\n",
        e="z: '%f.yaml::all::0'\n",
        f="all: [{k: 1}]\n",
        g="",
    )
    config = Config("a.yaml", "g.yaml", "vars::x=3")
    assert config["vars"] == {"x": 3, "y": {"k": 1}}
    expected = ["a.yaml", "b.yaml", "deep/c.yaml", "deep/d.yaml", "e.yaml", "f.yaml", "g.yaml"]
    assert names(config, folder) == expected


def test_the_text_is_the_one_that_was_read(folder: Path) -> None:
    write(a="_base_: [b.yaml, c.yaml]\nvars: {x: 1}\n", b="vars: {y: 2}\n", c="")
    config = Config("a.yaml")
    write(a="vars: {x: 5}\n")
    Path("b.yaml").unlink()
    assert {path.name: text for path, text in composed_files(config).items()} == {
        "a.yaml": "_base_: [b.yaml, c.yaml]\nvars: {x: 1}\n",
        "b.yaml": "vars: {y: 2}\n",
        "c.yaml": "",
    }


def test_a_run_folder_and_a_json_file_are_files_too(folder: Path) -> None:
    write(runs__one__config="vars: {x: 1}\n")
    Path("b.json").write_text('{\n\t"vars": {"y": "%c.yaml::k"}\n}\n')
    write(c="k: 1\n")
    assert names(Config("runs/one", "b.json"), folder) == ["b.json", "c.yaml", "runs/one/config.yaml"]


def test_what_a_macro_names_that_was_replaced_may_be_gone(folder: Path) -> None:
    write(a="vars: {x: '%gone.yaml::y', z: '%::x'}\n")
    assert names(Config("a.yaml", "vars::x=1"), folder) == ["a.yaml"]


def test_what_was_given_is_told_as_it_was_given(folder: Path) -> None:
    write(a="vars: {x: 1}\n")
    config = Config(
        Path("a.yaml"), {"vars": {"y": 2}}, "vars::x=2", "+vars::api_key=abc", {"vars": {"z": 3}}, "~vars::y"
    )
    overriding = ["vars::x=2", "+vars::api_key=$env('API_KEY')"]
    assert given(config) == ["a.yaml", "mapping.json", *overriding, "mapping_2.json", "~vars::y"]
    assert given_mappings(config) == [{"vars": {"y": 2}}, {"vars": {"z": 3}}]
    assert overrides(config) == ["vars::x=2", "+vars::api_key=abc", "~vars::y"]


def test_a_tree_that_was_given_counts_with_its_files(folder: Path) -> None:
    write(a="vars: {x: 1}\n")
    tree = Config("a.yaml").tree
    config = Config(tree, "vars::x=2")
    assert names(config, folder) == ["a.yaml"]
    assert given_mappings(config) == [{"vars": {"x": 1}}]


def test_a_text_that_is_no_config_has_no_tree(folder: Path) -> None:
    assert parsed(Source("a.yaml", "a: [", path=folder / "a.yaml")) is None
    assert parsed(Source("a.yaml", "", path=folder / "a.yaml")) is None
