"""What a series was begun with, written down in its folder: all that is needed to go on with it."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from lighter.config.schema import stage_named
from lighter.errors import PathError
from lighter.runs.whole_files import write_whole

FILE = "series.json"


@dataclass(frozen=True, slots=True)
class Begun:
    """The experiments and the stages of a series, the metrics of its table, how many run at once, what starts them.

    `launcher` is what `--launcher` would say; `runs` are the names of the runs of each experiment that is repeated.
    """

    names: tuple[str, ...]
    stages: tuple[str, ...]
    metrics: tuple[str, ...] = ()
    jobs: int | None = None
    launcher: str | None = None
    allow: str | None = None
    runs: tuple[str, ...] = ()

    def write(self, folder: Path) -> None:
        """Writes it down."""
        write_whole(folder / FILE, json.dumps(asdict(self), indent=2) + "\n")


def read_begun(folder: Path) -> Begun:
    """What was begun in a folder. Raises PathError where that is no series."""
    try:
        found = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except OSError as error:
        raise PathError(f"'{folder}' holds no series; give the folder that 'lighter run' has made") from error
    for key in ("names", "stages", "metrics", "runs"):
        found[key] = tuple(found.get(key, ()))
    for name in (*found["names"], *found["runs"]):
        if Path(name).name != name or name == "..":
            raise PathError(f"'{folder / FILE}' names a folder elsewhere: '{name}'")
    _ = [*map(stage_named, found["stages"])]
    return Begun(**found)
