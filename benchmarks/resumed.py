"""Whether a run that is stopped in the middle of an epoch and resumed ends with the weights of one that was not.

python benchmarks/resumed.py [--device=cuda]

`projects/digits` by the command line, for three epochs: whole, and stopped by SIGTERM in the second. Ends with status 1
where a weight or a logged value differs in a bit.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch

ROOT = Path(__file__).parents[1]
LIGHTER = (sys.executable, "-m", "lighter")
CONFIG = str(ROOT / "projects" / "digits" / "config.yaml")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    kind = "gpu" if parser.parse_args().device == "cuda" else "cpu"
    words = [f"trainer::accelerator={kind}", "trainer::max_epochs=3", "trainer::deterministic=true"]
    os.environ["CUBLAS_WORKSPACE_CONFIG"] = ":4096:8"
    with tempfile.TemporaryDirectory() as folder:
        whole, stopped = Path(folder, "whole"), Path(folder, "stopped")
        lighter("fit", CONFIG, *words, f"--run_dir={whole}")
        stop(["fit", CONFIG, *words, f"--run_dir={stopped}"], stopped)
        lighter("fit", f"--resume={stopped}")
        weights = [
            torch.load(run / "checkpoints" / "last.ckpt", map_location="cpu", weights_only=True)["state_dict"]
            for run in (whole, stopped)
        ]
        same = all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])
        logs = [(run / "metrics.csv").read_text(encoding="utf-8") for run in (whole, stopped)]
    told = ("differ", "are equal")
    print(f"{kind}: the weights {told[same]}, the logged values {told[logs[0] == logs[1]]}")
    raise SystemExit(not (same and logs[0] == logs[1]))


def lighter(*words: str) -> None:
    done = subprocess.run([*LIGHTER, *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"lighter {' '.join(words)} ended with status {done.returncode}:\n{done.stderr}")


def stop(words: list[str], run: Path) -> None:
    """Runs it until its second epoch has logged something."""
    with subprocess.Popen([*LIGHTER, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:
            log = run / "metrics.csv"
            if log.exists() and len(log.read_text(encoding="utf-8").splitlines()) > 6:
                process.send_signal(signal.SIGTERM)
                process.wait()
            time.sleep(0.01)


if __name__ == "__main__":
    main()
