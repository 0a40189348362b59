import pytest

from lighter.environment import env
from lighter.errors import ConfigError


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
