"""`lighter fit`."""

from lighter.cli.running import run
from lighter.stages import Stage

__all__ = ["fit"]


def fit(*sources: str, ckpt_path: str | None = None, run_dir: str | None = None, allow: str | None = None) -> None:
    """Train a model on the data a config names.

    Args:
        sources: config files (YAML or JSON), run folders and id=value overrides; later ones lie over earlier ones.
        ckpt_path: go on from a checkpoint: a path, or best or last of this config's newest run.
        run_dir: the folder of the run; a new one under runs/ if it is left out.
        allow: the packages, with commas between, that a config may use if you do not trust it: torch,my_project.
    """
    run(Stage.FIT, sources, ckpt_path, run_dir, allow)
