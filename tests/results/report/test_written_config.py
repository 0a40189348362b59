from pathlib import Path

from lighter.results.report.written_config import read_config


def test_the_config_is_shown_as_it_is_written(make_run) -> None:
    config = read_config(make_run())
    assert config.lines[0].text == "seed: 1"
    assert "    lr: 0.1" in [line.text for line in config.lines]
    assert config.trouble == ""


def test_secrets_are_not_shown_nor_fetched(make_run) -> None:
    secrets = "api_key: wandb-0123456789\n"
    text = "vars:\n  api_key: typed-0123456789\n  token: '%secrets.yaml::api_key'\n"
    config = read_config(make_run(**{"config.yaml": text, "secrets.yaml": secrets}))
    shown = "\n".join(line.text for line in config.lines)
    assert "0123456789" not in shown
    assert "secrets.yaml::api_key" in shown


def test_no_other_file_is_shown(make_run) -> None:
    config = read_config(make_run(**{"config.yaml": "_base_: other.yaml\na: 1\n", "other.yaml": "mine: 0123\n"}))
    assert [line.text for line in config.lines] == ["_base_: other.yaml", "a: 1"]


def test_what_cannot_be_read_is_told(make_run, tmp_path: Path) -> None:
    assert "config.yaml cannot be read: " in read_config(make_run(**{"config.yaml": "a: [\n"})).trouble
    assert read_config(tmp_path).trouble == "the folder holds no config.yaml"


def test_nothing_is_imported(make_run) -> None:
    text = "_target_: a.module.that.is.not.There\nproject: /nowhere\n"
    assert read_config(make_run(**{"config.yaml": text})).lines[0].text == "_target_: a.module.that.is.not.There"
