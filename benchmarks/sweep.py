"""Twenty small trials: `lighter sweep`, `lighter fit` in a loop, and Hydra's Optuna sweeper where it is installed.

python benchmarks/sweep.py [--trials=20] [--jobs=2]
"""

import argparse
import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CONFIG = """
seed: 1
trainer: {max_epochs: 2, accelerator: cpu, logger: true, log_every_n_steps: 10, enable_progress_bar: false}
system:
  model: {_target_: torch.nn.Linear, in_features: 4, out_features: 1}
  criterion: {_target_: torch.nn.MSELoss}
  optimizer: {_target_: torch.optim.SGD, lr: 0.05}
  dataloaders:
    train:
      _target_: torch.utils.data.DataLoader
      dataset: "$torch.utils.data.TensorDataset(torch.randn(256, 4), torch.randn(256, 1))"
      batch_size: 16
    val: "%system::dataloaders::train"
"""
HYDRA = """
import hydra

from lighter import Runner


@hydra.main(version_base=None, config_path=".", config_name="hydra")
def main(config):
    result = Runner("config.yaml", f"system::optimizer::lr={config.lr}", run_dir=f"hydra_runs/{config.lr}").fit()
    return result.metrics["val/loss/epoch"]


if __name__ == "__main__":
    main()
"""
HYDRA_CONFIG = """
defaults: [{{override hydra/sweeper: optuna}}]
lr: 0.05
hydra:
  sweeper: {{n_trials: {trials}, params: {{lr: "interval(0.001, 0.1)"}}}}
"""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args()
    rates = [0.001 * (1 + at) for at in range(asked.trials)]
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "config.yaml").write_text(CONFIG, encoding="utf-8")
        listed = f"system::optimizer::lr={','.join(map(str, rates))}"
        loop = timed(folder, [["fit", "config.yaml", f"system::optimizer::lr={rate}"] for rate in rates])
        print(f"lighter fit in a loop        {loop:7.1f} s   {loop / asked.trials:5.2f} s a trial")
        for jobs in sorted({1, asked.jobs}):
            took = timed(folder, [["sweep", "config.yaml", listed, f"--jobs={jobs}"]])
            share = f"{took / asked.trials:5.2f} s a trial   {took / loop:4.0%} of the loop"
            print(f"lighter sweep, {jobs} at once       {took:7.1f} s   {share}")
        print(f"ratio of the sweep to the loop: {took / loop:.2f}")
        # Of a package within one that is not there, `find_spec` raises.
        if all(map(importlib.util.find_spec, ("hydra_plugins", "hydra_plugins.hydra_optuna_sweeper"))):
            print(f"Hydra's Optuna sweeper       {hydra(folder, asked.trials):7.1f} s")


def timed(folder: str, commands: list[list[str]]) -> float:
    start = time.perf_counter()
    for words in commands:
        subprocess.run([sys.executable, "-m", "lighter", *words], cwd=folder, check=True, capture_output=True)
    return time.perf_counter() - start


def hydra(folder: str, trials: int) -> float:
    Path(folder, "hydra.yaml").write_text(HYDRA_CONFIG.format(trials=trials), encoding="utf-8")
    Path(folder, "search.py").write_text(HYDRA, encoding="utf-8")
    start = time.perf_counter()
    subprocess.run([sys.executable, "search.py", "-m"], cwd=folder, check=True, capture_output=True)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
