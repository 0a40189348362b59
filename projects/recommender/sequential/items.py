"""Items are numbers from FIRST on; the two below are special tokens."""

PAD, MASK, FIRST = 0, 1, 2
