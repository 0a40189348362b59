"""An override of a value that is not there, and that nothing reads."""

import pytest

from lighter.config import Config
from lighter.errors import ConfigError

VALUES = {"size": 3, "lr": 0.1, "net": {"width": 4, "depth": 2}}


def told(*overrides, **more):
    try:
        Config.load({"vars": VALUES, **more}, *overrides)
    except ConfigError as error:
        return [(str(p.position), p.what, p.help) for p in error.problems]
    return []


def test_a_misspelt_one_is_told_with_the_nearest():
    assert told("vars::siez=4") == [
        (
            "command line: vars::siez=4",
            "there is no 'vars::siez'",
            "did you mean 'vars::size'? To add a new key write '+vars::siez=...'",
        )
    ]


def test_each_is_told_and_also_deeper_down():
    found = {what for _, what, _ in told("vars::siez=4", "vars::net::widht=2", "vars::size=1", "vars::siez=5")}
    assert found == {"there is no 'vars::siez'", "there is no 'vars::net::widht'"}


@pytest.mark.parametrize(
    "override", ["+vars::siez=4", "vars::size=4", "vars::other=1", "vars::net::other=1", "vars::net={widht: 1}"]
)
def test_what_is_meant_is_not(override):
    assert told(override) == []


@pytest.mark.parametrize(
    "reads", ["@vars::siez", "%vars::siez", "$@vars::siez + 1", "@vars", "$dict(@vars)", "$@vars['si' + 'ez']"]
)
def test_what_something_reads_is_not(reads):
    assert told("vars::siez=4", x=reads) == []


@pytest.mark.parametrize(("reads", "count"), [("@vars::net", 0), ("@vars::net::depth", 1), ("@vars::network", 1)])
def test_what_is_read_as_a_part_of_something_is_not(reads, count):
    more = {"x": reads} if reads != "@vars::network" else {"x": {"network": 1}}
    assert len(told("vars::net::widht=4", **more)) == count


def test_two_new_ones_are_not_taken_for_one_another():
    assert told("vars::colour=1", "vars::colours=2") == []
    assert told("vars::net::new=1", "vars::net::news=2") == []


def test_values_of_a_file_are_free(write):
    write("a.yaml", "vars: {size: 1}\n")
    write("b.yaml", "vars: {siez: 1}\n")
    Config.load("a.yaml", "b.yaml")
