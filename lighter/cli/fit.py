"""`lighter fit`."""

from lighter.cli.running import run
from lighter.errors import UsageError
from lighter.training.stages import Stage


def fit(
    *sources: str,
    ckpt_path: str | None = None,
    run_dir: str | None = None,
    resume: str | None = None,
    force: bool = False,
    launcher: str | None = None,
    allow: str | None = None,
) -> None:
    """Train a model on the data a config names.

    Args:
        sources: config files (YAML or JSON), run folders and id=value overrides; later ones override earlier ones.
        ckpt_path: start from a checkpoint: a path, or best or last of this config's newest run (or of --resume).
        run_dir: the folder of the run; a new one under runs/ if it is left out.
        resume: the folder of a run to resume from its last checkpoint; last for this config's newest run.
        force: resume also with a config that changes what is trained.
        launcher: what starts the run elsewhere: slurm, ray, a file, or {_target_: my.Launcher, ...}.
        allow: the packages, with commas between, that a config may use if you do not trust it: torch,my_project.
    """
    if launcher is not None:
        from lighter.cli.launching import submit_fit

        if ckpt_path is not None or force:
            raise UsageError("'--launcher' takes neither '--ckpt_path' nor '--force'; write args::fit::ckpt_path=...")
        submit_fit(sources, launcher, run_dir, resume, allow)
        return
    run(Stage.FIT, sources, ckpt_path, run_dir, allow, resume=resume, force=force)
