"""Configs and modules written as files, in a folder of their own."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lighter.errors import ConfigError

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

    yield _write
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", None)).startswith(str(tmp_path)):
            del sys.modules[name]


@pytest.fixture
def told() -> Callable[..., list[str]]:
    """What is wrong, as the ConfigError of a call says it: `told(Config.load, "a.yaml")`."""

    def _told(function: Callable[..., object], *args: object) -> list[str]:
        with pytest.raises(ConfigError) as raised:
            function(*args)
        return [problem.what for problem in raised.value.problems]

    return _told
