"""What a config was composed of is kept, as it was read."""

import os
from pathlib import Path

import pytest

from lighter import Config


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
    return sorted(os.path.relpath(source.path, folder) for source in config.files if source.path is not None)


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
    assert {source.name: source.text for source in config.files} == {
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


def test_a_tree_that_was_given_counts_with_its_files(folder: Path) -> None:
    write(a="vars: {x: 1}\n")
    tree = Config("a.yaml").tree
    config = Config(tree, "vars::x=2")
    assert names(config, folder) == ["a.yaml"]
