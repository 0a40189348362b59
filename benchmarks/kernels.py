"""What a training step asks of the device: kernels, copies to the host and waits, counted by torch.profiler.

python benchmarks/kernels.py [--device=cuda]

The model and the three modules of `step.py`, with five metrics, on steps that are not logged and on steps that are. On
a CPU, operators and reads of a number stand for kernels and copies.
"""

import argparse
import tempfile
from collections import Counter
from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.loggers import CSVLogger
from step import MODULES, WARM, batches, by_config, quieten  # type: ignore[import-not-found]  # beside this file
from torch.profiler import ProfilerActivity, profile

STEPS = 20
NEVER, EACH = 10**9, 1
LAUNCHES = ("cudaLaunchKernel", "cudaLaunchKernelExC", "cuLaunchKernel", "cuLaunchKernelEx", "cudaGraphLaunch")
WAITS = ("cudaStreamSynchronize", "cudaDeviceSynchronize", "cudaEventSynchronize")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    device = parser.parse_args().device
    quieten()
    heads = ("kernels", "copies to the host", "waits") if device == "cuda" else ("operators", "reads", "waits")
    print(f"{STEPS} training steps with five metrics; counts a step\n")
    print("| | " + " | ".join(f"{head}, {when}" for when in ("not logged", "logged") for head in heads) + " |")
    print("| --- |" + " ---: |" * 6)
    for side in (*MODULES, "Lighter"):
        found = [count / STEPS for every in (NEVER, EACH) for count in counted(side, every, device)]
        print(f"| {side} | " + " | ".join(f"{count:g}" for count in found) + " |")


def counted(side: str, every: int, device: str) -> tuple[int, int, int]:
    """Kernels, copies to the host and waits of all steps."""
    watch = Watch(device)
    module = by_config(5) if side == "Lighter" else MODULES[side](5)
    with tempfile.TemporaryDirectory() as folder:
        trainer = pl.Trainer(
            max_epochs=1, accelerator="gpu" if device == "cuda" else "cpu", devices=1, logger=CSVLogger(folder),
            callbacks=[watch], log_every_n_steps=every, enable_checkpointing=False, enable_progress_bar=False,
            enable_model_summary=False,
        )  # fmt: skip
        trainer.fit(module, batches(WARM + STEPS + 1))
    return watch.counts


class Watch(pl.Callback):
    """Profiles the steps after those that warm up."""

    counts = (0, 0, 0)

    def __init__(self, device: str) -> None:
        on = [ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if device == "cuda" else [])]
        self.device, self.profiler = device, profile(activities=on)

    def on_train_batch_start(self, trainer: pl.Trainer, pl_module: Any, batch: Any, batch_idx: int) -> None:
        if batch_idx == WARM:
            self.profiler.start()
        elif batch_idx == WARM + STEPS:
            self.profiler.stop()
            self.counts = self._counts(Counter(event.name for event in self._events()))

    def _events(self) -> Any:
        return self.profiler.events() or ()  # type: ignore[no-untyped-call]  # torch has no types for it

    def _counts(self, names: Counter[str]) -> tuple[int, int, int]:
        waits = sum(names[name] for name in WAITS)
        if self.device == "cuda":
            copies = sum(count for name, count in names.items() if name.startswith("Memcpy DtoH"))
            return sum(names[name] for name in LAUNCHES), copies, waits
        operators = sum(count for name, count in names.items() if name.startswith("aten::"))
        return operators, names["aten::_local_scalar_dense"], waits


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
