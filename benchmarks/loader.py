"""What a batch and a resume cost with lighter.DataLoader without workers, in turn with torch's.

python benchmarks/loader.py --rounds=11
"""

import argparse
import statistics
import time
from collections.abc import Iterator
from itertools import islice
from typing import Any

import torch
from torch.utils.data import DataLoader, Dataset

import lighter

BATCHES = 2_000  # a round
SEEN = 10_000  # batches, before a resume
TARGET = 2.0  # of torch's time a batch


class Numbers(Dataset[int]):
    """So little work that what is measured is the loader."""

    def __len__(self) -> int:
        return 1_000_000

    def __getitem__(self, index: int) -> int:
        return index

    def __getitems__(self, indices: list[int]) -> list[int]:
        return indices


def as_it_is(samples: list[int]) -> list[int]:
    return samples


def loader(kind: type[DataLoader[Any]]) -> DataLoader[Any]:
    return kind(Numbers(), batch_size=8, shuffle=True, collate_fn=as_it_is)


def seconds(batches: Iterator[Any], count: int) -> float:
    """CPU time, which whoever else works on the machine disturbs less."""
    start = time.process_time()
    for _ in islice(batches, count):
        pass
    return time.process_time() - start


def resumed() -> tuple[float, bool]:
    """How long the first batch takes after 10,000 that were seen, and whether it is the one that was next."""
    state: Any = loader(lighter.DataLoader)
    batches = iter(state)
    for _ in islice(batches, SEEN):
        pass
    other: Any = loader(lighter.DataLoader)
    other.load_state_dict(state.state_dict())
    start = time.process_time()
    first = next(iter(other))
    return time.process_time() - start, first == next(batches)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=11)
    rounds = parser.parse_args().rounds
    torch.set_num_threads(1)
    kinds = {"torch": DataLoader, "lighter": lighter.DataLoader}
    taken: dict[str, list[float]] = {name: [] for name in kinds}
    for number in range(rounds):
        running = {name: iter(loader(kind)) for name, kind in kinds.items()}
        for batches in running.values():  # the order of an epoch is drawn with its first batch
            next(batches)
        for name in kinds if number % 2 else reversed(kinds):
            taken[name].append(seconds(running[name], BATCHES) / BATCHES * 1e6)
    print(f"{rounds} rounds of {BATCHES} batches, microseconds of CPU time a batch, medians")
    for name, times in taken.items():
        print(f"  {name:8} {statistics.median(times):6.1f}")
    ratio = statistics.median(ours / theirs for ours, theirs in zip(taken["lighter"], taken["torch"], strict=True))
    print(f"lighter / torch: {ratio:.2f} (target {TARGET})")
    took, is_next = resumed()
    told = "the one" if is_next else "NOT the one"
    print(f"resumed after {SEEN:,} batches: {took:.2f} s to the first, {told} that was next")


if __name__ == "__main__":
    main()
