from pathlib import Path

import pytest

from lighter.errors import ConfigError
from lighter.runs.series.checking import checked
from lighter.runs.series.reading import read_series

SERIES = """
experiments:
  one: config.yaml
  two: [config.yaml, {system::optimizer::lrr: 1}]
  three: {_base_: config.yaml, system: {model: {_target_: line.parts.Lien}}}
"""


def mistakes(text: str, *over: str) -> str:
    Path("all.yaml").write_text(text)
    with pytest.raises(ConfigError) as told:
        checked(read_series(Path("all.yaml")), over)
    return str(told.value)


def test_a_right_series_gives_its_configs_with_what_lies_over_them(line: Path) -> None:
    Path("all.yaml").write_text("experiments: {one: config.yaml, two: [config.yaml, {system::optimizer::lr: 0.5}]}")
    configs = checked(read_series(Path("all.yaml")), ["trainer::max_epochs=7"])
    found = {name: (one["trainer::max_epochs"], one["system::optimizer::lr"]) for name, one in configs.items()}
    assert found == {"one": (7, 0.1), "two": (7, 0.5)}


def test_a_file_for_a_place_is_exchanged_in_all_of_them(line: Path) -> None:
    (line / "small.yaml").write_text("{_target_: line.parts.Line, extra: 1}")
    (line / "big.yaml").write_text("{_target_: torch.nn.LazyLinear, out_features: 1}")
    (line / "exp.yaml").write_text("_base_: [config.yaml, {=system::model: small.yaml}]\nsystem::model::bias: true\n")
    in_place = "{_base_: [config.yaml, {=system::model: small.yaml}], trainer: {max_epochs: 1}}"
    (line / "all.yaml").write_text(f"experiments: {{one: exp.yaml, two: [exp.yaml], three: {in_place}}}")
    configs = checked(read_series(Path("all.yaml")), ["system::model=big.yaml"])
    big = {"_target_": "torch.nn.LazyLinear", "out_features": 1}
    assert configs["one"]["system::model"] == configs["two"]["system::model"] == {**big, "bias": True}
    assert configs["three"]["system::model"] == big


def test_the_mistakes_of_all_experiments_are_told_at_once_each_with_its_place(line: Path) -> None:
    told = mistakes(SERIES)
    assert "takes no argument 'lrr'\n --> all.yaml:4:23" in told
    assert "did you mean 'Line'?" in told
    assert "all.yaml:5:" in told
    assert "= in '" not in told


def test_one_that_all_share_is_told_once_and_one_of_some_with_their_names(line: Path) -> None:
    shared = mistakes("experiments: {one: config.yaml, two: [config.yaml]}", "trainer::max_epoch=1")
    assert shared.count("error:") == 1
    assert "'one'" not in shared
    path = Path("config.yaml")
    path.with_name("other.yaml").write_text(path.read_text().replace("lr: 0.1", "learning: 0.1"))
    some = mistakes("experiments: {one: config.yaml, two: other.yaml}")
    assert "= in 'two':\n --> all.yaml:1:33" in some


def test_both_phases_are_told(line: Path) -> None:
    told = mistakes("experiments: {one: {trainer: {max_epochs: 1}}, two: [config.yaml, {system::optimizer::lrr: 1}]}")
    assert "the config has no 'system'" in told
    assert "takes no argument 'lrr'" in told


def test_what_lies_over_all_is_told_of_all(line: Path) -> None:
    assert "there is no file 'confg.yaml'" in mistakes("experiments: {one: config.yaml}", "confg.yaml")


def test_what_is_written_in_place_means_the_folder_of_its_file(line: Path) -> None:
    Path("series").mkdir()
    Path("series/rates.yaml").write_text("slow: 0.001\n")
    one = "{_base_: ../config.yaml, system::optimizer::lr: '%rates.yaml::slow', vars::twice: '%trainer::max_epochs'}"
    Path("series/all.yaml").write_text(f"experiments: {{one: {one}}}")
    config = checked(read_series(Path("series/all.yaml")))["one"]
    assert (config["system::optimizer::lr"], config["vars::twice"]) == (0.001, 2)
