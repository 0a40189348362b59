"""What to write where the user's code raises while it is built."""

import sys
from pathlib import Path

import pytest

from lighter.config import Config

PARTS = """
import argparse


def read(options):
    return options.width


def size():
    return depth


def missing():
    return nowhere


if __name__ == "__main__":
    depth = 3
"""


@pytest.fixture(autouse=True)
def _parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "hint_parts.py").write_text(PARTS, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    sys.modules.pop("hint_parts", None)


@pytest.mark.parametrize(
    ("call", "kind", "told"),
    [
        ({"_target_": "hint_parts.read", "options": {"width": 1}}, AttributeError, "'_target_: argparse.Namespace'"),
        ({"_target_": "hint_parts.size"}, NameError, "'depth' is set in line 18 of hint_parts.py, below 'if __name__"),
    ],
)
def test_what_can_be_done_is_noted(call: object, kind: type[Exception], told: str) -> None:
    with pytest.raises(kind) as caught:
        Config({"vars": {"a": call}}).resolve("vars::a")
    where, cure = caught.value.__notes__
    assert where.startswith("while building 'vars::a'")
    assert cure.startswith("help: ")
    assert told in cure


@pytest.mark.parametrize(
    "call",
    [
        {"_target_": "hint_parts.read", "options": {"with": 1}},
        {"_target_": "hint_parts.read", "options": 3},
        {"_target_": "hint_parts.missing"},
    ],
)
def test_what_is_not_known_is_not_guessed(call: object) -> None:
    with pytest.raises((AttributeError, NameError)) as caught:
        Config({"vars": {"a": call}}).resolve("vars::a")
    assert len(caught.value.__notes__) == 1


def test_the_namespace_that_is_told_serves() -> None:
    options = {"_target_": "argparse.Namespace", "width": 1}
    assert Config({"vars": {"a": {"_target_": "hint_parts.read", "options": options}}}).resolve("vars::a") == 1
