from lighter.config.composing import compose
from lighter.results.report.differences import (
    config_rows,
    differences,
    environment_facts,
    environment_rows,
    environments,
    package_rows,
)

ENVIRONMENT = {
    "command": ["lighter", "fit", "a b.yaml"],
    "started": "2026-01-31T12:00:00+00:00",
    "host": "here",
    "hardware": {"cores": 8, "memory_gib": 64, "gpus": ["A100", "A100"]},
    "world_size": 2,
    "packages": {"torch": "2.13.0", "numpy": "2.4.6"},
    "project": {"commit": "abc", "dirty": True, "diff": None},
    "later": [{"stage": "test"}],
}


def test_places_that_differ_have_the_value_of_each() -> None:
    trees = [compose([one]).tree for one in ({"a": 1, "b": {"c": [1, 2]}}, {"a": 1, "b": {"c": [1, 3]}}, {"b": 5})]
    assert config_rows(trees) == [
        ("a", ("1", "1", None)),
        ("b", ("{c: [1, 2]}", "{c: [1, 3]}", "5")),
        ("b::c::1", ("2", "3", None)),
    ]


def test_a_run_whose_config_is_lost_differs_in_nothing() -> None:
    tree = compose([{"a": 1}]).tree
    assert config_rows([tree, None]) == []
    assert config_rows([None, tree, compose([{"a": 2}]).tree]) == [("a", (None, "1", "2"))]


def test_facts_are_told_as_text() -> None:
    facts = environment_facts(ENVIRONMENT)
    assert facts["command"] == "lighter fit 'a b.yaml'"
    assert facts["hardware gpus"] == "A100, A100"
    assert facts["hardware memory GiB"] == "64"
    assert facts["project dirty"] == "yes"
    assert not {"packages", "later", "project diff"} & facts.keys()


def test_surroundings_are_compared_where_they_are_known() -> None:
    other = {**ENVIRONMENT, "host": "there", "started": "later", "command": ["python"], "hardware": {"cores": 8}}
    assert environment_rows([ENVIRONMENT, other, {}]) == [
        ("host", ("here", "there", None)),
        ("hardware memory GiB", ("64", None, None)),
        ("hardware gpus", ("A100, A100", None, None)),
    ]


def test_versions_that_differ_are_told() -> None:
    other = {"packages": {"torch": "2.13.0", "numpy": "2.4.5", "rich": "15"}}
    assert package_rows([ENVIRONMENT, other, {}]) == [("numpy", ("2.4.6", "2.4.5", None)), ("rich", (None, "15", None))]


def test_what_differs_is_told_with_the_value_of_each_run(make_record) -> None:
    one = make_record("a", **{"environment.json": {"host": "here", "packages": {"torch": "2.13.0"}}})
    other = "seed: <2>\nsystem:\n  optimizer: {_target_: torch.optim.SGD}\n"
    two = make_record("b", **{"config.yaml": other, "environment.json": {"packages": {"torch": "2.12.0"}}})
    made = differences([one, two])
    assert "<code>seed</code></th><td><code>1</code></td><td><code>&lt;2&gt;</code></td>" in made
    assert '<code>0.1</code></td><td><span class="muted">not there</span></td>' in made
    assert "<code>2.13.0</code></td><td><code>2.12.0</code></td>" in made
    assert made.count("No differences.") == 1  # the second run has recorded no host


def test_equal_runs_have_none(make_record) -> None:
    assert differences([make_record("a"), make_record("b")]).count("No differences.") == 3


WITH_LATER = {
    "command": ["lighter", "fit", "<config>.yaml"],
    "packages": {"torch": "2.13.0", "numpy": "2.4.6"},
    "later": [{"stage": "test", "host": "there"}],
}


def test_facts_packages_later_stages_and_diffs(make_record) -> None:
    made = environments([make_record(**{"environment.json": WITH_LATER, "project.diff": "@@ 1\n-a <b>\n+c\n d\n"})])
    assert "lighter fit &#x27;&lt;config&gt;.yaml&#x27;" in made
    assert "<summary>2 packages</summary>" in made
    assert made.index("numpy") < made.index("torch")
    assert "<summary>Later: test</summary>" in made
    assert '<span class="removed">-a &lt;b&gt;\n</span><span class="added">+c\n</span><span> d\n</span>' in made


def test_a_long_diff_is_cut(make_record) -> None:
    made = environments([make_record(**{"project.diff": "+a\n" * 50_000})])
    assert len(made) < 2_000_000
    assert "..." in made


def test_several_runs_are_folded_and_none_recorded_is_nothing(make_record) -> None:
    files = {"environment.json": WITH_LATER}
    assert environments([make_record("a", **files), make_record("b", **files)]).startswith(
        "<details><summary>a</summary>"
    )
    assert environments([make_record("c")]) == ""


def test_an_environment_of_another_form_stops_nothing(make_record) -> None:
    odd = {"packages": ["torch"], "later": {"a": 1}, "hardware": None, "command": "lighter", "project": [[1], {"a": 2}]}
    assert "lighter" in environments([make_record(**{"environment.json": odd})])
