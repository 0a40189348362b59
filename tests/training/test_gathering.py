"""A value of each rank; of several in tests/training/test_system_on_ranks.py."""

import torch

from lighter.training.gathering import gathered, rank_count


def test_of_one_process_it_is_the_value_itself() -> None:
    value = {"a": torch.ones(2)}
    assert rank_count() == 1
    (found,) = gathered(value)
    assert found is value
