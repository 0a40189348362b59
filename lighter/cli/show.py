"""`lighter show`."""

from lighter.cli.printing import put
from lighter.config import Config

__all__ = ["show"]


def show(*sources: str, id: str = "", origins: bool = False) -> None:
    """Print a config, its sources in one, as YAML that runs again.

    Args:
        sources: config files (YAML or JSON), run folders and id=value overrides; later ones lie over earlier ones.
        id: the part to print, such as system::optimizer.
        origins: tell beside each value the places that it came from, oldest first.
    """
    put(Config.load(*sources).dump(id, origins=origins))
