import os
from pathlib import Path

import pytest

from lighter import Config
from lighter.errors import Source
from lighter.runs.folder import OVERRIDES, SOURCES
from lighter.runs.record.sources import copied, given, record_sources


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "run").mkdir()
    return tmp_path / "run"


def write(**texts: str) -> None:
    for name, text in texts.items():
        path = Path(f"{name.replace('__', '/')}.yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def recorded(run: Path) -> dict[str, str]:
    folder = run / SOURCES
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_one_file_lies_at_the_top(run: Path) -> None:
    write(deep__a="vars: {x: 1}\n")
    record_sources(Config("deep/a.yaml"), run)
    assert recorded(run) == {"a.yaml": "vars: {x: 1}\n", OVERRIDES: ""}


def test_files_of_one_name_lie_as_they_did_and_compose_again(run: Path) -> None:
    write(
        models__base="vars: {model: 1}\n",
        data__base="vars: {data: 2}\nlist: [1, 2]\n",
        exp__a="_base_: [../models/base.yaml, ../data/base.yaml]\nvars: {last: '%../data/base.yaml::list::1'}\n",
    )
    config = Config("exp/a.yaml", "vars::model=3", "+vars::new=1")
    record_sources(config, run)
    assert {*recorded(run)} == {"models/base.yaml", "data/base.yaml", "exp/a.yaml", OVERRIDES}
    given = (run / SOURCES / OVERRIDES).read_text().splitlines()
    assert given == ["vars::model=3", "+vars::new=1"]
    assert Config(run / SOURCES / "exp" / "a.yaml", *given)["vars"] == config["vars"]


def test_no_secret_is_copied(run: Path) -> None:
    write(a="vars: {api_key: t0ps3cret, size: 1}\n")
    mapping = {
        "vars::password": "t0ps3cret",
        "vars": {"a": [{"secret": "t0ps3cret"}], "auth_token": "$env('X')", "passwd": "$$t0ps3cret"},
    }
    record_sources(Config("a.yaml", mapping, "+vars::access_key=t0ps3cret"), run)
    found = recorded(run)
    assert "t0ps3cret" not in str(found)
    assert found["a.yaml"] == "vars: {api_key: \"$env('API_KEY')\", size: 1}\n"
    assert '"auth_token": "$env(\'X\')"' in found["mapping.json"]
    assert found[OVERRIDES] == "+vars::access_key=$env('ACCESS_KEY')\n"


def test_mappings_are_files_that_can_be_read_again(run: Path) -> None:
    config = Config({"vars": {"ü": [1, 2.5, None], "text": "$$x"}}, {"+vars::new": True})
    record_sources(config, run)
    folder = run / SOURCES
    assert Config(folder / "mapping.json", folder / "mapping_2.json")["vars"] == config["vars"]


def test_an_object_in_a_mapping_is_written_as_its_repr(run: Path) -> None:
    record_sources(Config({"vars": {"path": Path("a"), "function": os.getcwd}}), run)
    assert '"function": "<built-in function getcwd>"' in recorded(run)["mapping.json"]


def test_the_first_stage_is_the_one_that_is_recorded(run: Path) -> None:
    write(a="vars: {x: 1}\n")
    record_sources(Config("a.yaml", "vars::x=2"), run)
    record_sources(Config("a.yaml", "vars::x=3"), run)
    assert recorded(run)[OVERRIDES] == "vars::x=2\n"


def test_it_appears_whole_or_not_at_all(run: Path) -> None:
    write(a="vars: {x: 1}\n")
    run.rmdir()
    run.write_text("a file in its place")
    with pytest.raises(OSError, match="Not a directory"):
        record_sources(Config("a.yaml"), run)
    run.unlink()
    run.mkdir()
    blocked = run / f".{SOURCES}.{os.getpid()}" / OVERRIDES
    blocked.mkdir(parents=True)
    with pytest.raises(OSError, match="directory"):
        record_sources(Config("a.yaml"), run)
    assert list(run.iterdir()) == []


def test_what_was_given_is_told_as_it_was_given(run: Path) -> None:
    write(a="vars: {x: 1}\n")
    config = Config(
        Path("a.yaml"), {"vars": {"y": 2}}, "vars::x=2", "+vars::api_key=abc", {"vars": {"z": 3}}, "~vars::y"
    )
    overriding = ["vars::x=2", "+vars::api_key=$env('API_KEY')"]
    assert given(config) == ["a.yaml", "mapping.json", *overriding, "mapping_2.json", "~vars::y"]


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
