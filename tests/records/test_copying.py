from pathlib import Path

import pytest

from lighter import Config
from lighter.errors import Source
from lighter.records.copying import copied


def copy_of(text: str, name: str = "a.yaml") -> str:
    return copied(Source(name, text, path=Path("/somewhere", name)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("vars:\n  size: 3 # all\n", None),
        ("vars: {key: a, pad_token: b}\n", None),
        ("api_key: abc  # mine\nsize: 3\n", "api_key: \"$env('API_KEY')\"  # mine\nsize: 3\n"),
        ("{a: 'é', api_key: 'a, b', b: 1}\n", "{a: 'é', api_key: \"$env('API_KEY')\", b: 1}\n"),
        ("- {password: 1}\n- {password: 2}\n", "- {password: \"$env('PASSWORD')\"}\n" * 2),
        ("logger::api_key: abc\r\nb: 1\r\n", "logger::api_key: \"$env('API_KEY')\"\r\nb: 1\r\n"),
        ("a: 1\n# password: abc\n", "a: 1\n# password: ***\n"),
        ("api_key: $env('A')\npassword: null\n", None),
    ],
)
def test_secrets_are_taken_out_and_all_else_stays(text: str, expected: str | None) -> None:
    assert copy_of(text) == (text if expected is None else expected)


def test_a_copy_is_a_config_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "vars: {login: {user: me, api_key: abc, size: 3}, list: [1, {secret: x}]}\n"
    (tmp_path / "a.yaml").write_text(copy_of(text))
    monkeypatch.setenv("API_KEY", "abc")
    monkeypatch.setenv("SECRET", "x")
    assert Config(tmp_path / "a.yaml").resolve("vars") == {
        "login": {"user": "me", "api_key": "abc", "size": 3},
        "list": [1, {"secret": "x"}],
    }


def test_json_stays_json() -> None:
    text = '{\n\t"api_key": "abc",\n\t"size": 3\n}\n'
    assert copy_of(text, "a.json") == '{\n\t"api_key": "$env(\'API_KEY\')",\n\t"size": 3\n}\n'


@pytest.mark.parametrize(
    "text",
    [
        "password: |\n  hunter2hunter2\n",
        "password: >-\n  hunter2\n  hunter2\n",
        "password: &p hunter2hunter2\nother: *p\n",
        "a: [password\n# password hunter2hunter2",
        "password: hunter2hunter2\n# it was hunter2hunter2 before\n",
    ],
)
def test_what_cannot_be_done_exactly_is_left_out_and_says_so(text: str) -> None:
    told = "# '/somewhere/a.yaml' is not copied here: it holds a secret that cannot be taken out of its text.\n"
    assert copy_of(text) == told
