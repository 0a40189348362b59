"""How fast the writers write, and how much memory a run takes at its peak, at two sizes, each in its own process.

python benchmarks/predict.py --rows 10000 1000000

Each row is the prediction of one sample, COLUMNS numbers, in batches of BATCH, on one thread of the CPU. The writer's
own time is what it takes of the run: the time inside its methods. `none` predicts without a writer, and keeps nothing;
`kept` is Lightning's default, which keeps all predictions in memory.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

COLUMNS = 10
BATCH = 256
KINDS = ("none", "kept", "csv", "parquet", "files")
FILES_AT_MOST = 10_000  # a file a sample: more of them measure the disk
OWN_TIME = 10.0  # seconds of the writer's own for a million rows as CSV


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="*", default=[10_000, 1_000_000], help="how many samples")
    parser.add_argument("--kinds", nargs="*", default=KINDS, choices=KINDS, help="what takes the predictions")
    parser.add_argument("--one", nargs=2, metavar=("KIND", "ROWS"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(measured(given.one[0], int(given.one[1]))))
        return
    print("| predictions | rows | run, s | rows/s | writer alone, s | rows/s | peak memory, MB | of that the run |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for kind in given.kinds:
        for rows in given.rows:
            if kind != "files" or rows <= FILES_AT_MOST:
                print(line(kind, rows, in_a_process(kind, rows)), flush=True)


def in_a_process(kind: str, rows: int) -> dict[str, float]:
    words = [sys.executable, __file__, "--one", kind, str(rows)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        raise SystemExit(f"{' '.join(words)} ended with status {done.returncode}:\n{done.stderr}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def line(kind: str, rows: int, found: dict[str, float]) -> str:
    own = found["own"]
    alone = f"{own:.2f} | {rows / own:,.0f}" if own else " | "
    if kind == "csv" and own * 1_000_000 / rows > OWN_TIME and rows >= 1_000_000:
        alone += " (slow)"
    run, peak, more = found["run"], found["peak"], found["more"]
    return f"| {kind} | {rows:,} | {run:.2f} | {rows / run:,.0f} | {alone} | {peak:.0f} | {more:.0f} |"


def measured(kind: str, rows: int) -> dict[str, float]:
    """Seconds of the run and of the writer, megabytes at the peak, and how many of them came with the run."""
    import logging
    import warnings

    import pytorch_lightning as pl

    warnings.simplefilter("ignore")
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        system, writers = parts(kind, rows)
        trainer = pl.Trainer(
            accelerator="cpu",
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            callbacks=writers,
            default_root_dir=folder,
        )
        own = Watch(writers)
        before, start = peak(), time.perf_counter()
        trainer.predict(system, return_predictions=kind == "kept")
        run = time.perf_counter() - start
        after = peak()
        check(kind, rows, Path(folder))
    return {"run": run, "own": own.seconds, "peak": after, "more": after - before}


def parts(kind: str, rows: int) -> tuple[Any, list[Any]]:
    import torch
    from torch import nn
    from torch.utils.data import DataLoader, Dataset

    from lighter.callbacks import FileWriter, TableWriter
    from lighter.training.system import System

    class Numbers(Dataset[Any]):
        """Samples that are made when they are asked for, a batch at a time."""

        def __len__(self) -> int:
            return rows

        def __getitem__(self, index: int) -> int:
            return index

    class Model(nn.Module):
        def forward(self, numbers: torch.Tensor) -> torch.Tensor:
            return (numbers[:, None] * torch.linspace(0.1, 1.3, COLUMNS)).sin()

    if kind == "parquet":
        import pyarrow.parquet  # noqa: F401  # its own size is not that of the run
    writers: list[Any] = []
    if kind in ("csv", "parquet"):
        writers = [TableWriter(f"t.{kind}")]
    elif kind == "files":
        writers = [FileWriter("files", format="npy")]
    return System(Model(), {"predict": DataLoader(Numbers(), BATCH)}), writers


def check(kind: str, rows: int, folder: Path) -> None:
    """A number that is written wrong is no speed."""
    if kind == "csv":
        with (folder / "t.csv").open(encoding="utf-8") as file:
            found = sum(1 for _ in file) - 1
    elif kind == "parquet":
        import pyarrow.parquet

        found = pyarrow.parquet.ParquetFile(folder / "t.parquet").metadata.num_rows
    else:
        found = sum(1 for _ in (folder / "files").iterdir()) if kind == "files" else rows
    if found != rows:
        raise SystemExit(f"{found} of {rows} rows are there")


class Watch:
    """Adds up the time inside the methods of the writers that a run calls."""

    def __init__(self, writers: list[Any]) -> None:
        self.seconds = 0.0
        for writer in writers:
            for name in ("on_predict_start", "on_predict_batch_end", "on_predict_end"):
                setattr(writer, name, self._timed(getattr(writer, name)))

    def _timed(self, method: Any) -> Any:
        def timed(*args: Any) -> None:
            start = time.perf_counter()
            method(*args)
            self.seconds += time.perf_counter() - start

        return timed


def peak() -> float:
    """The most memory that this process has had at once, in MB."""
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


if __name__ == "__main__":
    main()
