import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from lighter import Runner
from lighter.runs.best_values import kept_values
from lighter.runs.folder import RunDirectory
from lighter.runs.sweeps.running import Running
from lighter.runs.sweeps.summary import State

Run = Callable[..., Running]

DEADLINE = 120  # seconds that a loaded machine may take to come to the middle of a trial


def weights(run: Path) -> dict[str, torch.Tensor]:
    state: dict[str, torch.Tensor] = torch.load(run / "checkpoints" / "last.ckpt", weights_only=False)["state_dict"]
    return state


def alone(config: Path) -> dict[str, torch.Tensor]:
    """The weights of a trial's config that runs by itself."""
    return weights(Runner(str(config), run_dir=f"alone/{config.parent.name}/{config.stem}").fit().run.path)


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(one[name], other[name]) for name in one)


def test_each_trial_is_a_run_like_any_other(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    rows = run(at_once=2).rows
    assert [(row.number, row.state) for row in rows] == [(number, State.COMPLETE) for number in range(4)]
    assert all(same(weights(row.run), alone(row.run.with_suffix(".yaml"))) for row in rows)
    told = json.loads(Path("swept/summary.json").read_text())
    assert [list(one["parameters"].values()) for one in told] == [[0.1, 4], [0.1, 6], [0.01, 4], [0.01, 6]]
    least = min(told, key=lambda one: one["values"]["val/loss/epoch"])
    assert Path("swept/best.yaml").read_text() == Path(f"swept/trials/{least['name']}.yaml").read_text()
    assert (
        f"4/4 done, best {least['values']['val/loss/epoch']:.4f} (trial {int(least['name'])})"
        in capsys.readouterr().out
    )
    assert Path("swept/summary.csv").read_text().count("\n") == 5


def test_a_trial_that_raises_or_diverges_stops_no_other(run: Run) -> None:
    text = "config: config.yaml\nparameters: {system::optimizer::lr: [1e30, 0.1], vars::fails: [null, 3]}\n"
    fails = "system::dataloaders::train::dataset::fails_at=@vars::fails"
    rows = run(text, fails, "+vars={fails: null}").rows
    assert [row.state for row in rows] == [State.PRUNED, State.FAILED, State.COMPLETE, State.FAILED]
    assert (rows[0].reason, rows[1].reason) == (
        "diverged: a monitored value is not finite",
        "KeyError: 'no such point'",
    )


def test_a_value_that_was_not_logged_is_told_of_its_trial(run: Run) -> None:
    # A callback that may log what no System does.
    rates = "{+trainer::callbacks: [{_target_: pytorch_lightning.callbacks.LearningRateMonitor}]}"
    text = f"config: [config.yaml, {rates}]\nparameters: {{seed: [1]}}\nmonitor: own_loss\n"
    (row,) = run(text).rows
    assert row.state is State.FAILED
    assert row.reason.startswith("nothing was logged as 'own_loss'; logged are val/loss/epoch")


def test_more_trials_are_added_to_those_that_are_done(run: Run) -> None:
    text = "config: config.yaml\nparameters: {system::optimizer::lr: {low: 0.01, high: 0.1}}\nsearch: random\n"
    before = [row.parameters for row in run(f"{text}trials: 2\n").rows]
    after = [row.parameters for row in run(f"{text}trials: 4\n").rows]
    assert after[:2] == before
    assert len({value for row in after for value in row.values()}) == 4


def test_killed_at_any_moment_it_goes_on_with_the_same_trials(run: Run) -> None:
    def killed(when: Callable[[], bool]) -> None:
        """Kills a sweep with all its processes when something has come to be."""
        child = os.fork()
        if child == 0:
            os.setpgid(0, 0)
            try:
                run(at_once=2)
            finally:
                os._exit(0)
        end = time.monotonic() + DEADLINE
        while not when():
            assert time.monotonic() < end
        os.killpg(child, signal.SIGKILL)
        os.waitpid(child, 0)

    trials = Path("swept/trials")
    killed((trials / "0000/reports.csv").exists)
    killed((trials / "0002/config.yaml").exists)
    with Path("swept/journal.log").open("a") as journal:
        journal.write('{"op_code":4,"worker')  # as a process leaves it that is killed as it writes
    Path("swept/journal.log.lock").symlink_to("journal.log")
    rows = run(at_once=2).rows
    assert [(row.number, row.state) for row in rows] == [(number, State.COMPLETE) for number in range(4)]
    assert all(same(weights(row.run), alone(row.run.with_suffix(".yaml"))) for row in rows)
    assert len({tuple(row.parameters.values()) for row in rows}) == 4


def test_a_trial_that_is_repeated_comes_to_the_mean(run: Run) -> None:
    text = "config: config.yaml\nparameters: {system::optimizer::lr: [0.1, 0.01]}\nrepeat: 2\n"
    rows = run(text, at_once=2).rows
    for row in rows:
        each = [kept_values(RunDirectory(row.run / f"seed_{seed}"))["val/loss/epoch"] for seed in (0, 1)]
        assert row.values == pytest.approx([sum(each) / 2])
        assert row.deviations["val/loss/epoch"] == pytest.approx(abs(each[0] - each[1]) / 2**0.5)
        assert each[0] != each[1]
        assert same(weights(row.run / "seed_1"), alone(row.run / "seed_1.yaml"))


def test_a_trial_whose_first_folds_are_bad_runs_on_no_more(run: Run) -> None:
    data = "+vars={fold: 0}"
    text = (
        "config: config.yaml\nparameters: {system::optimizer::lr: [0.1, 0.0]}\nfolds: 3\n"
        "prune: {_target_: optuna.pruners.MedianPruner, n_startup_trials: 1}\n"
    )
    good, bad = run(text, data).rows
    assert (good.state, bad.state, bad.reason) == (State.COMPLETE, State.PRUNED, "after 1 of 3 runs")
    assert sorted(path.name for path in bad.run.glob("*/status.json")) == ["status.json"]
