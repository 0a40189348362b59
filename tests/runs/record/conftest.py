import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Git = Callable[..., str]


@pytest.fixture
def git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Git:
    """Runs git in the current folder, a new one, with nothing of the user's own settings."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / ".." / "none"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")

    def run(*words: str) -> str:
        identity = ["-c", "user.name=somebody", "-c", "user.email=some@body", "-c", "commit.gpgsign=false"]
        return subprocess.run(["git", *identity, *words], capture_output=True, text=True, check=True).stdout.strip()

    return run


@pytest.fixture
def repository(git: Git) -> Path:
    """A repository with a committed file, which is the current folder."""
    git("init", "-q")
    Path("code.py").write_text("one = 1\ntwo = 2\n")
    git("add", ".")
    git("commit", "-q", "-m", "first")
    return Path.cwd()
