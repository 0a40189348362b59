"""Sweeps: many runs of one config, whose values a search chooses."""
