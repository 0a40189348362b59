from pathlib import Path

from lighter.records.diffs import diff_text
from lighter.records.git import Repository, Snapshot


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
