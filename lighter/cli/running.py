"""What the four commands of a run share: they run a stage and tell what came of it."""

from collections.abc import Sequence

from lighter.stages import Stage

__all__ = ["run"]


def run(stage: Stage, sources: Sequence[str], ckpt_path: str | None, run_dir: str | None, allow: str | None) -> None:
    """Runs a stage of the config that the sources make, and shows its results."""
    from lighter.runner import Runner

    result = Runner(*sources, run_dir=run_dir, allow=allow).run(stage, ckpt_path)
    from lighter.results import show

    show(result)
