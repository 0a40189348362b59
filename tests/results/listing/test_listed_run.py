from collections.abc import Callable
from pathlib import Path

from lighter.results.listing.listed_run import read_runs
from lighter.results.reading.monitored import Monitored


def test_a_run_is_listed_with_the_best_of_what_it_monitors(run: Callable[..., Path]) -> None:
    recorded = {"monitored": {"name": "val/f1", "mode": "max"}}
    run(results=recorded, metrics={"val/f1": [0.1, 0.3, 0.2], "val/loss/epoch": [3, 2, 1]})
    (found,) = read_runs(Path("runs"))
    assert (found.config, found.outcome.state, found.monitored) == (
        "digits",
        "finished",
        Monitored("val/f1", less=False),
    )
    assert found.started == found.outcome.started
    assert found.value() == 0.3
    assert found.value(Monitored()) == 1


def test_broken_folders_are_listed_with_what_is_known(run: Callable[..., Path]) -> None:
    for number, name in enumerate(("config.yaml", "status.json", "metrics.csv", "results.json")):
        folder = run(f"runs/digits/2026-01-0{number + 1}_12-00-00", metrics={"val/loss/epoch": [1]}, results={})
        (folder / name).unlink()
        (folder / name).mkdir()
    assert [one.config for one in read_runs(Path("runs"))] == ["digits"] * 4
