from lighter.results.report.environments import environments

ENVIRONMENT = {
    "command": ["lighter", "fit", "<config>.yaml"],
    "packages": {"torch": "2.13.0", "numpy": "2.4.6"},
    "later": [{"stage": "test", "host": "there"}],
}


def test_facts_packages_later_stages_and_diffs(make_record) -> None:
    made = environments([make_record(**{"environment.json": ENVIRONMENT, "project.diff": "@@ 1\n-a <b>\n+c\n d\n"})])
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
    files = {"environment.json": ENVIRONMENT}
    assert environments([make_record("a", **files), make_record("b", **files)]).startswith(
        "<details><summary>a</summary>"
    )
    assert environments([make_record("c")]) == ""


def test_an_environment_of_another_form_stops_nothing(make_record) -> None:
    odd = {"packages": ["torch"], "later": {"a": 1}, "hardware": None, "command": "lighter", "project": [[1], {"a": 2}]}
    assert "lighter" in environments([make_record(**{"environment.json": odd})])
