import pytest

from lighter.cli.converting.hydra_code import Code
from lighter.cli.converting.hydra_composing import compose
from lighter.cli.converting.hydra_layout import laid_out
from lighter.cli.converting.hydra_resolvers import resolve
from lighter.cli.converting.hydra_sweep import sweep_of
from lighter.cli.converting.hydra_texts import Texts
from lighter.cli.converting.writing import written as text_of


@pytest.fixture
def swept(tmp_path, written):
    """The sweep of a sweeper's lines over a small config; None where there is nothing to try."""

    def of(lines, *words):
        config = "vars: 1\na: {b: 1, c: 2}\noptimized_metric: val/loss\nhydra:\n  sweeper:\n"
        written(tmp_path, {"config.yaml": config + "".join(f"    {line}\n" for line in lines.splitlines())})
        composed = compose(tmp_path / "config.yaml", words)
        layout = laid_out(composed.root, Code(None, frozenset(), tmp_path), evaluates=False)
        return sweep_of(composed, layout, Texts(composed.root, {}, layout.place, resolve), "c.yaml")

    return of


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("choice(1, 2)", "[1, 2]"),
        ("choice([1, 2])", "[1, 2]"),
        ("1,2", "[1, 2]"),
        ("interval(1, 2)", "{low: 1.0, high: 2.0}"),
        ("tag(log, interval(1e-4, 0.1))", "{low: 1e-4, high: 0.1, log: true}"),
        ("tag(t1, interval(0.5, 1.5))", "{low: 0.5, high: 1.5}"),
        ("int(interval(4, 8))", "{low: 4, high: 8}"),
        ("range(3)", "[0, 1, 2]"),
        ("range(1, 6, 2)", "[1, 3, 5]"),
        ("range(start=1, stop=3)", "[1, 2]"),
        ("sort(3, 1)", "[3, 1]"),
        ("7", "[7]"),
    ],
)
def test_what_is_tried(swept, theirs, ours):
    assert f"vars::a::b: {ours}\n" in text_of(swept(f"params:\n  a.b: {theirs}"))


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("{type: float, low: 0.1, high: 1, log: true}", "{low: 0.1, high: 1.0, log: true}"),
        ("{type: int, low: 1, high: 4}", "{low: 1, high: 4}"),
        ("{type: categorical, choices: [1, 2]}", "[1, 2]"),
    ],
)
def test_the_older_search_space(swept, theirs, ours):
    assert f"vars::a::b: {ours}\n" in text_of(swept(f"search_space:\n  a.b: {theirs}"))


def test_how_it_is_searched(swept):
    text = text_of(
        swept(
            "sampler: {_target_: optuna.samplers.GridSampler}\ndirection: [minimize, maximize]\nn_trials: 5\n"
            "n_jobs: 2\nmax_failure_rate: 0.1\nparams: {a.b: 'choice(1, 2)'}"
        )
    )
    for line in ("search: grid", "mode: [min, max]", "trials: 5", "jobs: 2", "monitor: val/loss", "config: c.yaml"):
        assert f"{line}\n" in text
    assert "# left out: a trial that fails stops no other\n#   max_failure_rate: 0.1\n" in text


def test_what_cannot_be_tried_is_left_out_with_the_reason(swept, tmp_path):
    (tmp_path / "model").mkdir()
    text = text_of(swept("params:\n  a.b: glob(*)\n  a.z: 1,2\n  model: big,small\n  a.c: 1,2"))
    assert "# left out: 'glob(...)' has no counterpart in a sweep\n  #   a.b: glob(*)\n" in text
    assert "# left out: there is no 'a.z'\n" in text
    assert "# left out: 'model' is a group: convert a config of each of its options, and run them as a series\n" in text
    assert swept("n_trials: 3") is None
