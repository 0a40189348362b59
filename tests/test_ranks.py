import pytest
from lightning_fabric.utilities.rank_zero import rank_zero_only

from lighter.ranks import is_first


@pytest.mark.parametrize(("rank", "first"), [(0, True), (1, False)])
def test_rank_zero_is_first(rank: int, first: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rank_zero_only, "rank", rank)
    assert is_first() is first
