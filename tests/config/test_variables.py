from pathlib import Path

import pytest

from lighter import Config
from lighter.config.expressions import Expression, read_code
from lighter.config.variables import env, variable_problems
from lighter.errors import ConfigError


@pytest.fixture(autouse=True)
def only_these(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIGHTER_TEST_SET", "x")
    monkeypatch.delenv("LIGHTER_TEST_UNSET", raising=False)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("env('LIGHTER_TEST_SET')", []),
        ("env('LIGHTER_TEST_UNSET', 3)", []),
        ("env('LIGHTER_TEST_UNSET', default=3)", []),
        ("env('LIGHTER_TEST_UNSET') + '/data'", ["the environment variable 'LIGHTER_TEST_UNSET' is not set"]),
        ("[env('LIGHTER_TEST_SET', 1)]", ["the environment variable 'LIGHTER_TEST_SET' is not a whole number"]),
        # Nobody can know whether these are read.
        ("env('LIGHTER_TEST_UNSET') if 1 > 2 else 0", []),
        ("lambda: env('LIGHTER_TEST_UNSET')", []),
        ("env('LIGHTER_TEST_' + 'UNSET')", []),
        ("'env(LIGHTER_TEST_UNSET)'", []),
    ],
)
def test_what_is_missing_is_told_from_the_text(code: str, told: list[str]) -> None:
    expression = read_code(code)
    assert isinstance(expression, Expression)
    assert [problem.what.partition(", as")[0] for problem in variable_problems(expression)] == told


def test_it_is_told_in_the_first_check_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("vars:\n  key: \"$env('LIGHTER_TEST_UNSET')\"\n  off: {_target_: dict, _disabled_: true}\n")
    (problem,) = Config.load(path).check_structure()
    assert (problem.place, problem.position and problem.position.line) == ("vars::key", 2)


def test_a_variable_is_read_when_the_config_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    config = Config.load({"a": "$env('LIGHTER_TEST_SET') + 'y'", "b": "$env('LIGHTER_TEST_UNSET', 2)"})
    assert (config.resolve("a"), config.resolve("b")) == ("xy", 2)


def test_what_is_written_down_is_the_name_not_the_value() -> None:
    assert Config.load({"a": "$env('LIGHTER_TEST_SET')"}).dump() == "a: $env('LIGHTER_TEST_SET')\n"


def test_a_name_of_the_configs_own_wins() -> None:
    config = Config.load({"a": "$from math import sqrt as env", "b": "$env(4)"})
    assert config.check() == []
    assert config.resolve("b") == 2


def test_a_limited_config_reads_no_variables_unless_they_are_allowed() -> None:
    config = Config.load({"a": "$env('LIGHTER_TEST_SET')"})
    (problem,) = config.check(allow="torch")
    assert problem.what == "'lighter.config.variables.env' is not on the list of what limited configs may use"
    assert problem.help == "add 'lighter.config.variables' to --allow, if you trust it"
    assert config.resolve("a", allow="lighter.config.variables") == "x"


def test_a_variable_is_a_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIGHTER_TEST_KEY", "0123")
    assert env("LIGHTER_TEST_KEY") == "0123"
    assert env("LIGHTER_TEST_KEY", "other") == "0123"
    assert env("LIGHTER_TEST_KEY", None) == "0123"


def test_the_default_stands_for_what_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIGHTER_TEST_KEY", raising=False)
    assert env("LIGHTER_TEST_KEY", "data") == "data"
    assert env("LIGHTER_TEST_KEY", None) is None


@pytest.mark.parametrize(
    ("text", "default", "value"),
    [("8", 4, 8), ("1e-3", 0.1, 0.001), ("true", False, True), ("0", True, False), (" False", True, False)],
)
def test_it_is_read_as_what_its_default_is(
    monkeypatch: pytest.MonkeyPatch, text: str, default: object, value: object
) -> None:
    monkeypatch.setenv("LIGHTER_TEST_KEY", text)
    found = env("LIGHTER_TEST_KEY", default)
    assert found == value
    assert type(found) is type(value)


def test_one_that_is_needed_and_not_set_is_told_with_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIGHTER_TEST_KEY", raising=False)
    monkeypatch.setenv("LIGHTER_TEST_KYE", "x")
    with pytest.raises(ConfigError) as told:
        env("LIGHTER_TEST_KEY")
    assert str(told.value) == (
        "error: the environment variable 'LIGHTER_TEST_KEY' is not set\n"
        "   = help: did you mean 'LIGHTER_TEST_KYE'? Else set it, or write a default: $env('LIGHTER_TEST_KEY', '...')"
    )


@pytest.mark.parametrize(
    ("default", "wanted"), [(4, "a whole number"), (0.5, "a number"), (True, "true or false")], ids=str
)
def test_one_that_cannot_be_read_is_told(monkeypatch: pytest.MonkeyPatch, default: object, wanted: str) -> None:
    monkeypatch.setenv("LIGHTER_TEST_KEY", "secret")
    with pytest.raises(ConfigError, match=f"'LIGHTER_TEST_KEY' is not {wanted}") as told:
        env("LIGHTER_TEST_KEY", default)
    assert "secret" not in str(told.value)
