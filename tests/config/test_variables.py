from pathlib import Path

import pytest

from lighter import Config
from lighter.config.expressions import Expression, read_code
from lighter.config.variables import variable_problems


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
    assert problem.what == "'lighter.environment.env' is in no part of 'lighter' that limited configs may use"
    assert problem.help == "add 'lighter.environment' to --allow, if you trust it"
    assert config.resolve("a", allow="lighter.environment") == "x"
