"""How long whole commands take, from the shell's point of view, in turn with what they are measured against.

And what of it Lighter's own files take to be imported, until a config is checked for a fit.

python benchmarks/startup.py --rounds=7
"""

import argparse
import os
import re
import resource
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
HELP_TARGET = 0.03  # seconds of CPU time above Python's own start
IMPORTS_TARGET = 0.06  # seconds
# As the command does it, without a search for garbage. What is imported by its name has a statement here: of others
# -X importtime says nothing.
CHECK = f"""
import gc
gc.disable()
import lighter.callbacks, lighter.training.callbacks.table_writer, lighter.training.system
from lighter.runs.runner import Runner
Runner({CONFIG!r}).check('fit')
"""

# What is installed has its bytecode beside it, and so has a checkout after the first round, if Python may write it.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


@dataclass
class Command:
    """A command line, where `{out}` is a folder of its own for each run, and what it took each time, in seconds."""

    told: str
    words: tuple[str, ...]
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def run(self, out: Path) -> tuple[float, float]:
        words = [word.replace("{out}", str(out)) for word in self.words]
        start, cpu = time.perf_counter(), cpu_of_children()
        done = subprocess.run(words, cwd=out.parent, capture_output=True, text=True, check=False, env=ENVIRONMENT)
        taken = time.perf_counter() - start, cpu_of_children() - cpu
        if done.returncode:
            raise SystemExit(f"{' '.join(words)} ended with status {done.returncode}:\n{done.stderr}")
        return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7, help="how often each command runs, after one run to warm up")
    rounds = parser.parse_args().rounds

    by_hand = Command("script by hand, 1 epoch", (sys.executable, BY_HAND, "--epochs=1", "--out={out}"))
    fit = Command("lighter fit, 1 epoch", (*LIGHTER, "fit", CONFIG, "trainer::max_epochs=1", "--run_dir={out}"))
    help_ = Command("lighter --help", (*LIGHTER, "--help"))
    bare = Command("python -c pass", (sys.executable, "-c", "pass"))
    with tempfile.TemporaryDirectory() as folder:
        in_turn([fit, by_hand], rounds, Path(folder))
        in_turn([help_, bare], 3 * rounds, Path(folder))

    print(f"{rounds} rounds, seconds\n")
    print("| command | wall, median | wall, fastest | CPU, median | target |\n|---|---:|---:|---:|---:|")
    print(row(by_hand, ""))
    print(row(fit, f"≤ {FIT_TARGET * statistics.median(by_hand.wall):.2f}"))
    print(row(help_, ""))
    print(row(bare, ""))
    wall = statistics.median(fit.wall) / statistics.median(by_hand.wall)
    # Whoever else works on the machine disturbs these two less.
    fastest, cpu = min(fit.wall) / min(by_hand.wall), statistics.median(fit.cpu) / statistics.median(by_hand.cpu)
    print(f"\nlighter fit / script: {wall:.3f} of the medians (target {FIT_TARGET}), ", end="")
    print(f"{fastest:.3f} of the fastest, {cpu:.3f} of CPU time")
    above = statistics.median(help_.cpu) - statistics.median(bare.cpu)
    print(f"lighter --help: {above * 1000:.0f} ms of CPU time above bare Python (target {HELP_TARGET * 1000:.0f})")
    imports = own_imports(rounds)
    print(f"{len(imports)} modules of Lighter, imported until a config is checked for a fit: ", end="")
    print(f"{sum(imports.values()) * 1000:.0f} ms (target {IMPORTS_TARGET * 1000:.0f})")


def in_turn(commands: list[Command], rounds: int, folder: Path) -> None:
    """Runs the commands one after the other, round for round; the first round warms the disk and does not count.

    Every second round goes backwards, so that none always runs in the wake of the same other.
    """
    for number in range(rounds + 1):
        for index, command in enumerate(commands if number % 2 else reversed(commands)):
            wall, cpu = command.run(folder / f"{command.told.split()[0]}_{number}_{index}")
            if number:
                command.wall.append(wall)
                command.cpu.append(cpu)
        print(f"round {number} of {rounds}", end="\r", file=sys.stderr, flush=True)


def own_imports(rounds: int) -> dict[str, float]:
    """The seconds that each of our modules takes, without what it imports: its fastest, which others disturb least."""
    found: dict[str, float] = {}
    ours = re.compile(r"^import time: +(\d+) \| +\d+ \| +(lighter(?:\.\S+)?)$", re.MULTILINE)
    for _ in range(rounds):
        words = (sys.executable, "-X", "importtime", "-c", CHECK)
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True, env=ENVIRONMENT)
        for took, name in ours.findall(done.stderr):
            found[name] = min(found.get(name, float("inf")), int(took) / 10**6)
    return found


def row(command: Command, target: str) -> str:
    wall, cpu = statistics.median(command.wall), statistics.median(command.cpu)
    return f"| {command.told} | {wall:.2f} | {min(command.wall):.2f} | {cpu:.2f} | {target} |"


def cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
