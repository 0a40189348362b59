import pytest
from lightning_fabric.utilities.rank_zero import rank_zero_only

from lighter.training.ranks import is_first, rank


@pytest.mark.parametrize(("number", "first"), [(0, True), (1, False)])
def test_rank_zero_is_first(number: int, first: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rank_zero_only, "rank", number)
    assert is_first() is first
    assert rank() == number
