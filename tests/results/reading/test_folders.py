import json
from collections.abc import Callable
from pathlib import Path

import pytest

from lighter.results.reading.folders import config_name, run_folders


def test_runs_are_found_at_any_depth_and_nothing_is_looked_for_inside_one(run: Callable[..., Path]) -> None:
    one = run("runs/digits/2026-01-31_12-00-00")
    of_series = run("runs/sweep/2026-02-01_12-00-00/small")
    Path(of_series.parent, "summary.json").write_text("[]")
    run(f"{one}/predictions/inner")
    assert list(run_folders(Path("runs"))) == [one, of_series]


def test_a_run_lists_itself(run: Callable[..., Path]) -> None:
    one = run()
    assert list(run_folders(one)) == [one]


def test_a_config_that_somebody_keeps_is_no_run(run: Callable[..., Path], tmp_path: Path) -> None:
    one = run("runs/digits/2026-01-31_12-00-00", state=None)  # killed before it came to more
    (tmp_path / "config.yaml").write_text("")
    (tmp_path / "configs" / "big").mkdir(parents=True)
    (tmp_path / "configs" / "big" / "config.yaml").write_text("")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "status.json").write_text("{}")
    (tmp_path / "circle").symlink_to(tmp_path)
    assert list(run_folders(Path())) == [one]


@pytest.mark.parametrize("mark", ["log.txt", "results.json", "metrics.csv", "environment.json"])
def test_one_that_was_begun_is_listed(tmp_path: Path, mark: str) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "config.yaml").write_text("")
    assert list(run_folders(tmp_path)) == []
    (folder / mark).write_text("")
    assert list(run_folders(tmp_path)) == [folder]


def test_a_folder_that_is_gone_has_no_runs(tmp_path: Path) -> None:
    assert list(run_folders(tmp_path / "gone")) == []


def test_a_config_is_called_as_the_folder_above_a_time(run: Callable[..., Path]) -> None:
    assert config_name(run("runs/digits/2026-01-31_12-00-00_2")) == "digits"
    assert config_name(run("mine")) == "mine"


@pytest.mark.parametrize(("recorded", "name"), [("digits", "digits"), (None, "mine"), (1, "mine")])
def test_in_a_folder_of_another_name_what_ran_is_told(run: Callable[..., Path], recorded: object, name: str) -> None:
    folder = run("mine")
    (folder / "environment.json").write_text(json.dumps({"config": recorded, "command": ["lighter", "fit", "x.yaml"]}))
    assert config_name(folder) == name


@pytest.mark.parametrize("text", ["", "[]", "{", '{"command": null}'])
def test_a_broken_environment_tells_nothing(run: Callable[..., Path], text: str) -> None:
    folder = run("mine")
    (folder / "environment.json").write_text(text)
    assert config_name(folder) == "mine"
