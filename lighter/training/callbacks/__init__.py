"""Callbacks for the Trainer: writers of predictions, a freezer of parameters."""
