"""The config language: text, tree, plan, objects. Importing it loads neither torch nor Lightning."""

from lighter.config.config import Config

__all__ = ["Config"]
