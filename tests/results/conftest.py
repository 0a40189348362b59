"""Run folders as runs leave them."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

Make = Callable[..., Path]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Writes the folder of a run, below the current one."""
    monkeypatch.chdir(tmp_path)

    def make(
        folder: str = "runs/digits/2026-01-31_12-00-00",
        *,
        state: str | None = "finished",
        metrics: Mapping[str, list[Any]] | None = None,
        results: Any = None,
        config: str = "seed: 1\n",
        minutes: int = 1,
        **status: Any,
    ) -> Path:
        path = tmp_path / folder
        path.mkdir(parents=True)
        (path / "config.yaml").write_text(config)
        if state is not None:
            started = path.name[:10] if path.name[:2] == "20" else "2026-01-01"
            times = {"started": f"{started}T12:00:00+00:00", "ended": f"{started}T12:{minutes:02}:00+00:00"}
            told = {"stage": "fit", "state": state, **times, "error": None, "host": "h", "pid": 1, **status}
            (path / "status.json").write_text(json.dumps(told))
        if metrics is not None:
            rows = zip(*metrics.values(), strict=True)
            lines = [",".join(metrics), *(",".join("" if cell is None else str(cell) for cell in row) for row in rows)]
            (path / "metrics.csv").write_text("\n".join(lines) + "\n")
        if results is not None:
            (path / "results.json").write_text(json.dumps(results))
        return path.relative_to(tmp_path)

    return make
