from pathlib import Path

import pytest

from lighter.cli.converting.conversion import Request, conversion, split_words
from lighter.errors import ConfigError, UsageError


def test_files_and_other_words_of_a_command_line():
    words = ("a.yaml", "model=big", "b.json,c.yaml", "x=c.yaml", "~callbacks", "+y=1")
    files, others = split_words(words)
    assert files == (Path("a.yaml"), Path("b.json"), Path("c.yaml"))
    assert others == ("model=big", "x=c.yaml", "~callbacks", "+y=1")


def test_what_no_kind_fits(tmp_path):
    (tmp_path / "a.yaml").write_text("a: 1\n")
    request = Request((tmp_path / "a.yaml",), (), tmp_path / "config.yaml")
    with pytest.raises(UsageError, match="tells what config it is: write "):
        conversion(request)
    with pytest.raises(UsageError, match="knows no configs of the kind 'abc'"):
        conversion(request, "abc")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "'{}' is empty: there is nothing to convert"),
        ("# only a comment\n", "'{}' is empty: there is nothing to convert"),
        ("{}", "'{}' is empty: there is nothing to convert"),
        ("system: {model: {_target_: a.B}}", "'{}' is written for Lighter already: 'lighter check {}' tells whether"),
        ("experiments: {a: b.yaml}", "'{}' is written for Lighter already: 'lighter check {}' tells whether"),
        (
            "config: a.yaml\nparameters: {x: [1]}",
            "'{}' is written for Lighter already: 'lighter check {}' tells whether",
        ),
    ],
)
def test_what_is_of_no_other_tool(tmp_path, monkeypatch, text, told):
    monkeypatch.chdir(tmp_path)
    Path("a.yaml").write_text(text)
    with pytest.raises(UsageError) as caught:
        conversion(Request((Path("a.yaml"),), (), Path("config.yaml")))
    assert str(caught.value).startswith(told.replace("{}", "a.yaml"))


def test_what_is_no_yaml_is_told_as_such(tmp_path):
    (tmp_path / "a.yaml").write_text("a: [${b}]\n")
    with pytest.raises(ConfigError, match="needs quotes within brackets"):
        conversion(Request((tmp_path / "a.yaml",), (), tmp_path / "config.yaml"))
