import html
import re
from pathlib import Path

import pytest

from lighter.results.report.configs import Line, WrittenConfig, configs, read_config


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


def shown(*texts: str) -> str:
    config = WrittenConfig(tuple(Line(text) for text in texts))
    return configs([("<one>", config)])


@pytest.mark.parametrize(
    "text",
    [
        "seed: 1",
        "  lr: 0.1",
        "- _target_: a.B",
        "- - 1",
        "'odd: key': 1",
        "text: 'a: b'",
        "a: '@b::c'",
        'x: "<script>alert(1)</script>"',
        "- {a: 1}",
        "? a",
        ": b",
        "",
        "url: http://a.b",
    ],
)
def test_a_line_is_shown_as_it_is_written(text: str) -> None:
    found = re.search(r"<code>(.*)</code>", shown(text), re.DOTALL)
    assert found is not None
    assert html.unescape(re.sub(r"<[^>]*>", "", found[1])) == f"{text}\n"


def test_keys_signs_and_origins_are_told_from_the_rest() -> None:
    assert '<span class="key">lr</span>: 0.1' in shown("lr: 0.1")
    assert '<span class="key">a</span>:<span class="sign"> &#x27;@b&#x27;</span>' in shown("a: '@b'")
    config = WrittenConfig((Line("lr: 0.1", "base.yaml:6 -> command line"),))
    made = configs([("a", config)])
    assert '<span class="origin">  # base.yaml:6 -&gt; command line</span>' in made


def test_several_are_folded_and_trouble_is_told(make_run) -> None:
    made = configs([("a", read_config(make_run("a"))), ("b", read_config(make_run("b", **{"config.yaml": None})))])
    assert made.count("<details>") == 2
    assert "the folder holds no config.yaml" in made
