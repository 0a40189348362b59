"""Experiments that run one after the other, and the table that compares them."""
