"""Arguments that a changed target does not take are left out, and that is said."""

import copy
import logging
from pathlib import Path

import pytest

from lighter import Config
from lighter.config.checks.stale_arguments import without_stale

TOYS = """
class A:
    def __init__(self, lr, betas=None, cfg=None):
        self.given = {"lr": lr, "betas": betas, "cfg": cfg}

class B:
    def __init__(self, lr=0, momentum=0):
        self.given = {"lr": lr, "momentum": momentum}

class Taking:
    def __init__(self, **given):
        self.given = given

def raising():
    raise AssertionError("this is not to be called")
"""
BASE = """
part:
  _target_: toys.A
  lr: 1
  betas: [1, 2]
"""


@pytest.fixture(autouse=True)
def toys(write):
    write("toys.py", TOYS)
    write("base.yaml", BASE)


def problems(config):
    return [problem.what for problem in config.check()]


def left_out(config):
    return [note.removeprefix("note: ").partition(" ")[0] for note in config.notes]


def test_a_second_file(write):
    write("exp.yaml", "part: {_target_: toys.B, momentum: 3}")
    config = Config.load("base.yaml", "exp.yaml")
    assert config.check() == []
    assert config.notes == ("note: part::betas (base.yaml:5) is left out: toys.B takes no 'betas'",)
    assert config.resolve("part").given == {"lr": 1, "momentum": 3}


def test_a_file_over_its_base(write):
    write("exp.yaml", "_base_: base.yaml\npart: {_target_: toys.B}")
    config = Config.load("exp.yaml")
    assert left_out(config) == ["part::betas"]
    assert config.resolve("part").given == {"lr": 1, "momentum": 0}


@pytest.mark.parametrize("over", ["part::_target_=toys.B", "part={_target_: toys.B}", {"part": {"_target_": "toys.B"}}])
def test_overrides_and_mappings(over):
    config = Config.load("base.yaml", over)
    assert left_out(config) == ["part::betas"]
    assert config.resolve()["part"].given == {"lr": 1, "momentum": 0}


def test_what_an_earlier_override_gave_is_left_out_too():
    config = Config.load("base.yaml", "part::cfg=3", "part::_target_=toys.B", "part::momentum=1")
    assert config.notes == (
        "note: part::betas (base.yaml:5) is left out: toys.B takes no 'betas'",
        "note: part::cfg (command line) is left out: toys.B takes no 'cfg'",
    )


def test_three_layers(write):
    write("b.yaml", "part: {_target_: toys.B, momentum: 3}")
    write("a.yaml", "part: {_target_: toys.A}")
    config = Config.load("base.yaml", "b.yaml", "a.yaml")
    assert config.notes == ("note: part::momentum (b.yaml:1) is left out: toys.A takes no 'momentum'",)
    assert config.resolve("part").given == {"lr": 1, "betas": [1, 2], "cfg": None}


def test_the_same_target_again_changes_nothing(write):
    write("b.yaml", "part: {_target_: toys.B}")
    config = Config.load("base.yaml", "b.yaml", "b.yaml", "part::lr=2")
    assert config.resolve("part").given == {"lr": 2, "momentum": 0}
    assert problems(Config.load("b.yaml", "part::betas=1", "part::_target_=toys.B")) == [
        "toys.B takes no argument 'betas'"
    ]


@pytest.mark.parametrize("again", ["part::betas=[3]", "part::betas::0=3", "+part::betas=3", {"part": {"betas": [3]}}])
def test_what_is_given_again_is_meant(again):
    assert problems(Config.load("base.yaml", "part::_target_=toys.B", again)) == ["toys.B takes no argument 'betas'"]


def test_what_is_given_again_below_is_meant():
    mapping = {"part": {"_target_": "toys.A", "lr": 1, "cfg": {"x": 1}}}
    for again in ("part::cfg::x=2", {"part": {"cfg": {"x": 2}}}):
        config = Config.load(mapping, "part::_target_=toys.B", again)
        assert problems(config) == ["toys.B takes no argument 'cfg'"]


def test_one_source_means_all_that_it_gives(write):
    write("places.yaml", "part::betas: 3\npart::_target_: toys.B\n")
    assert problems(Config.load("base.yaml", "places.yaml")) == ["toys.B takes no argument 'betas'"]
    write("both.yaml", "_base_: base.yaml\npart: {cfg: 3}\npart::_target_: toys.B\n")
    config = Config.load("both.yaml")
    assert problems(config) == ["toys.B takes no argument 'cfg'"]
    assert left_out(config) == ["part::betas"]
    write("below.yaml", "part: {cfg: {y: 2}}\npart::_target_: toys.B\n")
    config = Config.load("base.yaml", {"part": {"cfg": {"x": 1}}}, "below.yaml")
    assert problems(config) == ["toys.B takes no argument 'cfg'"]


def test_an_unknown_argument_of_the_first_target_stays_a_mistake():
    assert problems(Config.load("base.yaml", "part::momentum=1")) == ["toys.A takes no argument 'momentum'"]


def test_a_mapping_replaced_whole_inherits_nothing():
    config = Config.load("base.yaml", "=part={_target_: toys.B, lr: 2}")
    assert left_out(config) == []
    assert config["part"] == {"_target_": "toys.B", "lr": 2}


def test_a_target_that_takes_everything_gets_everything():
    config = Config.load("base.yaml", "part::_target_=toys.Taking")
    assert config.resolve("part").given == {"lr": 1, "betas": [1, 2]}


def test_what_stood_below_is_neither_built_nor_checked():
    betas = {"_target_": "toys.raising", "no_such": {"_target_": "no.such.name"}}
    config = Config.load("base.yaml", {"part": {"betas": betas}}, "part::_target_=toys.B")
    assert config.check() == []
    assert config.resolve()["part"].given == {"lr": 1, "momentum": 0}


def test_of_what_stands_in_what_is_left_out_nothing_is_said():
    inner = {"_target_": "toys.A", "lr": 1, "betas": 2}
    outer = {"part": {"_target_": "toys.A", "lr": 1, "cfg": inner}}
    config = Config.load(outer, "part::cfg::_target_=toys.B", "part::_target_=toys.B")
    assert config.notes == ("note: part::cfg (mapping) is left out: toys.B takes no 'cfg'",)


def test_calls_in_lists_and_in_each_other():
    inner = {"_target_": "toys.A", "lr": 1, "betas": 2}
    config = Config.load({"parts": [{"_target_": "toys.A", "lr": inner}]}, "parts::0::lr::_target_=toys.B")
    assert left_out(config) == ["parts::0::lr::betas"]
    assert config.resolve("parts::0").given["lr"].given == {"lr": 1, "momentum": 0}


def test_a_copied_piece_is_settled_as_well():
    config = Config.load("base.yaml", {"copy": "%part"}, "part::_target_=toys.B")
    assert sorted(left_out(config)) == ["copy::betas", "part::betas"]
    assert config.resolve("copy").given == {"lr": 1, "momentum": 0}


def test_a_reference_to_what_is_left_out_is_told_before_anything_is_built():
    config = Config.load("base.yaml", {"same": "@part::betas"}, "part::_target_=toys.B")
    assert problems(config) == ["there is no 'part::betas'"]


def test_no_mistake_is_told_of_what_is_left_out():
    mapping = {"vars": {"x": 1}, "part": {"betas": "@vars::x"}, "other": {"_target_": "toys.Taking"}}
    over = ("~vars::x", "part::_target_=toys.B")
    assert Config.load("base.yaml", mapping, *over).check() == []
    mapping["part"] = {"betas": "@other"}
    assert Config.load("base.yaml", mapping, "other::x=@part", "part::_target_=toys.B").check() == []


def test_a_mistake_in_what_the_new_target_takes_is_told():
    mapping = {"part": {"lr": "@no::such", "betas": "@nor::this", "1": 2}}
    assert problems(Config.load("base.yaml", mapping, "part::_target_=toys.B")) == ["there is no 'no::such'"]


def test_a_mistake_that_does_not_hang_on_it_is_told_without_importing(write):
    write("bad.py", "import pathlib; pathlib.Path('imported').touch()\nclass B: pass")
    config = Config.load("base.yaml", {"same": "@no::such"}, "part::_target_=bad.B")
    assert [problem.what for problem in config.check_structure()] == ["there is no 'no::such'"]
    assert not Path("imported").exists()


@pytest.mark.parametrize("target", ["no.such.Name", "toys.C", "$toys.B", "@other"])
def test_nothing_is_left_out_where_the_target_is_not_known(target):
    config = Config.load("base.yaml", {"other": "$int", "part": {"_target_": target}})
    assert left_out(config) == []
    assert "betas" in config["part"]


def test_a_call_that_is_not_made_imports_nothing(write):
    write("bad.py", "import pathlib; pathlib.Path('imported').touch()\nclass B: pass")
    config = Config.load("base.yaml", "part={_target_: bad.B, _disabled_: true}")
    assert left_out(config) == []
    assert config.resolve("part") is None
    assert not Path("imported").exists()


def test_a_limited_config_imports_only_what_it_may(write):
    write("bad.py", "import pathlib; pathlib.Path('imported').touch()\nclass B: pass")
    config = Config.load("base.yaml", "part::_target_=bad.B").limited("toys")
    assert left_out(config) == []
    assert not Path("imported").exists()
    assert left_out(Config.load("base.yaml", "part::_target_=toys.B").limited("toys")) == ["part::betas"]


def test_only_a_changed_target_is_imported():
    def target_of(name):
        raise AssertionError(f"{name} is not to be asked for")

    tree = Config.load("base.yaml", "part::lr=2").tree
    assert without_stale(tree, target_of) == (tree, ())


def test_the_trainer_and_the_system_have_a_target_that_can_be_changed():
    for place in ("trainer", "system"):
        config = Config.load({place: {"lr": 1, "other": 2}}, f"{place}::_target_=toys.B")
        assert left_out(config) == [f"{place}::other"]
    config = Config.load({"free": {"lr": 1, "other": 2}}, "+free::_target_=toys.B")
    assert problems(config) == ["toys.B takes no argument 'other'"]


def test_the_dumped_config_means_the_same(write):
    write("recorded.yaml", Config.load("base.yaml", "part::_target_=toys.B").dump())
    recorded = Config.load("recorded.yaml")
    assert recorded["part"] == {"_target_": "toys.B", "lr": 1}
    assert recorded.check() == []


def test_what_is_written_can_still_be_read():
    config = Config.load("base.yaml", "part::_target_=toys.B")
    assert config["part::betas"] == [1, 2]


def test_it_is_said_once(caplog):
    config = Config.load("base.yaml", "part::_target_=toys.B")
    with caplog.at_level(logging.INFO, "lighter"):
        assert config.check() == []
        config.resolve()
        config.dump()
        copy.deepcopy(config)
    assert [record.getMessage() for record in caplog.records] == list(config.notes)
