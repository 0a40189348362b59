import os
from pathlib import Path

import pytest

from lighter import Config
from lighter.records.sources import OVERRIDES, SOURCES, record_sources


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "run").mkdir()
    return tmp_path / "run"


def write(**texts: str) -> None:
    for name, text in texts.items():
        path = Path(f"{name.replace('__', '/')}.yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def recorded(run: Path) -> dict[str, str]:
    folder = run / SOURCES
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_one_file_lies_at_the_top(run: Path) -> None:
    write(deep__a="vars: {x: 1}\n")
    record_sources(Config("deep/a.yaml"), run)
    assert recorded(run) == {"a.yaml": "vars: {x: 1}\n", OVERRIDES: ""}


def test_files_of_one_name_lie_as_they_did_and_compose_again(run: Path) -> None:
    write(
        models__base="vars: {model: 1}\n",
        data__base="vars: {data: 2}\nlist: [1, 2]\n",
        exp__a="_base_: [../models/base.yaml, ../data/base.yaml]\nvars: {last: '%../data/base.yaml::list::1'}\n",
    )
    config = Config("exp/a.yaml", "vars::model=3", "+vars::new=1")
    record_sources(config, run)
    assert {*recorded(run)} == {"models/base.yaml", "data/base.yaml", "exp/a.yaml", OVERRIDES}
    given = (run / SOURCES / OVERRIDES).read_text().splitlines()
    assert given == ["vars::model=3", "+vars::new=1"]
    assert Config(run / SOURCES / "exp" / "a.yaml", *given)["vars"] == config["vars"]


def test_no_secret_is_copied(run: Path) -> None:
    write(a="vars: {api_key: t0ps3cret, size: 1}\n")
    mapping = {
        "vars::password": "t0ps3cret",
        "vars": {"a": [{"secret": "t0ps3cret"}], "auth_token": "$env('X')", "passwd": "$$t0ps3cret"},
    }
    record_sources(Config("a.yaml", mapping, "+vars::access_key=t0ps3cret"), run)
    found = recorded(run)
    assert "t0ps3cret" not in str(found)
    assert found["a.yaml"] == "vars: {api_key: \"$env('API_KEY')\", size: 1}\n"
    assert '"auth_token": "$env(\'X\')"' in found["mapping.json"]
    assert found[OVERRIDES] == "+vars::access_key=$env('ACCESS_KEY')\n"


def test_mappings_are_files_that_can_be_read_again(run: Path) -> None:
    config = Config({"vars": {"ü": [1, 2.5, None], "text": "$$x"}}, {"+vars::new": True})
    record_sources(config, run)
    folder = run / SOURCES
    assert Config(folder / "mapping.json", folder / "mapping_2.json")["vars"] == config["vars"]


def test_an_object_in_a_mapping_is_written_as_its_repr(run: Path) -> None:
    record_sources(Config({"vars": {"path": Path("a"), "function": os.getcwd}}), run)
    assert '"function": "<built-in function getcwd>"' in recorded(run)["mapping.json"]


def test_the_first_stage_is_the_one_that_is_recorded(run: Path) -> None:
    write(a="vars: {x: 1}\n")
    record_sources(Config("a.yaml", "vars::x=2"), run)
    record_sources(Config("a.yaml", "vars::x=3"), run)
    assert recorded(run)[OVERRIDES] == "vars::x=2\n"


def test_it_appears_whole_or_not_at_all(run: Path) -> None:
    write(a="vars: {x: 1}\n")
    run.rmdir()
    run.write_text("a file in its place")
    with pytest.raises(OSError, match="Not a directory"):
        record_sources(Config("a.yaml"), run)
    run.unlink()
    run.mkdir()
    blocked = run / f".{SOURCES}.{os.getpid()}" / OVERRIDES
    blocked.mkdir(parents=True)
    with pytest.raises(OSError, match="directory"):
        record_sources(Config("a.yaml"), run)
    assert list(run.iterdir()) == []
