from pathlib import Path

import pytest

from lighter.config import Config
from lighter.config.tree import Mapping
from lighter.results.report.configs import config_origins, read_config
from lighter.runs.record.sources import given, record_sources
from lighter.runs.whole_files import write_whole


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_whole(Path("base.yaml"), "seed: 1\nvars: {size: 2, copy: '%parts/more.yaml::one'}\n")
    write_whole(Path("parts/more.yaml"), "one: 1\n")
    write_whole(Path("exp/exp.yaml"), "_base_: ../base.yaml\nvars: {size: 3}\n")
    choice = "_base_: [../base.yaml, {vars::part: ../parts/less.yaml}]\nvars: {part: {two: 2}}\n"
    write_whole(Path("exp/choice.yaml"), choice)
    write_whole(Path("parts/less.yaml"), "none: 0\n")
    write_whole(Path("over.yaml"), "vars: {more: [1, {a: 2}]}\n")


def recorded(*sources: str) -> tuple[Path, Config]:
    """The folder of a run, as one leaves it, and the config that ran."""
    config, folder = Config.load(*sources), Path("runs/one")
    write_whole(folder / "config.yaml", config.dump())
    record_sources(config, folder)
    return folder, config


def shown(folder: Path, config: Config) -> str:
    lines = read_config(folder, given(config)).lines
    return "".join(f"{line.text}  # {line.origin}\n" if line.origin else f"{line.text}\n" for line in lines)


@pytest.mark.parametrize(
    "sources",
    [
        ["base.yaml"],
        ["exp/exp.yaml", "vars::size=4", "seed=2"],
        ["over.yaml", "vars=parts/more.yaml", "vars::one=5"],
        ["exp/choice.yaml", "vars::part=../parts/more.yaml"],
        ["seed=3", "exp/exp.yaml", "over.yaml", "~seed", "vars::api_key=hidden-and-long"],
    ],
)
def test_the_report_tells_what_show_told(sources: list[str]) -> None:
    folder, config = recorded(*sources)
    told = config.dump(origins=True)
    for path in ("base.yaml", "over.yaml", "exp/exp.yaml", "parts/more.yaml", "exp/choice.yaml", "parts/less.yaml"):
        Path(path).unlink()  # the copies in the run are enough
    # Copies lie as seen from the folder that all of them are in.
    assert shown(folder, config) == told


def test_a_run_of_a_run_folder() -> None:
    recorded("exp/exp.yaml")
    config = Config.load("runs/one", "seed=5")
    write_whole(Path("runs/two/config.yaml"), config.dump())
    record_sources(config, Path("runs/two"))
    told = config.dump(origins=True).replace("runs/one/", "")
    assert "seed: 5  # config.yaml:1 -> command line" in told
    assert shown(Path("runs/two"), config) == told


@pytest.mark.parametrize("given", [[], ["another.yaml"], ["base.yaml", "mapping.json"]])
def test_sources_that_cannot_be_told_tell_nothing(given: list[str]) -> None:
    folder, config = recorded("base.yaml")
    assert isinstance(config.tree, Mapping)
    assert config_origins(folder, config.tree, given) == {}


def test_a_value_that_the_copies_do_not_make_has_no_origin() -> None:
    folder, config = recorded("base.yaml")
    write_whole(folder / "sources" / "base.yaml", "seed: 7\nvars: {size: 2}\n")
    assert config_origins(folder, config.tree, ["base.yaml"]) == {("vars", "size"): "base.yaml:2"}


def test_copies_that_are_no_config_tell_nothing() -> None:
    folder, config = recorded("base.yaml")
    write_whole(folder / "sources" / "base.yaml", "a: [\n")
    assert config_origins(folder, config.tree, ["base.yaml"]) == {}
