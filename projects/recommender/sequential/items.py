"""How items stand in a sequence: as numbers from FIRST on, below these the two that are no items."""

PAD, MASK, FIRST = 0, 1, 2
