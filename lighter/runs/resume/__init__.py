"""How a run goes on: what is saved with the weights, when, and how it is put back."""
