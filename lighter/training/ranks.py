"""Which of the processes of a run this one is."""


def is_first() -> bool:
    """Whether this process writes and says what is written and said once."""
    return rank() == 0


def rank() -> int:
    """The number of this process among those of the run, from 0."""
    from lightning_fabric.utilities.rank_zero import rank_zero_only

    found: int = rank_zero_only.rank  # type: ignore[attr-defined]  # Lightning sets it on the function
    return found
