from pathlib import Path

import pytest

from lighter.cli.new_file import require_free, save
from lighter.errors import UsageError


def test_a_text_is_written_whole(tmp_path):
    save("a: é\n", tmp_path / "a.yaml", "out")
    assert (tmp_path / "a.yaml").read_text(encoding="utf-8") == "a: é\n"
    assert [path.name for path in tmp_path.iterdir()] == ["a.yaml"]


def test_nothing_is_left_where_it_fails(tmp_path):
    with pytest.raises(UnicodeEncodeError):
        save("a: 1\n" * 9999 + "\ud800", tmp_path / "a.yaml", "out")
    assert list(tmp_path.iterdir()) == []


def test_a_file_has_its_name_only_when_it_is_whole(tmp_path, monkeypatch):
    class Killed(BaseException):
        pass

    def killed(path, **_):
        assert [beside.read_text() for beside in tmp_path.iterdir()] == ["a: 1\n"]
        assert not path.exists()
        raise Killed

    monkeypatch.setattr(Path, "touch", killed)
    with pytest.raises(Killed):
        save("a: 1\n", tmp_path / "a.yaml", "out")
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_stays(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("mine\n")
    for ask in (lambda: require_free(path, "out"), lambda: save("x", path, "out")):
        with pytest.raises(UsageError, match=r"is there already and stays as it is: write --out=another\.yaml"):
            ask()
    assert path.read_text() == "mine\n"
    (tmp_path / "b.yaml").symlink_to(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="there already"):
        require_free(tmp_path / "b.yaml", "out")


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("config.txt", "'config.txt' is no name for a config: write --out=config.yaml"),
        ("folder", "'folder' is no name for a config: write --out=folder.yaml"),
        ("no/such/a.yaml", "there is no folder 'no/such' for 'a.yaml': make it, or write --out=config.yaml"),
    ],
)
def test_a_path_that_no_config_can_have(tmp_path, monkeypatch, path, told):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as caught:
        require_free(Path(path), "out")
    assert str(caught.value) == told


def test_what_comes_to_be_there_meanwhile_stays(tmp_path, monkeypatch):
    monkeypatch.setattr("lighter.cli.new_file.require_free", lambda path, _flag: path.write_text("mine\n"))
    with pytest.raises(UsageError, match="there already"):
        save("x", tmp_path / "a.yaml", "out")
    assert (tmp_path / "a.yaml").read_text() == "mine\n"


def test_a_path_that_cannot_be_written(tmp_path):
    with pytest.raises(UsageError, match=r"cannot be written: File name too long; write --out="):
        save("x", tmp_path / f"{'a' * 255}.yaml", "out")
