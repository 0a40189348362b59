"""Each mistake is told once, and what may hang on another is not told."""

from pathlib import Path

import pytest

from lighter.config import Config
from lighter.config.checks.once import besides, once
from lighter.errors import Position, Problem, Source

SOURCE = Source("a.yaml", "a: 1\nb: 2")
FIRST, SECOND = Position(SOURCE), Position(SOURCE, 2)


def test_one_position_is_told_once_with_the_other_places():
    copied = (("copied here", SECOND),)
    found = once([Problem("x", FIRST, "b::x", also=copied), Problem("x", FIRST, "a::x"), Problem("x", FIRST, "c::x")])
    assert [(one.place, one.also, one.again) for one in found] == [("a::x", (), ("b::x", "c::x"))]
    assert "  = also at b::x, c::x" in str(found[0]).splitlines()


def test_mistakes_of_their_own_stay():
    several = [Problem("x", FIRST, "a"), Problem("x", SECOND, "b"), Problem("y", FIRST, "a"), Problem("x", FIRST, "a")]
    assert once(several) == several[:3]


def test_what_raises_in_one_line_is_told_once():
    raised = (("imported here", SECOND), ("raised here", FIRST))
    several = [Problem(f"importing '{name}'", SECOND, name, "do", raised, code="import") for name in ("a.A", "a.B")]
    assert [(one.what, one.again) for one in once(several)] == [("importing 'a.A'", ("a.B",))]
    other = Problem("importing 'b.C'", SECOND, "b.C", "do", (("raised here", SECOND),), code="import")
    assert len(once([*several, other])) == 2


@pytest.mark.parametrize(
    ("told", "code", "kept"),
    [
        ("model::size", "value", ["model", "model::rate", "data::x", "modeling"]),
        ("model", "value", ["data::x", "modeling"]),
        ("model::size", "missing", ["model::rate", "data::x", "modeling"]),
        ("model::class_path", "foreign", ["data::x", "modeling"]),
        ("", "foreign", []),
        ("", "value", ["model", "model::rate", "model::size", "model::size::0", "data::x", "modeling"]),
    ],
)
def test_what_may_hang_on_another_is_left_out(told, code, kept):
    places = ["model", "model::rate", "model::size", "model::size::0", "data::x", "modeling"]
    found = besides([Problem("x", FIRST, place) for place in places], [Problem("y", FIRST, told, code=code)])
    assert [one.place for one in found] == kept


def test_a_piece_that_is_copied_is_told_once(write):
    write("a.yaml", "one: {_target_: torch.optim.SGD, lrr: 1, _mode_: callable}\ntwo: '%one'\nthree: '%one'\n")
    (found,) = Config.load("a.yaml").check()
    assert (found.place, found.again) == ("one::lrr", ("two::lrr", "three::lrr"))


def test_a_package_that_fails_is_told_once(write):
    write("nets/__init__.py", "import no_such_package_at_all\n")
    parts = "\n".join(f"p{i}: {{_target_: nets.part{i}.Net}}" for i in range(20))
    write("a.yaml", f"project: nets\n{parts}\n")
    (found,) = Config.load("a.yaml").check()
    assert found.what.startswith("importing 'nets.part0.Net' needs the package 'no_such_package_at_all'")
    assert len(found.again) == 19


def test_an_import_that_is_not_installed_is_told_once():
    parts = {f"p{i}": {"_target_": f"no_such_package_at_all.Net{i}"} for i in range(8)}
    (found,) = Config.load(parts).check()
    assert len(found.again) == 7


def test_without_its_project_only_libraries_are_looked_at(write):
    write("other.py", "from pathlib import Path\nPath('imported').touch()\n")
    config = {
        "project": "nowhere",
        "own": {"_target_": "other.Net", "x": 1},
        "registered": {"_target_": "model/net"},
        "optimizer": {"_target_": "torch.optim.SGD", "lrr": 1, "_mode_": "callable"},
    }
    assert [problem.place for problem in Config.load(config).check()] == ["project", "optimizer::lrr"]
    assert not Path("imported").exists()


def test_what_refers_to_a_mistake_is_not_held_against_a_signature():
    config = {
        "net": {"_target_": "torch.nn.Linear", "in_features": "@no::such", "out_features": "$1 +", "bais": True},
        "refers": {
            "_target_": "torch.nn.Linear",
            "in_features": "@net::in_features",
            "out_features": 3,
            "device": "@a",
        },
        "a": {"_target_": "torch.device", "_args_": ["@b"]},
        "b": "@a",
    }
    found = [(problem.place, problem.what.partition(" ")[0]) for problem in Config.load(config).check()]
    assert found[:3] == [("net::in_features", "there"), ("net::out_features", "'$1"), ("b", "circular")]
    assert found[3:] == [("net::bais", "torch.nn.Linear")]
