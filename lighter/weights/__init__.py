"""Weights of a trained model, put into another: `load_weights` around a model in a config."""

from lighter.weights.account import Account
from lighter.weights.applying import apply_weights, load_weights
from lighter.weights.reading import read_weights

__all__ = ["Account", "apply_weights", "load_weights", "read_weights"]
