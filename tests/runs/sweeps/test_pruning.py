from collections.abc import Callable

from lighter.runs.sweeps.running import Running
from lighter.runs.sweeps.summary import State

TEXT = """
config: config.yaml
stages: [fit, test]
parameters: {system::optimizer::lr: [0.1, 0.0], trainer::max_epochs: [3, 100000]}
zip: [system::optimizer::lr, trainer::max_epochs]
prune: {_target_: optuna.pruners.MedianPruner, n_startup_trials: 1}
"""


def test_a_trial_that_is_worse_ends_early_and_is_not_tested(run: Callable[..., Running]) -> None:
    good, bad = run(TEXT).rows
    assert (good.state, bad.state) == (State.COMPLETE, State.PRUNED)
    assert "test/metrics/error/epoch" in good.metrics
    assert "test/metrics/error/epoch" not in bad.metrics
    assert bad.reason == ""
