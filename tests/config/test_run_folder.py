"""The folder of a run by the pattern in `run::dir`: what it comes to, and that no value leads out of it."""

import os
import re
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lighter import Config
from lighter.config.run_folder import RunFolder
from lighter.errors import ConfigError

VALUES = {
    "width": 8,
    "rate": 0.1,
    "flag": True,
    "nothing": None,
    "same": "@vars::width",
    "copied": "%vars::width",
    "up": "../../etc",
    "root": "/etc",
    "dots": "..",
    "hidden": ".git",
    "empty": "",
    "tricks": "a\nb\x1b[2J\0 $(rm) \u202e",
    "word": "Größe-3_b",
    "long": "x" * 400,
    "api_key": "t0ps3cret",
    "hush": "@vars::api_key",
    "many": [1, 2],
    "some": {"a": 1},
    "code": "$1 + 1",
    "lost": "@vars::gone",
    "here": "@vars::there",
    "there": "@run::dir",
}


def folder(pattern: str, *overrides: str, **more: object) -> RunFolder:
    found = Config({"vars": VALUES, "run": {"dir": pattern}, **more}, *overrides).named_folder
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("plain", "plain"),
        ("{config}/a", "run/a"),
        ("out/{vars::width}-{vars::rate}", "out/8-0.1"),
        ("{vars::flag}_{vars::nothing}", "true_null"),
        ("{vars::same}{vars#copied}", "88"),
        ("s{seed}", "s3"),
        ("a/{{vars}}/{vars::width}}}", "a/{vars}/8}"),
        ("a/{vars::up}", "a/__.._etc"),
        ("a/{vars::root}", "a/_etc"),
        ("a/{vars::dots}/b", "a/_/b"),
        ("a/.{vars::dots}/b", "a/._/b"),
        ("a/{vars::hidden}", "a/_git"),
        ("a/{vars::empty}", "a/_"),
        ("a/{vars::tricks}", "a/a_b_2J_rm_"),
        ("a/{vars::word}", "a/Größe-3_b"),
        ("{now:%Y/../%%}/a", f"{datetime.now().astimezone().year}/_/_/a"),
        ("../{config}", "../run"),
    ],
)
def test_what_a_pattern_comes_to(pattern: str, path: str) -> None:
    assert str(folder(pattern, seed=3).path()) == path


@pytest.mark.parametrize("pattern", ["{config}/x", "{config}", " {config}/{now:%Y}", "x/{config}", "'{config}/x'"])
@pytest.mark.parametrize("mark", ["", "+", "="])
def test_an_override_is_a_pattern_as_it_is_written(pattern: str, mark: str) -> None:
    expected = pattern.strip(" '").replace("{config}", "run").replace("{now:%Y}", f"{datetime.now().astimezone().year}")
    found = Config({"vars": VALUES}, f"{mark}run::dir={pattern}").named_folder
    assert found is not None
    assert str(found.path()) == expected


def test_a_time_is_that_of_the_start() -> None:
    before = datetime.now().astimezone()
    found = folder("runs/{now}/{now:%f}")
    name, fraction = found.path().parts[1:]
    assert before.replace(microsecond=0) <= datetime.strptime(name, "%Y-%m-%d_%H-%M-%S").astimezone()
    assert fraction.isdigit()
    assert found.is_new
    assert not folder("runs/{overrides}").is_new


@pytest.mark.parametrize(
    ("pattern", "above"),
    [
        ("out/{now}", "out"),
        ("out/{config}/a{now:%Y}/b", "out/run"),
        ("{now}", "."),
        ("/{now}", "/"),
        ("/a/{now:%Y/%m}", "/a"),
    ],
)
def test_ranks_meet_above_what_only_one_of_them_knows(pattern: str, above: str) -> None:
    assert folder(pattern).above == Path(above)


@pytest.mark.parametrize(
    ("overrides", "name"),
    [
        ((), "no-overrides"),
        (("vars::width=16", "+vars::new=a b"), "vars.width=16,+vars.new=a_b"),
        (("~vars::rate",), "_vars.rate"),
        (("vars#rate=1e-3", "=vars::some={b: [1, 2]}"), "vars.rate=1e-3,=vars.some=_b_1,_2_"),
        (("vars::api_key=x8", "vars::some={token: x, password: y8}", "vars::width=1"), "vars.width=1"),
        (("run::dir=a/{overrides}", "vars::width=1"), "vars.width=1"),
        (("vars::word=../../x",), "vars.word=.._.._x"),
    ],
)
def test_overrides_are_one_name(overrides: tuple[str, ...], name: str) -> None:
    assert str(folder("a/{overrides}", *overrides).path()) == f"a/{name}"


def test_a_long_name_is_cut_and_stays_its_own() -> None:
    others = [folder("a/{vars::long}-{vars::long}/b", f"vars::long={'x' * 300}{end}").path() for end in "yz"]
    assert others[0] != others[1]
    for path in others:
        assert len(os.fsencode(path.parts[1])) == 200
        assert path.parts[2] == "b"
    wide = folder("a/{vars::word}", f"vars::word={'ß' * 300}").path().name
    assert re.fullmatch(r"ß{95}-[0-9a-f]{8}", wide)
    literal = "w" * 230  # which is a name that there is, perhaps
    assert str(folder(f"{literal}/{{config}}").path()) == f"{literal}/run"


@settings(max_examples=50)
@given(st.text())
def test_no_value_leads_elsewhere(value: str) -> None:
    words = {"word": value.replace("@", "").replace("%", "")}
    path = folder("a/{vars::word}x{vars::word}/b", vars=words).path()
    assert (path.parts[0], path.parts[2:]) == ("a", ("b",))
    assert len(os.fsencode(path.parts[1])) <= 200
    assert path.parts[1].isprintable()


def test_it_starts_where_it_is_written_and_stays_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "{now}" / "conf"
    home.mkdir(parents=True)
    (home / "exp.yaml").write_text("seed: 1\nrun: {dir: 'out/{config}/{seed}'}")
    config = Config(home / "exp.yaml")
    monkeypatch.chdir(home)
    assert config.run_dir == str(home / "out/exp/1")
    (tmp_path / "copy.yaml").write_text(config.dump())
    assert Config(tmp_path / "copy.yaml").run_dir == str(home / "out/copy/1")
    relative = Config({"run": {"dir": "a/{seed}"}, "seed": 1})
    assert relative.run_dir == "a/1"
    (tmp_path / "copy.yaml").write_text(relative.dump())
    assert Config(tmp_path / "copy.yaml").run_dir == str(home / "a/1")
    monkeypatch.setenv("HOME", "/home/me")
    assert Config({"run": {"dir": "~/{config}"}}).run_dir == "/home/me/run"


def test_runs_are_found_that_began_at_any_time_with_any_overrides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    long = f"vars::long={'x' * 300}"
    made = [
        folder("out[1]/{now:%Y/%m}/{overrides}-{vars::width}", *words) for words in ((), (long,), ("vars::rate=1",))
    ]
    paths = {one.path() for one in made}
    assert len(paths) == 3
    twice = Path(f"{made[0].path()}_2")
    for path in (*paths, twice, Path("out[1]/2026/other"), Path("out1/2026/01/no-overrides-8")):
        path.mkdir(parents=True, exist_ok=True)
    assert made[1].found() == {*paths, twice}
    assert folder("out[1]/{now:%Y/%m}/{vars::width}-{vars::rate}").found() == set()
    Path("seed3").mkdir()
    assert folder("seed{seed}", seed=3).found() == {Path("seed3")}
    assert folder("seed{seed}", seed=4).found() == set()


@pytest.mark.parametrize(
    ("pattern", "what", "help"),
    [
        ("{confg}", "'{confg}' in 'run::dir' is no value that is known", "did you mean '{config}'?"),
        ("{now%Y}", "'{now%Y}' in 'run::dir' is no value that is known", "did you mean '{now}'?"),
        ("{config:x}", "'{config:x}' in 'run::dir' is no value that is known", "did you mean '{config}'?"),
        ("{width}", "'{width}' in 'run::dir' is no value that is known", "did you mean '{vars::width}'?"),
        ("{vars::widht}", "'{vars::widht}' in 'run::dir' is no value that is known", "did you mean '{vars::width}'?"),
        ("{vars::a::b}", "'{vars::a::b}' in 'run::dir' is no value that is known", "'vars' has width, rate, "),
        ("{}", "'{}' in 'run::dir' is no value that is known", "it may be {config}, {now:%Y-%m-%d}, {seed}, "),
        ("{::}", "'{::}' in 'run::dir' is no value that is known", "it may be {config}, {now:%Y-%m-%d}, {seed}, "),
        ("a{b", "'{' in 'run::dir' has no other brace", "write '{{' for a brace itself"),
        ("a}", "'}' in 'run::dir' has no other brace", "write '}}' for a brace itself"),
        ("a/${now:%Y}", "'${now:%Y}' is written without '$' in 'run::dir'", "write '{now:%Y}'"),
        ("{now:YYYY}", "'YYYY' has no part of a time in it, in '{now:YYYY}'", "write '{now:%Y-%m-%d_%H-%M-%S}'"),
        ("{now:%Y%Q}", "'%Q' is no part of a time, in '{now:%Y%Q}'", "write '{now:%Y-%m-%d_%H-%M-%S}'"),
        ("{seed}", "'run::dir' has '{seed}', and the config has no seed", "write 'seed: 42'"),
        ("{vars::api_key}", "'vars::api_key' is a secret, and the name of a folder is seen by all", "name another"),
        ("{vars::hush}", "'vars::hush' is a secret, and the name of a folder is seen by all", "name another value"),
        ("{vars::some}", "'vars::some', in 'run::dir', is not a single value", "name a plain value"),
        ("{vars::many}", "'vars::many', in 'run::dir', is not a single value", "name a plain value"),
        ("{vars::code}", "'vars::code', in 'run::dir', is an expression, not known before it is built", "name a plain"),
        ("{vars::lost}", "'vars::lost', in 'run::dir', is a reference that leads nowhere", "name a plain value"),
        ("a/{run::dir}", "'{run::dir}' in 'run::dir' is that folder itself", "name another value"),
        ("a/{run#dir}", "'{run#dir}' in 'run::dir' is that folder itself", "name another value"),
        ("{vars::here}", "'{vars::here}' in 'run::dir' is that folder itself", "name another value"),
        ("s3://bucket/x", "'run::dir' takes the path of a folder", "write 'run::dir: path/to/folder'"),
        ("", "'run::dir' takes the path of a folder", "write 'run::dir: path/to/folder'"),
        ({"config": None}, "'run::dir' takes the path of a folder", "write it in quotes: '{config}/x'"),
    ],
)
def test_what_is_told(pattern: object, what: str, help: str) -> None:
    config = Config({"vars": VALUES, "run": {"dir": pattern}})
    with pytest.raises(ConfigError) as raised:
        _ = config.named_folder
    (problem,) = raised.value.problems
    assert (problem.what, problem.help[: len(help)], problem.place) == (what, help, "run::dir")


def test_a_limited_config_is_led_along_no_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("runs").mkdir()
    Path("elsewhere").mkdir()
    Path("runs/link").symlink_to("../elsewhere")
    given = {"vars": {"x": "link"}, "run": {"dir": "runs/{vars::x}"}}
    with pytest.raises(ConfigError, match="'run::dir' leads elsewhere than below 'runs'"):
        _ = Config(given, allow="torch").named_folder
    assert Config(given, "vars::x=a", allow="torch").run_dir == "runs/a"
