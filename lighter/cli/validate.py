"""`lighter validate`."""

from lighter.cli.running import run
from lighter.training.stages import Stage


def validate(*sources: str, ckpt_path: str | None = None, run_dir: str | None = None, allow: str | None = None) -> None:
    """Evaluate on the validation data.

    Args:
        sources: config files (YAML or JSON), run folders and id=value overrides; later ones override earlier ones.
        ckpt_path: the weights: a path, or best or last of this config's newest run (or of --run_dir).
        run_dir: the folder of the run; without it that of the checkpoint, or a new one under runs/.
        allow: the packages, with commas between, that a config may use if you do not trust it: torch,my_project.
    """
    run(Stage.VALIDATE, sources, ckpt_path, run_dir, allow)
