"""Configs of other tools, written as ours: `lighter convert`."""
