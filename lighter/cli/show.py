"""`lighter show`."""

from lighter.cli.printing import put


def show(*sources: str, id: str = "", origins: bool = False, allow: str | None = None) -> None:
    """Print a config, its sources in one, as YAML that runs again.

    Args:
        sources: config files (YAML or JSON), run folders and id=value overrides; later ones override earlier ones.
        id: the part to print, such as system::optimizer.
        origins: show beside each value the places that it came from, oldest first.
        allow: the packages, with commas between, that a config may use if you do not trust it: torch,my_project.
    """
    from lighter.config import Config

    put(Config.load(*sources, allow=allow).dump(id, origins=origins))
