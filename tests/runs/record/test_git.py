import os
import stat
import time
from pathlib import Path

import pytest

from lighter.runs.record import git as module
from lighter.runs.record.git import Repository, Snapshot, diff_text, root_of


def test_a_repository_without_changes(repository: Path, git) -> None:
    assert Repository(repository).snapshot() == Snapshot(git("rev-parse", "HEAD"), dirty=False)


def test_what_is_not_committed_is_told(repository: Path, git) -> None:
    (repository / "code.py").write_text("one = 1\ntwo = 3\n")
    (repository / "a new file.txt").write_text("text")
    (repository / "staged.py").write_text("three = 3\n")
    (repository / ".gitignore").write_text("*.log\n")
    (repository / "out.log").write_text("text")
    git("add", "staged.py")
    found = Repository(repository).snapshot()
    assert (found.commit, found.dirty, found.problem) == (git("rev-parse", "HEAD"), True, "")
    assert found.untracked == (".gitignore", "a new file.txt")
    assert b"-two = 2\n+two = 3\n" in found.diff
    assert b"+three = 3\n" in found.diff


def test_a_renamed_file_is_no_untracked_one(repository: Path, git) -> None:
    git("mv", "code.py", "? named.py")
    git("commit", "-q", "-m", "second")
    git("mv", "? named.py", "renamed.py")
    found = Repository(repository).snapshot()
    assert (found.dirty, found.untracked) == (True, ())


def test_files_that_git_does_not_know_make_nothing_dirty(repository: Path) -> None:
    (repository / "new.py").write_text("")
    found = Repository(repository).snapshot()
    assert (found.dirty, found.untracked, found.diff) == (False, ("new.py",), b"")


def test_the_repository_is_found_from_below(repository: Path) -> None:
    (repository / "a" / "b").mkdir(parents=True)
    assert root_of(repository / "a" / "b") == root_of(repository) == repository
    assert root_of(repository.parent) is None
    (repository / "a" / ".git").write_text("gitdir: elsewhere\n")  # as in a worktree
    assert root_of(repository / "a" / "b") == repository / "a"


def test_before_the_first_commit(git) -> None:
    git("init", "-q")
    Path("new.py").write_text("")
    found = Repository(Path.cwd()).snapshot()
    assert found == Snapshot(None, dirty=False, untracked=("new.py",), problem="there is no commit yet")


def test_what_is_no_repository_tells_why(tmp_path: Path, git) -> None:
    (tmp_path / ".git").mkdir()
    found = Repository(tmp_path).snapshot()
    assert found.commit is None
    assert "not a git repository" in found.problem


def test_another_owner_is_told_as_git_tells_it(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    assert "dubious ownership" in Repository(repository).snapshot().problem


def test_without_git(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert Repository(repository).snapshot() == Snapshot(problem="git is not installed")


def test_a_large_diff_is_cut(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST_DIFF", 100_000)
    (repository / "code.py").write_text("x = 1\n" * 200_000)
    found = Repository(repository).snapshot()
    assert (len(found.diff), found.is_cut, found.problem) == (100_000, True, "")


@pytest.mark.parametrize("slow", ["status", "diff"])
def test_it_is_not_waited_for_long(repository: Path, git, monkeypatch: pytest.MonkeyPatch, slow: str) -> None:
    commit = git("rev-parse", "HEAD")
    (repository / "code.py").write_text("")
    slow_git = repository / "bin" / "git"
    slow_git.parent.mkdir()
    slow_git.write_text(
        f'#!/bin/sh\ncase "$*" in *{slow}*) exec sleep 100;; esac\nPATH={os.environ["PATH"]} git "$@"\n'
    )
    slow_git.chmod(slow_git.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(slow_git.parent), prepend=":")
    monkeypatch.setattr(module, "PATIENCE", 0.5)
    asked = Repository(repository)
    time.sleep(0.3)
    found = asked.snapshot()
    assert (found.commit, found.dirty) == (commit, None if slow == "status" else True)
    assert "no more within" in found.problem
    assert all(process.returncode is not None for process in asked._asked)


def test_another_repository_that_git_was_told_is_not_meant(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    assert Repository(repository).snapshot().problem == ""


def test_what_the_repository_names_is_not_run(repository: Path, git) -> None:
    for key, value in (("core.fsmonitor", "touch ran; false"), ("diff.external", "touch ran")):
        git("config", key, value)
    (repository / "code.py").write_text("")
    assert b"-one = 1" in Repository(repository).snapshot().diff
    assert not (repository / "ran").exists()


def test_nothing_is_left_behind_when_nobody_asks_for_the_answer(repository: Path) -> None:
    asked = Repository(repository)
    asked.stop()
    asked.stop()
    assert all(process.returncode is not None for process in asked._asked)


def test_git_applies_what_is_recorded(repository: Path, git) -> None:
    (repository / "code.py").write_text("one = 1\ntwo = 3\nkey = 'ü'\n")
    (repository / "new.py").write_text("three = 3\n")
    text = diff_text(Repository(repository).snapshot(), [])
    assert text.startswith(
        "# files that git does not know, of which only the names are recorded:\n#   new.py\ndiff --git"
    )
    git("checkout", "-q", "code.py")
    Path("recorded.diff").write_text(text)
    git("apply", "recorded.diff")
    assert (repository / "code.py").read_text() == "one = 1\ntwo = 3\nkey = 'ü'\n"


def test_secrets_are_masked_and_code_stays(repository: Path, git) -> None:
    (repository / "mine.yaml").write_text("size: 1\n")
    git("add", ".")
    (repository / "mine.yaml").write_text("size: 1\napi_key: abc\nx: hunter2hunter2\n")
    (repository / "code.py").write_text("login(api_key=key, secret='abc')\n")
    text = diff_text(Repository(repository).snapshot(), ["hunter2hunter2"])
    assert "+api_key: ***\n" in text
    assert "+x: ***\n" in text
    assert "+login(api_key=key, secret='***')\n" in text


def test_nothing_changed_is_no_text(repository: Path) -> None:
    assert diff_text(Repository(repository).snapshot(), ["secret secret"]) == ""


def test_what_is_cut_says_so() -> None:
    text = diff_text(Snapshot("1", dirty=True, untracked=("a",) * 1002, diff=b"diff --git a b\n", is_cut=True), [])
    assert text.count("#   a\n") == 1000
    assert "#   ... and 2 more\n# the changes are cut after 10 MiB\ndiff --git a b\n" in text
