"""Trains in each of the four ways, tests, and prints the results beside the popularity baseline."""

from pathlib import Path

import torch

from lighter import Runner

HERE = Path(__file__).parent
CONFIGS = ("popularity", "config", "one_item", "masked_item", "negative_sampling")
METRICS = ("recall@10", "ndcg@10", "mrr")
QUIET = ("trainer::enable_progress_bar=false", "trainer::enable_model_summary=false")


def main() -> None:
    torch.set_num_threads(1)  # the network is too small for more
    found = {name: evaluate(name) for name in CONFIGS}
    print(f"{'':<20}", *(f"{metric:>10}" for metric in METRICS))
    for name, metrics in found.items():
        print(f"{name:<20}", *(f"{metrics[f'test/metrics/{metric}/epoch']:>10.3f}" for metric in METRICS))


def evaluate(name: str) -> dict[str, float]:
    run = Runner(HERE / f"{name}.yaml", *QUIET)
    best = run.fit().checkpoints["best"] if name != "popularity" else None
    return run.test(best).metrics


if __name__ == "__main__":
    main()
