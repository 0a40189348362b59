"""Configs and modules written as files, in a folder of their own."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lighter.utils.serving import withdraw

Write = Callable[[str, str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Write]:
    """Work in an empty folder whose modules can be imported, and write files there: `write("a.yaml", "x: 1")`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)

    def _write(name: str, text: str | bytes) -> Path:
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    withdraw()
    yield _write
    withdraw()
    for name, module in list(sys.modules.items()):
        held = getattr(module, "__dict__", {})  # attributes of some modules are code that raises
        if str(tmp_path) in f"{held.get('__file__')} {held.get('__path__')}":
            del sys.modules[name]
