"""The face for `from lighter.callbacks import TableWriter`."""

import lighter
from lighter import callbacks


def test_it_offers_the_callbacks_of_lighter_itself():
    assert callbacks.__all__ == ["FileWriter", "Freezer", "TableWriter", "UnreadableReport"]
    assert all(getattr(callbacks, name) is getattr(lighter, name) for name in callbacks.__all__)
