"""What trackers know of a run: its hyperparameters, and which of their runs it is, to resume that as well."""

import json
import os
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from lighter.config.logger_schema import tracker_kind
from lighter.errors import RunError
from lighter.runs.folder import TRACKERS, RunDirectory, read_mapping
from lighter.runs.whole_files import write_whole
from lighter.training.stages import Stage

KIND = "kind"

Record: TypeAlias = Mapping[str, Mapping[str, Any]]  # place in the config -> kind, and arguments to find it again

Plain: TypeAlias = str | int | float | bool | None

SEPARATOR = "/"
# What MLflow takes: https://mlflow.org/docs/latest/api_reference/rest-api.html
LONGEST_KEY, LONGEST_VALUE, MOST_AT_ONCE = 250, 6000, 100


class Setting(NamedTuple):
    """The run that is tracked: its folder, the name of its config, and the step that comes next where it is resumed."""

    run: RunDirectory
    name: str
    stage: Stage
    step: int | None = None


def recorded_trackers(run: RunDirectory) -> dict[str, dict[str, Any]]:
    """What was written down of each logger by its place in the config: its kind, and what makes another resume it."""
    found, fault = read_mapping(run.path / TRACKERS)
    if fault:
        raise RunError(f"'{run.path / TRACKERS}' cannot be read: {fault}; remove it, and new runs are tracked")
    return {place: one for place, one in found.items() if isinstance(one, dict)}


def write_trackers(run: RunDirectory, record: Record) -> None:
    """Writes all of them down, whole."""
    write_whole(run.path / TRACKERS, json.dumps(record, indent=2) + "\n")


def flat(values: Any, above: str = "") -> dict[str, Plain]:
    """The plain values below, each by the keys that lead to it; a list of plain values counts as one, a text."""
    return dict(_flat(values, above))


def log_hyperparameters(logger: Any, parameters: Mapping[str, Plain]) -> None:
    """Logs them by the logger's own `log_hyperparams`, or to MLflow itself, of which Lightning keeps 250 characters."""
    if tracker_kind(type(logger)) != "MLFlowLogger":
        logger.log_hyperparams(dict(parameters))
        return
    from mlflow.entities import Param

    found = {_mlflow_key(key): str(value)[:LONGEST_VALUE] for key, value in parameters.items()}
    params = [Param(key, value) for key, value in found.items()]
    client, run = logger.experiment, logger.run_id
    for start in range(0, len(params), MOST_AT_ONCE):
        client.log_batch(run, params=params[start : start + MOST_AT_ONCE])


def _flat(value: Any, above: str) -> Iterator[tuple[str, Plain]]:
    if isinstance(value, Mapping) and value:
        for key, below in value.items():
            yield from _flat(below, f"{above}{SEPARATOR}{key}" if above else str(key))
    elif isinstance(value, list) and any(isinstance(item, (Mapping, list)) for item in value):
        yield from _flat(dict(enumerate(value)), above)
    elif value is None or isinstance(value, (str, bool, int, float)):
        yield above, value
    else:
        yield above, os.fspath(value) if isinstance(value, os.PathLike) else str(value)


def _mlflow_key(key: str) -> str:
    """The key as MLflow takes it; of a long one the end, which says more."""
    key = re.sub(r"[^\w\-. /]", "_", key)[-LONGEST_KEY:]
    return SEPARATOR.join(part if part.strip(".") else "_" for part in key.split(SEPARATOR))
