"""How a run is resumed: what is saved with the weights, when, and how it is restored."""
