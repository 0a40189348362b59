"""What the four commands of a run share: they run a stage and show what it came to."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lighter.errors import Terminated, UsageError, visible
from lighter.training.stages import Stage

if TYPE_CHECKING:
    from lighter.runs.folder import RunDirectory


def run(
    stage: Stage,
    sources: Sequence[str],
    ckpt_path: str | None,
    run_dir: str | None,
    allow: str | None,
    *,
    resume: str | None = None,
    force: bool = False,
) -> None:
    """Runs a stage of the config that the sources make, and shows its results."""
    if resume is not None and run_dir is not None:
        raise UsageError("'--resume' writes into the folder of its run; leave '--run_dir' out")
    from lighter.cli.garbage import uncollected
    from lighter.config.composing import is_override
    from lighter.runs.resume.start import run_to_resume
    from lighter.runs.runner import Runner

    if resume is not None and all(map(is_override, sources)):  # the run's own config is meant
        sources = (str(run_to_resume(resume).path), *sources)
    with uncollected():  # the check imports torch and Lightning
        runner = Runner(*sources, run_dir=run_dir, allow=allow)
        runner.check(stage)
    try:
        is_fit = stage is Stage.FIT
        result = runner.fit(ckpt_path, resume=resume, force=force) if is_fit else runner.run(stage, ckpt_path)
    except (KeyboardInterrupt, Terminated):
        _show_how_to_resume(runner.fitted)
        raise
    from lighter.cli.answer import tell
    from lighter.cli.results import show

    report = _report(result.run)
    show(result, report)
    tell(
        stage=result.stage,
        run=result.run.path,
        metrics=result.metrics,
        best=result.best,
        checkpoints={name: Path(path) for name, path in result.checkpoints.items()},
        weights=Path(result.weights) if result.weights else None,
        written=result.written,
        report=report,
    )


def _report(run: "RunDirectory") -> Path | None:
    """Writes what can be looked at, once for all ranks; a run does not fail for it."""
    from lighter.results.report.page import write_report
    from lighter.training.ranks import is_first

    if not is_first():
        return None
    try:
        return write_report(run)
    except Exception as error:  # noqa: BLE001  # shown as a warning
        print(visible(f"warning: no report was written: {type(error).__name__}: {error}"), file=sys.stderr)
        return None


def _show_how_to_resume(run: "RunDirectory | None") -> None:
    from lighter.runs.console.recording import added_to
    from lighter.runs.folder import LAST, LOG
    from lighter.training.ranks import is_first

    if run is not None and is_first() and run.checkpoint(LAST) is not None:
        with added_to(run.path / LOG):
            print(visible(f"resume with: lighter fit --resume {run.path}"), file=sys.stderr)
