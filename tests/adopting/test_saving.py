from pathlib import Path

import pytest

import lighter.adopting.saving as module
from lighter.adopting.saving import require_free, save
from lighter.errors import UsageError


def test_a_text_is_written_whole(tmp_path):
    save("a: é\n", tmp_path / "a.yaml")
    assert (tmp_path / "a.yaml").read_text(encoding="utf-8") == "a: é\n"
    assert [path.name for path in tmp_path.iterdir()] == ["a.yaml"]


def test_nothing_is_left_where_it_fails(tmp_path):
    with pytest.raises(UnicodeEncodeError):
        save("a: 1\n" * 9999 + "\ud800", tmp_path / "a.yaml")
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_stays(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("mine\n")
    for ask in (lambda: require_free(path), lambda: save("x", path), lambda: module._place(path, path)):
        with pytest.raises(UsageError, match=r"is there already and stays as it is: write --out=another\.yaml"):
            ask()
    assert path.read_text() == "mine\n"
    (tmp_path / "b.yaml").symlink_to(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="there already"):
        require_free(tmp_path / "b.yaml")


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
        require_free(Path(path))
    assert str(caught.value) == told


def test_a_path_that_cannot_be_written(tmp_path):
    with pytest.raises(UsageError, match=r"cannot be written: File name too long; write --out="):
        save("x", tmp_path / f"{'a' * 249}.yaml")
