from pathlib import Path

import pytest

from lighter.cli import main

HYDRA = """\
defaults: [_self_]
model: {_target_: torch.nn.Linear, in_features: 1, out_features: 1}
lr: 0.1
"""


def test_what_cannot_be_converted_writes_nothing(lighter, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.yaml").write_text("a: 1\n")
    assert lighter("convert", "model=big").returncode == 2
    done = lighter("convert", "a.yaml")
    assert done.returncode == 2
    assert "error: nothing in 'a.yaml' tells what config it is: write " in done.stderr
    assert "there already" in lighter("convert", "a.yaml", "--to=a.yaml").stderr
    assert [path.name for path in tmp_path.iterdir()] == ["a.yaml"]


def test_what_is_written_and_not_valid_ends_with_a_status_of_its_own(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("train.yaml").write_text(HYDRA)
    with pytest.raises(SystemExit, match="1"):
        main(["convert", "train.yaml"])
    said = capsys.readouterr()
    assert said.out.startswith("config.yaml is written, from a config of Hydra\n")
    assert said.err.startswith("'lighter check config.yaml' says:\n\nerror: 'fit' needs 'system::")
    assert Path("config.yaml").exists()


@pytest.mark.parametrize("flag", ["-m", "--multirun"])
def test_values_with_commas_need_no_flag(tmp_path, monkeypatch, capsys, flag):
    monkeypatch.chdir(tmp_path)
    Path("train.yaml").write_text(HYDRA)
    with pytest.raises(SystemExit, match="2"):
        main(["convert", "train.yaml", flag, "lr=1,2"])
    line = "write 'lighter convert train.yaml lr=1,2'"
    assert f"values with commas become a sweep without it: {line}" in capsys.readouterr().err
