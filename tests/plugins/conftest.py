"""What the tests of plugins share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lighter.project.registry import registry


@pytest.fixture(autouse=True)
def _registry() -> Iterator[None]:
    before = dict(registry._known)
    yield
    registry._known.clear()
    registry._known.update(before)


@pytest.fixture
def line(plugin_line: Path) -> Path:
    """In these tests the project is one of plugins."""
    return plugin_line
