"""`lighter sweep`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from lighter.errors import RunError, UsageError

if TYPE_CHECKING:
    from lighter.runs.sweeps.checking import Checked
    from lighter.runs.sweeps.summary import Row

FAILED = 1


def sweep(
    *sources: str,
    trials: str | None = None,
    jobs: str | None = None,
    launcher: str | None = None,
    run_dir: str | None = None,
    resume: str | None = None,
    dry_run: bool = False,
    allow: str | None = None,
) -> None:
    """Search for the best values of a config: a sweep's file, or a config with choices (a::b=1,2,3).

    Args:
        sources: a file with parameters:, or config files; then id=value overrides, where commas list choices.
        trials: how many there are to be in all; a grid has as many as it has points.
        jobs: how many run at once.
        launcher: where they run: the _target_ of a launcher, such as lighter.launchers.Local.
        run_dir: the folder of the sweep; a new one under runs/ if it is left out, and one that holds it goes on.
        resume: the folder of a sweep that was stopped, to go on with.
        dry_run: list what would be tried first, and run nothing.
        allow: the packages, with commas between, that a config may use if you do not trust it: torch,my_project.
    """
    from lighter.cli.printing import put
    from lighter.runs.folder import open_run
    from lighter.runs.launches import launch_name
    from lighter.runs.sweeps.begun import holds_sweep, write_begun
    from lighter.runs.sweeps.checking import check_sweep
    from lighter.runs.sweeps.reading import read_sweep, with_flags

    if resume is not None and run_dir is not None:
        raise UsageError("'--resume' goes on in the folder of its sweep; leave '--run_dir' out")
    if launch_name():
        raise RunError("a sweep is started once, not by torchrun or srun; write 'trainer::devices=...' instead")
    flags = {"trials": trials, "jobs": jobs, "launcher": launcher, "allow": allow}
    if resume is not None:
        sources, flags = _begun(Path(resume), sources, flags)
    checked = check_sweep(with_flags(read_sweep(sources, flags["allow"]), flags))
    if dry_run:
        from lighter.runs.sweeps.outlook import outlook

        known = resume or run_dir
        put(outlook(checked, Path(known) if known else None))
        return
    from lighter.runs.locking import claimed
    from lighter.runs.sweeps.running import Running
    from lighter.runs.sweeps.search import launcher_of
    from lighter.runs.sweeps.summary import State, compared, table

    folder = Path(resume) if resume is not None else open_run(checked.sweep.name, run_dir).path
    if not holds_sweep(folder) and any(folder.iterdir()):
        raise RunError(f"'{folder}' holds other files, and no sweep; give another '--run_dir'")
    with claimed(folder, "sweep"):
        write_begun(folder, sources, flags, checked)
        starts = launcher_of(checked.sweep)
        running = Running(checked, folder, lambda line: put(f"{line}\n"), at_once(checked.sweep.jobs, starts))
        try:
            running.run(starts)
        finally:
            rows = running.rows
            names = [one.name for one in checked.sweep.repetitions]
            told = table(rows, checked.objectives) + compared(rows, checked.objectives, names)
            put(f"{told}summary: {folder}\n", **_answer(folder, checked, rows))
            ended = sum(row.state is not State.OPEN for row in rows)
            if ended < checked.trials:
                put(f"go on with: lighter sweep --resume {folder}\n")
    if any(row.state is State.FAILED for row in rows):
        raise SystemExit(FAILED)


def _begun(
    folder: Path, sources: tuple[str, ...], flags: dict[str, str | None]
) -> tuple[tuple[str, ...], dict[str, str | None]]:
    """The words and flags of a sweep that goes on: those of its record, where the command says nothing."""
    from lighter.runs.checkpoints import require_no_way_out
    from lighter.runs.sweeps.begun import read_begun

    begun, is_limited = read_begun(folder), flags["allow"] is not None
    if is_limited or begun.flags.get("allow") is not None:
        require_no_way_out(folder)
    if is_limited and (not sources or (flags["launcher"] is None and begun.flags.get("launcher"))):
        told = f"with '--allow' nothing is taken from the record of '{folder}': name the sweep's file again"
        raise UsageError(f"{told}, and '--launcher' if it has one")
    return sources or begun.words, {
        key: value if value is not None else begun.flags.get(key) for key, value in flags.items()
    }


def _answer(folder: Path, checked: "Checked", rows: "list[Row]") -> dict[str, object]:
    """What it has come to, for programs."""
    from lighter.runs.sweeps.summary import best

    monitor = [{"name": one.name, "mode": one.mode} for one in checked.objectives]
    numbers = [row.number for row in best(rows, checked.objectives)]
    return {"folder": folder, "monitor": monitor, "best": numbers, "trials": rows}


def at_once(asked: int | None, launcher: Any) -> int:
    """How many trials run at once: as many as are asked for, or as the launcher has room for."""
    room: int = launcher.room(asked) if hasattr(launcher, "room") else asked or 1
    return room
