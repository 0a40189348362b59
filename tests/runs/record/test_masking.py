import pytest

from lighter import Config
from lighter.config.secrets import is_secret
from lighter.runs.record.masking import masked, masked_override, masked_words, secrets_in, variable


@pytest.mark.parametrize("key", ["api_key", "apikey", "comet_api_key", "password", "db_passwd", "SECRET", "auth_token"])
def test_a_secret_is_known_by_its_key(key: str) -> None:
    assert is_secret(key, "x")
    assert masked(f"{key}: abc") == f"{key}: ***"
    assert list(masked_words([f"--{key.replace('_', '-')}=abc"])) == [f"--{key.replace('_', '-')}=***"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("# password: abc, more", "# password: ***, more"),
        ('{"api_key": "a b c", "size": 3}', '{"api_key": "***", "size": 3}'),
        ("export WANDB_API_KEY=abc", "export WANDB_API_KEY=***"),
        ("pad_token: abc", "pad_token: abc"),
        ("api_key: $env('KEY')", "api_key: $env('KEY')"),
        ("api_key: null", "api_key: null"),
        ("password: true", "password: true"),
        ("password:", "password:"),
        ("a passwordless login", "a passwordless login"),
    ],
)
def test_what_is_given_to_a_key_is_masked(text: str, shown: str) -> None:
    assert masked(text) == shown


def test_in_code_only_what_is_in_quotes_is() -> None:
    code = "password: str = ask()\nlogin(api_key=key, password='abc')\n"
    assert masked(code, is_code=True) == "password: str = ask()\nlogin(api_key=key, password='***')\n"


def test_a_known_secret_is_masked_wherever_it_stands_unless_it_is_short() -> None:
    assert masked("x = 'hunter2hunter2'; y = 'abc'", ["hunter2hunter2", "abc"]) == "x = '***'; y = 'abc'"


def test_the_secrets_of_a_config_are_found() -> None:
    config = Config({"vars": {"logins": [{"password": "short"}, {"api_key": 12345678}], "size": 3}})
    assert secrets_in(config.tree) == ["12345678", "short"]


def test_what_a_secret_s_expression_reads_from_the_environment_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGIN", "hunter2-hunter2")
    monkeypatch.setenv("SIZE", "large")
    config = Config({"vars": {"api_key": "$env('LOGIN')", "password": "$env('ABSENT', '')", "size": "$env('SIZE')"}})
    assert secrets_in(config.tree) == ["hunter2-hunter2"]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("vars::api_key=abc", "vars::api_key=$env('API_KEY')"),
        (
            "+trainer::logger={_target_: a.B, api_key: abc}",
            "+trainer::logger={_target_: a.B, api_key: $env('API_KEY')}",
        ),
        ("system::optimizer::lr=1e-3", "system::optimizer::lr=1e-3"),
        ("vars::monkey=[1,  2]", "vars::monkey=[1,  2]"),
        ("~trainer::logger::api_key", "~trainer::logger::api_key"),
        ("vars::text=one\n\ntwo", 'vars::text="one\\n\\ntwo"'),
        ("vars::api_key={abc", "vars::api_key=***"),
        ("vars::::api_key=abc", "vars::::api_key=***"),
    ],
)
def test_an_override_is_written_without_its_secret(written: str, shown: str) -> None:
    assert masked_override(written) == shown


def test_the_words_of_a_command() -> None:
    words = [
        "fit",
        "config.yaml",
        "--api-key",
        "abc",
        "--lr",
        "3",
        "A_PASSWORD=abc",
        "vars::api_key=abc",
        "-s",
        "--key",
    ]
    masked = ["--api-key", "***", "--lr", "3", "A_PASSWORD=$env('A_PASSWORD')", "vars::api_key=$env('API_KEY')"]
    assert list(masked_words(words)) == ["fit", "config.yaml", *masked, "-s", "--key"]
    assert list(masked_words(["--password", "--force", "it"])) == ["--password", "--force", "it"]


def test_a_variable_is_written_for_a_secret() -> None:
    assert variable("api_key") == "$env('API_KEY')"
