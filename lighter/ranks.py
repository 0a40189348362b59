"""Which of the processes of a run this one is."""

__all__ = ["is_first"]


def is_first() -> bool:
    """Whether this process writes and says what is written and said once."""
    from lightning_fabric.utilities.rank_zero import rank_zero_only

    rank: int = rank_zero_only.rank  # type: ignore[attr-defined]  # Lightning sets it on the function
    return rank == 0
