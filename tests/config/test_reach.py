"""Which files a limited config may name: those below its own folder and its project, or that the user names."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lighter import Config, ConfigError
from lighter.config.reach import is_within

Write = Callable[[str, str | bytes], Path]


@pytest.fixture
def files(write: Write) -> None:
    write("out.yaml", "a: 1\n")
    write("work/inner/base.yaml", "b: 2\n")
    write("work/config.yaml", "_base_: inner/base.yaml\nc: '%inner/base.yaml::b'\n")
    write("repo/base.yaml", "d: 4\n")
    write("repo/code.py", "")
    Path("work/link.yaml").symlink_to("../out.yaml")


@pytest.mark.usefixtures("files")
def test_files_below_its_own_folder_may_be_named() -> None:
    assert Config("work/config.yaml", allow="torch")["c"] == 2


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize(
    "text",
    [
        "_base_: ../out.yaml",
        "_base_: inner/../../out.yaml",
        "_base_: link.yaml",
        "_base_: /etc/hostname",
        "a: '%../out.yaml::a'",
        "a: '%link.yaml::a'",
        "_base_: ../repo/base.yaml",
        "_base_: [inner/base.yaml, ../out.yaml]",
    ],
)
def test_others_may_not_and_are_not_read(write: Write, text: str) -> None:
    write("work/config.yaml", text)
    with pytest.raises(ConfigError, match="lies outside of the folders of this config and its project") as caught:
        Config("work/config.yaml", allow="torch,repo")
    (problem,) = caught.value.problems
    assert (str(problem.position).partition(":")[0], problem.help[:24]) == (
        "work/config.yaml",
        "name it in --allow-files",
    )


@pytest.mark.usefixtures("files")
def test_what_was_read_before_is_read_again_under_the_limit(write: Write) -> None:
    write("work/config.yaml", "_base_: ../out.yaml")
    config = Config("work/config.yaml")
    assert config["a"] == 1
    with pytest.raises(ConfigError, match=r"'out\.yaml' lies outside"):
        config.check(allow="torch")


@pytest.mark.usefixtures("files")
def test_the_project_and_what_the_user_names_may_be_named_too(write: Write) -> None:
    write("work/config.yaml", "project: ../repo\n_base_: ../repo/base.yaml\n")
    assert Config("work/config.yaml", allow="repo")["d"] == 4
    with pytest.raises(ConfigError, match="lies outside"):
        Config("work/config.yaml", allow="torch")
    write("work/config.yaml", f"_base_: ../out.yaml\nb: {Path('out.yaml').absolute()}\n")
    for named in ("out.yaml", "."):
        limited = Config("work/config.yaml", allow=["torch", str(Path(named).absolute())])
        assert limited["a"] == 1
        assert limited.check() == []


def test_folders_hold_what_lies_in_them(tmp_path: Path) -> None:
    assert is_within(tmp_path / "a" / ".." / "b", [str(tmp_path)])
    assert is_within(tmp_path, [str(tmp_path)])
    assert not is_within(f"{tmp_path}b", [str(tmp_path)])
    assert not is_within("\0", ["/"])
