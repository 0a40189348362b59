"""Several sources to one tree."""

from pathlib import Path

import pytest

from lighter.config import Config
from lighter.config.composing import compose, is_override, read_file
from lighter.config.dumping import plain
from lighter.config.tree import find
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


def composed(*sources):
    return plain(compose(sources).tree)


def problems(*sources):
    with pytest.raises(ConfigError) as raised:
        compose(sources)
    return raised.value.problems


def test_later_sources_lie_over_earlier_ones(write):
    write("a.yaml", "x: {a: 1, b: 2}")
    write("b.json", '{"x": {"b": 3}}')
    assert composed("a.yaml", Path("b.json"), {"x": {"c": 4}}, "x::a=5", "~x::c") == {"x": {"a": 5, "b": 3}}


@pytest.mark.parametrize(
    ("override", "value"),
    [
        ("x=1e-3", 1e-3),
        ("x=yes", "yes"),
        ("x=null", None),
        ("x=''", ""),
        ("x='1'", "1"),
        ("x=a=b", "a=b"),
        ("x=[1, {a: b}]", [1, {"a": "b"}]),
        ("x=@y", "@y"),
        ("x=$1 + 1", "$1 + 1"),
        ("x=" + "long " * 100, "long " * 100),
        ("x=runs/a.yaml", "runs/a.yaml"),
    ],
)
def test_an_override_is_read_as_yaml(override, value):
    assert composed(override, {"y": 1})["x"] == value


def test_a_run_folder_is_a_source(write):
    write("runs/a/config.yaml", "x: 1")
    assert composed("runs/a", "y=2") == {"x": 1, "y": 2}
    assert problems("runs")[0].what == "there is no file 'runs/config.yaml'"


@pytest.mark.parametrize(
    ("source", "is_one"),
    [
        ("a=1", True),
        ("~a", True),
        ("+a::b=1", True),
        ("a.yaml", False),
        ("a.yaml=b", False),
        ("b=c.yaml", True),
        ("d=e", False),
        ("lr=0.1/confg.yaml", False),
        ("lr=0.2/config.yaml", True),
        ("x=runs/a.yaml", True),
        ("vars::weights::train.json=0.5", True),
        ("~a::b.yaml", True),
        ("~/a.yaml", False),
    ],
)
def test_what_is_an_override(write, source, is_one):
    write("d=e", "x: 1")
    write("lr=0.1/config.yaml", "x: 1")
    assert is_override(source) is is_one


@pytest.mark.parametrize(
    ("source", "what", "help"),
    [
        ("x::y", "'x::y' is no file, and sets nothing", "write 'x::y=value'"),
        ("a.yaml=b", "there is no file 'a.yaml=b'", "did you mean 'a.yaml'?"),
        ("=1", "an override names no place", "write 'a::b=value'"),
        ("x::=1", "'x::' has an empty key", "write 'a::b=value'"),
        (
            "~x=1",
            "'x' is a single value, of which '~' removes no part",
            "write '~x' to remove it whole, or without the '~' to set it",
        ),
        ("~x=", "'x' is given nothing", "write '~x'"),
        ("x=[1", "a ',' or a ']' is missing in a list", ""),
        ("x=", "'x' is given nothing", "write 'x=null', or 'x=\"\"' for an empty text"),
        ("+x= ", "'x' is given nothing", "write 'x=null', or 'x=\"\"' for an empty text"),
    ],
)
def test_what_is_no_source(write, source, what, help):
    write("a.yaml", "x: 1")
    told = problems("a.yaml", source)
    assert [(problem.what, problem.help) for problem in told] == [(what, help)]


def test_sources_that_cannot_be_read_are_told_together(write):
    write("a.yaml", "{x: 1, x: 2}")
    told = problems("a.yaml", "b.yaml", "x=[", "~a::b")
    assert [problem.what[:12] for problem in told] == ["the key 'x' ", "there is no ", "a value is m"]


def test_overrides_that_lead_nowhere_are_told_together(write):
    write("a.yaml", "a: {x: 1}")
    assert [problem.what for problem in problems("a.yaml", "a::y=1", "~z", "a::x=2")] == [
        "there is no 'a::y'",
        "there is no 'z'",
    ]


def test_what_lies_over_a_broken_source_is_not_held_against_it(write):
    write("a.yaml", "a: {x: 1}\n~b: 1")
    assert [problem.what for problem in problems("a.yaml", "a::x::y=1")] == ["there is no 'b' to remove"]


def test_a_base_lies_below(write):
    write("base.yaml", "a: {x: 1, y: 1}\nl: [1]")
    write("d/exp.yaml", "_base_: ../base.yaml\na: {y: 2}\n+l: [2]")
    assert composed("d/exp.yaml") == {"a": {"x": 1, "y": 2}, "l": [1, 2]}
    assert find(compose(["d/exp.yaml"]).tree, ("a", "x")).position.source.name == "base.yaml"


def test_bases_lie_over_each_other(write):
    write("a.yaml", "x: 1\ny: 1\nz: 1")
    write("b.yaml", "_base_: a.yaml\ny: 2")
    write("c.json", '{"z": 3}')
    write("d.yaml", "_base_: [b.yaml, c.json]")
    assert composed("d.yaml") == {"x": 1, "y": 2, "z": 3}


@pytest.mark.parametrize(
    ("base", "what", "line"),
    [
        ("[b.yaml, exp.yml]", "there is no file 'exp.yml'", 1),
        ("exp.yaml", "circular '_base_': exp.yaml -> exp.yaml", 1),
        ("link.yaml", "circular '_base_': exp.yaml -> exp.yaml", 1),
        ("c.yaml", "circular '_base_': exp.yaml -> c.yaml -> exp.yaml", 1),
        ("[[b.yaml]]", "'_base_' takes a file or a list of files", 1),
        ("{a: [b.yaml]}", "'_base_' takes a file for 'a'", 1),
        ("{~a: b.yaml}", "'_base_' takes a file for 'a'", 1),
        ("[c.yaml, {'a::': b.yaml}]", "circular '_base_': exp.yaml -> c.yaml -> exp.yaml", 1),
        ("{'a::': b.yaml}", "'a::' has an empty key", 1),
        ("{a: exp.yaml}", "circular '_base_': exp.yaml -> exp.yaml", 1),
        ("{a: bb.yaml}", "there is no file 'bb.yaml'", 1),
        ("{a: 'b.yaml::x'}", "there is no 'x' in 'b.yaml'", 1),
        ("null", "'_base_' takes a file or a list of files", 1),
        ("'@x'", "'_base_' takes a file or a list of files", 1),
        ("'a\\0b'".replace("'", '"'), "'a\0b' cannot be read: embedded null byte", 1),
    ],
)
def test_what_is_no_base(write, base, what, line):
    write("b.yaml", "y: 1")
    write("c.yaml", "_base_: exp.yaml")
    Path("link.yaml").symlink_to("exp.yaml")
    write("exp.yaml", f"_base_: {base}")
    (told,) = problems("exp.yaml")
    assert (told.what, told.position.line) == (what, line)


def test_a_shared_base_is_read_once(write):
    write("f0.yaml", "x: 1")
    for i in range(1, 60):
        write(f"f{i}.yaml", f"_base_: [f{i - 1}.yaml, f{i - 1}.yaml]")
    assert plain(read_file(Path("f59.yaml"))) == {"x": 1}


def test_a_chain_of_bases_ends(write):
    write("f0.yaml", "x: 1")
    for i in range(1, 300):
        write(f"f{i}.yaml", f"_base_: f{i - 1}.yaml")
    assert problems("f299.yaml")[0].what == "'_base_' leads through more than 100 files"


def test_macros_are_copied_after_all_sources(write):
    write("a.yaml", 'x: {v: 1}\ny: "%x"')
    assert composed("a.yaml", "x::v=2") == {"x": {"v": 2}, "y": {"v": 2}}
