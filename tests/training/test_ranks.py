import pytest
import torch
from lightning_fabric.utilities.rank_zero import rank_zero_only

from lighter.training.ranks import gathered, is_first, rank, rank_count


@pytest.mark.parametrize(("number", "first"), [(0, True), (1, False)])
def test_rank_zero_is_first(number: int, first: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rank_zero_only, "rank", number)
    assert is_first() is first
    assert rank() == number


def test_of_one_process_it_is_the_value_itself() -> None:
    value = {"a": torch.ones(2)}
    assert rank_count() == 1
    (found,) = gathered(value)
    assert found is value
