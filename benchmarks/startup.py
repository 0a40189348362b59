"""How long whole commands take, from the shell's point of view, in turn with what they are measured against.

python benchmarks/startup.py --rounds=7
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
LIGHTER = (sys.executable, "-m", "lighter")
CONFIG = str(ROOT / "projects" / "digits" / "config.yaml")
BY_HAND = str(ROOT / "benchmarks" / "digits_by_hand.py")

FIT_TARGET = 1.04  # of the script's time
HELP_TARGET = 0.3  # seconds


@dataclass
class Command:
    """A command line, where `{out}` is a folder of its own for each run, and the seconds it took each time."""

    told: str
    words: tuple[str, ...]
    seconds: list[float] = field(default_factory=list)

    def run(self, out: Path) -> float:
        words = [word.replace("{out}", str(out)) for word in self.words]
        start = time.perf_counter()
        done = subprocess.run(words, cwd=out.parent, capture_output=True, text=True, check=False)
        taken = time.perf_counter() - start
        if done.returncode:
            raise SystemExit(f"{' '.join(words)} ended with status {done.returncode}:\n{done.stderr}")
        return taken

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7, help="how often each command runs, after one run to warm up")
    rounds = parser.parse_args().rounds

    by_hand = Command("script by hand, 1 epoch", (sys.executable, BY_HAND, "--epochs=1", "--out={out}"))
    fit = Command("lighter fit, 1 epoch", (*LIGHTER, "fit", CONFIG, "trainer::max_epochs=1", "--run_dir={out}"))
    help_ = Command("lighter --help", (*LIGHTER, "--help"))
    with tempfile.TemporaryDirectory() as folder:
        in_turn([fit, by_hand], rounds, Path(folder))
        in_turn([help_], rounds, Path(folder))

    ratio = fit.median / by_hand.median
    # A neighbour on the machine slows single runs; the ratio within a round, and the fastest runs, feel it least.
    within = statistics.median(ours / theirs for ours, theirs in zip(fit.seconds, by_hand.seconds, strict=True))
    fastest = min(fit.seconds) / min(by_hand.seconds)
    print(f"{rounds} rounds, seconds of wall time\n")
    print("| command | median | fastest | target |\n|---|---:|---:|---:|")
    print(row(by_hand, ""))
    print(row(fit, f"≤ {FIT_TARGET * by_hand.median:.2f}"))
    print(row(help_, f"≤ {HELP_TARGET:.2f}"))
    print(f"\nlighter fit / script: {ratio:.3f} of medians, {within:.3f} within rounds, {fastest:.3f} of the fastest")
    print(f"target: {FIT_TARGET:.2f}")


def in_turn(commands: list[Command], rounds: int, folder: Path) -> None:
    """Runs the commands one after the other, round for round; the first round warms the disk and does not count.

    Every second round goes backwards, so that none always runs in the wake of the same other.
    """
    for number in range(rounds + 1):
        for index, command in enumerate(commands if number % 2 else reversed(commands)):
            seconds = command.run(folder / f"{command.told.split()[0]}_{number}_{index}")
            if number:
                command.seconds.append(seconds)
        print(f"round {number} of {rounds}", end="\r", file=sys.stderr, flush=True)


def row(command: Command, target: str) -> str:
    return f"| {command.told} | {command.median:.2f} | {min(command.seconds):.2f} | {target} |"


if __name__ == "__main__":
    main()
