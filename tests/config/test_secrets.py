from pathlib import Path

import pytest

from lighter import Config

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


def test_a_file_that_has_changed_meanwhile_gives_nothing_away(folder: Path) -> None:
    config = Config.load("config.yaml", "trackers/mine.yaml")
    (folder / "trackers" / "mine.yaml").write_text("]")
    assert "api_key: $env('API_KEY')" in config.dump()


@pytest.mark.parametrize(
    "written", ["pad_token: <pad>", "api_key: null", "api_key: '@vars::x'", "secret: ''", "tokens: 5", "api_key: true"]
)
def test_what_is_no_secret_stays_as_it_is(written: str, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(f"vars:\n  x: 1\n  {written}\n")
    assert written in Config.load(path).dump()
