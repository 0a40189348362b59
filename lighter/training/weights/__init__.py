"""Weights of a trained model, put into another: `load_weights` around a model in a config."""

from lighter.training.weights.applying import LoadReport, apply_weights, load_weights
from lighter.training.weights.reading import read_weights

__all__ = ["LoadReport", "apply_weights", "load_weights", "read_weights"]
