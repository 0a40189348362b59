from pathlib import Path
from typing import Any

import pytest

from lighter import Config
from lighter.config.dumping import plain

TRACKER = """
trainer::logger:
  _target_: dict
  api_key: t0ps3cret
  project: digits
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "trackers").mkdir()
    (tmp_path / "trackers" / "mine.yaml").write_text(TRACKER)
    (tmp_path / "config.yaml").write_text("trainer: {max_epochs: 1, logger: true}\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_secret_is_written_as_the_place_where_it_stands(folder: Path) -> None:
    config = Config.load("config.yaml", "trackers/mine.yaml")
    file = folder / "trackers" / "mine.yaml"
    assert f"api_key: '%{file}::trainer::logger::api_key'" in config.dump()
    assert "t0ps3cret" not in config.dump() + config.dump(origins=True) + config.dump("trainer::logger")
    assert config.resolve("trainer::logger")["api_key"] == "t0ps3cret"


def test_what_is_written_down_runs_again_and_stays_without_the_secret(folder: Path) -> None:
    (folder / "again.yaml").write_text(Config.load("config.yaml", "trackers/mine.yaml").dump())
    again = Config.load("again.yaml")
    assert again.resolve("trainer::logger")["api_key"] == "t0ps3cret"
    assert "t0ps3cret" not in again.dump()


def test_a_secret_that_was_copied_is_written_as_the_place_it_came_from(folder: Path) -> None:
    (folder / "copies.yaml").write_text("vars: {mine: '%trackers/mine.yaml::trainer::logger'}\n")
    config = Config.load("copies.yaml")
    assert "t0ps3cret" not in config.dump()
    assert "mine.yaml::trainer::logger::api_key" in config.dump()


def test_one_without_a_file_is_written_as_a_variable(folder: Path) -> None:
    config = Config.load("config.yaml", "vars::comet_api_key=t0ps3cret", {"vars": {"logins": [{"password": 1234}]}})
    dumped = config.dump()
    assert "comet_api_key: $env('COMET_API_KEY')" in dumped
    assert "password: $env('PASSWORD')" in dumped


def test_a_value_that_is_a_secret_only_where_it_is_copied_to(folder: Path) -> None:
    (folder / "keys.yaml").write_text("comet: t0ps3cret\nlists: {mine: '%more.yaml::a::b', all: [x, t0ps3cret]}\n")
    (folder / "more.yaml").write_text("a: {b: {c: t0ps3cret}}\n")
    macros = {"api_key": "%keys.yaml::comet", "secret": "%keys.yaml::lists::all::1", "password": "%::api_key"}
    config = Config.load("config.yaml", {"vars": {**macros, "passwd": "%keys.yaml::lists::mine::c"}})
    assert plain_vars(config) == {
        "api_key": f"%{folder}/keys.yaml::comet",
        "secret": f"%{folder}/keys.yaml::lists::all::1",
        "password": f"%{folder}/keys.yaml::comet",
        "passwd": "$env('PASSWD')",
    }


def test_the_place_is_the_one_in_its_own_file(folder: Path) -> None:
    text = "[1, {a::api_key: t0ps3cret, secret: &s t0ps3cret}]"
    (folder / "b.yaml").write_text(f"_base_: config.yaml\n+vars: {{list: {text}}}\n")
    (folder / "c.json").write_text('{"vars::logins": [[{"password": 5}]]}')
    config = Config.load("b.yaml", "c.json", "vars::list::0=2", {"+vars::list": [{"secret": "t0ps3cret"}]})
    (one,) = plain_vars(config)["logins"][0]
    assert one == {"password": f"%{folder}/c.json::vars::logins::0::0::password"}
    _, second, third = plain_vars(config)["list"]
    assert second["a::api_key"] == "$env('A__API_KEY')"
    assert second["secret"] == f"%{folder}/b.yaml::vars::list::1::secret"
    assert third == {"secret": "$env('SECRET')"}


def test_what_is_added_to_a_list_has_no_place_in_its_file_alone(folder: Path) -> None:
    (folder / "a.yaml").write_text("vars: {list: [1]}\n")
    (folder / "b.yaml").write_text("_base_: a.yaml\nvars: {+list: [{password: t0ps3cret}]}\n")
    assert plain_vars(Config.load("b.yaml")) == {"list": [1, {"password": "$env('PASSWORD')"}]}


def plain_vars(config: Config) -> Any:
    return plain(config.portable)["vars"]


def test_a_file_that_has_changed_meanwhile_gives_nothing_away(folder: Path) -> None:
    config = Config.load("config.yaml", "trackers/mine.yaml")
    (folder / "trackers" / "mine.yaml").write_text("]")
    assert "t0ps3cret" not in config.dump()


@pytest.mark.parametrize(
    "written", ["pad_token: <pad>", "api_key: null", "api_key: '@vars::x'", "secret: ''", "tokens: 5", "api_key: true"]
)
def test_what_is_no_secret_stays_as_it_is(written: str, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(f"vars:\n  x: 1\n  {written}\n")
    assert written in Config.load(path).dump()
