"""Fits, tests and compares the support vectors of this folder and the network of ../digits, on the same digits."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from lighter import Runner

HERE = Path(__file__).parent
ACCURACY = "test/metrics/accuracy/epoch"


def compare(network: Sequence[str] = (), vectors: Sequence[str] = ()) -> dict[str, float]:
    """The accuracy of each on the test part; the arguments are overrides of its config."""
    configs = {"network": (HERE.parent / "digits", network), "support vectors": (HERE, vectors)}
    return {name: accuracy(folder / "config.yaml", overrides) for name, (folder, overrides) in configs.items()}


def accuracy(config: Path, overrides: Sequence[str]) -> float:
    run = Runner(config, *overrides).fit().run
    return Runner(config, *overrides, run_dir=str(run.path)).test("best").metrics[ACCURACY]


def table(found: dict[str, float]) -> Table:
    table = Table("model", "test accuracy")
    for name, value in found.items():
        table.add_row(name, f"{value:.4f}")
    return table


if __name__ == "__main__":
    Console().print(table(compare()))
