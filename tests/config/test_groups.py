"""Files for places of a config: `system::model=models/big.yaml`, and `_base_: {system::model: models/big.yaml}`."""

from pathlib import Path

import pytest

from lighter.config import Config
from lighter.config.groups import first_there
from lighter.errors import ConfigError

RUN = """
vars: {width: 3, text: notes.yaml, free: {a: 1}}
system:
  model: {_target_: nets.Small, width: 2, path: data.yaml, head: {_target_: nets.Head, bias: true}}
  dataloaders: {train: {_target_: nets.Loader}}
  scheduler: null
trainer: {max_epochs: 3, callbacks: [{_target_: nets.Stop}]}
"""
SMALL, BIG = "{_target_: nets.Small, width: 8, extra: 1}\n", "{_target_: nets.Big, width: 64, depth: '@::width'}\n"


@pytest.fixture(autouse=True)
def files(write):
    write("run.yaml", RUN)
    write("models/small.yaml", SMALL)
    write("models/big.yaml", BIG)
    write("models/all.json", '{"wide": {"_target_": "nets.Big", "width": 512}, "list": [1, 2], "narrow::width": 1}')
    write("data.yaml", "a: 1\n")
    write("stop.yaml", "_target_: nets.Rate\n")


def model(*sources):
    return Config.load(*sources)["system::model"]


def told(*sources):
    with pytest.raises(ConfigError) as error:
        Config.load(*sources)
    return [(problem.what, problem.help) for problem in error.value.problems]


def test_a_file_lies_at_its_place_over_the_base_and_under_the_overrides_in_any_order():
    expected = {
        "_target_": "nets.Big",
        "width": 5,
        "depth": "@::width",
        "path": "data.yaml",
        "head": {"_target_": "nets.Head", "bias": True},
    }
    swap, width = "system::model=models/big.yaml", "system::model::width=5"
    assert model("run.yaml", swap, width) == model("run.yaml", width, swap) == expected


def test_it_replaces_all_that_was_there_where_that_is_said():
    assert model("run.yaml", "=system::model=models/big.yaml") == {
        "_target_": "nets.Big",
        "width": 64,
        "depth": "@::width",
    }


def test_the_last_of_several_files_for_a_place_counts():
    assert "extra" not in model("run.yaml", "system::model=models/small.yaml", "system::model=models/big.yaml")
    made = model("run.yaml", "+system::model=models/small.yaml", "system::model=models/big.yaml")
    assert (made["extra"], made["width"]) == (1, 64)


def test_outer_places_come_first(write):
    write("head.yaml", "bias: false\n")
    write("models/deep.yaml", "{_target_: nets.Deep, head: {_target_: nets.Other}}\n")
    made = model("run.yaml", "system::model::head=head.yaml", "system::model=models/deep.yaml")
    assert made["head"] == {"_target_": "nets.Other", "bias": False}


def test_a_piece_of_a_file(write):
    assert model("run.yaml", "=system::model=models/all.json::wide") == {"_target_": "nets.Big", "width": 512}
    assert model("run.yaml", "=system::model=models/all.json::narrow") == {"width": 1}
    assert told("run.yaml", "system::model=models/all.json::wied") == [
        ("there is no 'wied' in 'models/all.json'", "did you mean 'wide'?")
    ]


def test_a_file_of_the_group_may_have_bases_and_marks(write):
    write("models/bigger.yaml", "_base_: big.yaml\nwidth: 128\n")
    write("trainers/more.yaml", "+callbacks: [{_target_: nets.Rate}]\n")
    config = Config.load("run.yaml", "system::model=models/bigger.yaml", "trainer=trainers/more.yaml")
    assert (config["system::model::width"], config["system::model::depth"]) == (128, "@::width")
    assert [one["_target_"] for one in config["trainer::callbacks"]] == ["nets.Stop", "nets.Rate"]
    assert {source.name for source in config.files} == {
        "run.yaml",
        "models/bigger.yaml",
        "models/big.yaml",
        "trainers/more.yaml",
    }


@pytest.mark.parametrize(
    ("override", "place", "value"),
    [
        ("system::model::path=data.yaml", "system::model::path", "data.yaml"),  # a text was there
        ("system::model::other=data.yaml", "system::model::other", "data.yaml"),  # a new argument
        ("vars::text=data.yaml", "vars::text", "data.yaml"),
        ("vars::new=data.yaml", "vars::new", "data.yaml"),
        ("vars::width=no_such.yaml", "vars::width", "no_such.yaml"),
        ("vars::free='data.yaml'", "vars::free", "data.yaml"),  # quotes say that it is a text
        ("system::model=s3://bucket/big.yaml", "system::model", "s3://bucket/big.yaml"),
        ("vars::free=data.yaml", "vars::free", {"a": 1}),  # a mapping was there
        ("system::scheduler=data.yaml", "system::scheduler", {"a": 1}),  # which takes no text
        ("system::optimizer=data.yaml", "system::optimizer", {"a": 1}),
        ("trainer::logger=data.yaml", "trainer::logger", {"a": 1}),
        ("trainer::callbacks=data.yaml", "trainer::callbacks", {"a": 1}),
        ("+trainer::callbacks=stop.yaml", "trainer::callbacks", [{"_target_": "nets.Stop"}, {"_target_": "nets.Rate"}]),
        ("trainer::callbacks::0=data.yaml", "trainer::callbacks::0", {"_target_": "nets.Stop", "a": 1}),
        ("data=data.yaml", "data", {"a": 1}),
    ],
)
def test_what_is_a_file_and_what_a_text(override, place, value):
    if override == "trainer::callbacks=data.yaml":
        assert told("run.yaml", override)[0][0] == "'trainer::callbacks' is a list, and this a mapping of names"
        override = f"={override}"
    assert Config.load("run.yaml", override)[place] == value


@pytest.mark.parametrize(
    ("base", "override", "value"),
    [
        ({"data": "a.yaml"}, "data=data.yaml", {"a": 1}),
        ({"x": 1}, "trainer=data.yaml", {"a": 1}),
        ({"system": {"_target_": "own.Module", "model": "a"}}, "system::model=data.yaml", "data.yaml"),
        ({"system": {"_target_": "own.Module"}}, "system::model=data.yaml", "data.yaml"),
        ({"x": "%models/small.yaml"}, "x=data.yaml", {"a": 1}),
        ({"y": {"z": 2}, "x": "@y"}, "x=data.yaml", {"a": 1}),
        ({"y": 2, "x": "@y"}, "x=data.yaml", "data.yaml"),
        ({}, "system=data.yaml", {"a": 1}),
    ],
)
def test_of_other_configs_too(base, override, value):
    assert Config.load(base, override)[override.partition("=")[0]] == value


def test_a_file_that_is_not_there_is_told_with_the_nearest():
    assert told("run.yaml", "system::model=models/bgi.yaml") == [
        (
            "there is no file 'models/bgi.yaml'",
            "did you mean 'big.yaml'? Or for the text itself write system::model='\"models/bgi.yaml\"'",
        )
    ]
    ((what, help),) = told("run.yaml", "system::model=models/other.yaml")
    assert what == "there is no file 'models/other.yaml'"
    assert help.startswith("'models' holds all.json, big.yaml, small.yaml; for the text itself")


def test_it_is_looked_for_in_the_folder_of_the_config_first(write, monkeypatch, tmp_path):
    write("conf/run.yaml", RUN)
    write("conf/models/big.yaml", "{_target_: nets.InFolder}\n")
    assert model("conf/run.yaml", "=system::model=models/big.yaml") == {"_target_": "nets.InFolder"}
    assert model("conf/run.yaml", "=system::model=models/small.yaml")["extra"] == 1
    assert first_there("models/gone.yaml", (Path("none"), Path("conf"))) == Path("conf/models/gone.yaml")
    assert first_there("gone.yaml", (Path("none"), Path("no"))) == Path("none/gone.yaml")
    monkeypatch.chdir(tmp_path / "models")
    assert model("../conf/run.yaml", f"=system::model={tmp_path}/models/big.yaml")["width"] == 64


EXPERIMENT = """
_base_: [run.yaml, {=system::model: models/small.yaml}]
system: {model: {width: 7}}
"""


def test_the_command_line_exchanges_the_file_that_a_base_names(write):
    write("exp.yaml", EXPERIMENT)
    assert model("exp.yaml") == {"_target_": "nets.Small", "width": 7, "extra": 1}
    assert model("exp.yaml", "system::model=models/big.yaml") == {
        "_target_": "nets.Big",
        "width": 7,  # the experiment's own
        "depth": "@::width",
    }
    made = model("exp.yaml", "system::model::width=9", "system::model=models/all.json::wide")
    assert made == {"_target_": "nets.Big", "width": 9}


def test_also_the_one_that_a_base_of_a_base_names(write):
    write("exp.yaml", EXPERIMENT)
    write("longer.yaml", "_base_: exp.yaml\ntrainer: {max_epochs: 9}\n")
    assert "extra" not in model("longer.yaml", "system::model=models/big.yaml")
    write("other.yaml", "_base_: [exp.yaml, {system::model: models/big.yaml}]\nsystem: {model: {depth: 5}}\n")
    assert model("other.yaml") == {"_target_": "nets.Big", "width": 7, "depth": 5}
    assert model("other.yaml", "system::model=models/small.yaml") == {
        "_target_": "nets.Small",
        "width": 7,
        "extra": 1,
        "depth": 5,
    }


def test_such_a_file_is_also_found_beside_the_base_that_names_it(write):
    write("exp.yaml", EXPERIMENT)
    write("experiments/far.yaml", "_base_: ../exp.yaml\n")
    write("models/tiny.yaml", "{_target_: nets.Tiny}\n")
    write("away/here.txt", "")
    assert model("experiments/far.yaml", "system::model=models/tiny.yaml") == {"_target_": "nets.Tiny", "width": 7}
    ((what, help),) = told("experiments/far.yaml", "system::model=models/tini.yaml")
    assert what.endswith("models/tini.yaml'")
    assert help == "did you mean 'tiny.yaml'?"  # and no word of a text: it can be none


def test_and_beside_the_base_whose_choice_the_experiment_exchanged(write):
    write("conf/exp.yaml", "_base_: [{system::model: ../models/small.yaml}]\n")
    write("conf/there/tiny.yaml", "{_target_: nets.Tiny}\n")
    write("conf/more/far.yaml", "_base_: [../exp.yaml, {system::model: ../../models/big.yaml}]\n")
    assert model("conf/more/far.yaml")["_target_"] == "nets.Big"
    assert model("conf/more/far.yaml", "system::model=there/tiny.yaml") == {"_target_": "nets.Tiny"}


@pytest.mark.parametrize(
    ("word", "help"),
    [
        ("big", "write 'system::model=../models/big.yaml'"),
        ("bgi", "write 'system::model=../models/big.yaml'"),
        ("other", "there are ../models/all.json, ../models/big.yaml, ../models/small.yaml"),
    ],
)
def test_a_word_for_a_file_is_told_what_to_write(write, word, help):
    write("conf/exp.yaml", "_base_: [../run.yaml, {system::model: ../models/small.yaml}]\n")
    assert told("conf/exp.yaml", f"system::model={word}") == [
        (f"'system::model' takes a file, and '{word}' is none", help)
    ]


def test_a_word_is_a_text_where_a_text_may_be(write):
    write("exp.yaml", "_base_: [run.yaml, {trainer::strategy: data.yaml}]\n")
    assert Config.load("exp.yaml", "trainer::strategy=ddp")["trainer::strategy"] == "ddp"
    assert Config.load("exp.yaml", "trainer::strategy=models/small.yaml")["trainer::strategy::width"] == 8


@pytest.mark.parametrize(("config", "depth"), [("run.yaml", "@::width"), ("exp.yaml", 2)])  # its own value stays
def test_what_is_deleted_before_a_file_is_replaced_by_it(write, config, depth):
    write("exp.yaml", "_base_: [run.yaml, {system::model: models/small.yaml}]\nsystem: {model: {depth: 2}}\n")
    made = model(config, "~system::model", "system::model::width=3", "system::model=models/big.yaml")
    assert made == {"_target_": "nets.Big", "width": 3, "depth": depth}
    assert "system::model" not in Config.load(config, "system::model=models/big.yaml", "~system::model")
    assert Config.load(config, "vars::x={a: 1}", "~vars::x", "vars::x=y.txt")["vars::x"] == "y.txt"


def test_two_files_of_the_command_line_have_one_choice_between_them(write):
    write("exp.yaml", EXPERIMENT)
    write("over.yaml", "_base_: {system::model: models/small.yaml}\nsystem: {model: {depth: 2}}\n")
    made = model("exp.yaml", "over.yaml", "system::model=models/big.yaml")
    assert made == {"_target_": "nets.Big", "width": 7, "depth": 2}


def test_what_the_files_target_does_not_take_is_left_out_and_noted(write):
    write("nets.py", "class Small:\n    def __init__(self, width): ...\nclass New:\n    pass\n")
    write("a.yaml", "model: {_target_: nets.Small, width: 1}\n")
    write("b.yaml", "{_target_: nets.New}\n")
    config = Config.load("a.yaml", "model=b.yaml")
    assert config.notes == ("note: model::width (a.yaml:1) is left out: nets.New takes no 'width'",)
    assert config.check() == []


def test_origins_name_the_file_of_each_value(write):
    write("exp.yaml", EXPERIMENT)
    shown = Config.load("exp.yaml", "system::model=models/big.yaml", "system::model::depth=2").dump(
        "system::model", origins=True
    )
    assert shown == (
        "_target_: nets.Big  # models/big.yaml:1\n"
        "width: 7  # models/big.yaml:1 -> exp.yaml:3\n"
        "depth: 2  # models/big.yaml:1 -> command line\n"
    )
