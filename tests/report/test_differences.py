from lighter.report.differences import differences


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
