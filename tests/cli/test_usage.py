import inspect

import pytest

from lighter.cli import main
from lighter.cli.usage import COMMANDS, NAMES, command, command_help, introduction, switches, understood
from lighter.errors import UsageError


def test_help_is_short_and_names_every_command() -> None:
    text = introduction()
    assert len(text.splitlines()) < 30
    assert [line.split()[0] for line in text.splitlines() if line.startswith("  ") and "  " in line.strip()] == [
        "fit",
        "validate",
        "test",
        "predict",
        "run",
        "sweep",
        "runs",
        "report",
        "export",
        "check",
        "show",
        "diff",
        "args",
        "components",
        "new",
        "adopt",
        "convert",
    ]


def test_help_of_a_command_tells_every_argument() -> None:
    text = command_help("fit")
    assert len(text.splitlines()) < 25
    assert "usage: lighter fit SOURCE... [id=value ...] [--ckpt_path=...] [--run_dir=...]" in text
    assert "--ckpt_path\n      start from a checkpoint" in text
    assert text.endswith("  --traceback\n      show all frames of a failure, not only those of your own code\n")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["fitt"], "there is no command 'fitt'; did you mean 'fit'?"),
        (
            ["frobnicate"],
            "there is no command 'frobnicate'; there are fit, validate, test, predict, run, sweep, runs, report, ",
        ),
        (["runs", "a", "b"], "'lighter runs' takes one folder, not 2: lighter runs [FOLDER] [--metric=...]"),
        (["--verbose"], "there is no flag '--verbose'"),
        (["fit", "a.yaml", "--ckpt_pth=x"], "'lighter fit' has no flag '--ckpt_pth'; did you mean '--ckpt_path'?"),
        (["fit", "a.yaml", "-c", "x"], "'lighter fit' has no flag '-c'"),
        (["fit", "a.yaml", "--nockpt_path"], "'lighter fit' has no flag '--nockpt_path'"),
        (["fit", "a.yaml", "--", "--trace"], "'lighter fit' has no flag '--'"),
        (["fit", "a.yaml", "-"], "'lighter fit' has no flag '-'"),
        (["test", "a.yaml", "--ckpt_path"], "the flag '--ckpt_path' needs a value: --ckpt_path=..."),
        (["test", "a.yaml", "--ckpt_path="], "the flag '--ckpt_path' needs a value: --ckpt_path=..."),
        (["test", "a.yaml", "--ckpt_path", "--run_dir=x"], "the flag '--ckpt_path' needs a value"),
        (["test", "--run_dir=x", "a.yaml", "--run_dir=y"], "the flag '--run_dir' is given twice"),
        (["fit"], "'lighter fit' needs a config: lighter fit config.yaml"),
        (["test", "--ckpt_path", "best"], "'lighter test' needs a config: lighter test config.yaml"),
        (["check", "a.yaml", "--origins"], "'lighter check' has no flag '--origins'; 'lighter check' takes --stage"),
        (
            ["show", "a.yaml", "--origins=true"],
            "the flag '--origins' takes no value: write '--origins', or leave it out",
        ),
        (["show", "a.yaml", "--noorigins"], "'lighter show' has no flag '--noorigins'; did you mean '--origins'?"),
        (["show", "a.yaml", "--origins", "--origins"], "the flag '--origins' is given twice"),
        (["show", "--origins"], "'lighter show' needs a config"),
        (["diff", "a.yaml"], "'lighter diff' takes 2 configs, not 1: lighter diff A B"),
        (["diff", "a", "b", "c"], "'lighter diff' takes 2 configs, not 3: lighter diff A B"),
        (["new"], "'lighter new' takes one name, not 0: lighter new NAME"),
        (["adopt"], "'lighter adopt' takes one repo, not 0: lighter adopt REPO [--out=...]"),
        (["adopt", "a", "b"], "'lighter adopt' takes one repo, not 2: lighter adopt REPO [--out=...]"),
        (["report", "--out=a.html"], "'lighter report' needs the folder of a run: lighter report runs/config/..."),
        (["diff", "a", "b", "--a=c"], "'lighter diff' has no flag '--a'"),
    ],
)
def test_what_does_not_exist_is_told_with_the_nearest(words: list[str], told: str) -> None:
    with pytest.raises(UsageError) as caught:
        understood(words)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("words", "same"),
    [
        (["fit", "a.yaml", "b.json", "system::lr=-1", "~trainer::logger", "+vars={a: 1}"], []),
        (
            ["test", "--ckpt_path=best", "a.yaml", "--run_dir", "there"],
            ["a.yaml", "--ckpt_path=best", "--run_dir=there"],
        ),
        (["test", "a.yaml", "--ckpt-path=best"], ["a.yaml", "--ckpt_path=best"]),
        (["test", "a.yaml", "--ckpt_path=a=b"], ["a.yaml", "--ckpt_path=a=b"]),
        (["show", "--origins", "a.yaml", "--id", "b"], ["a.yaml", "--origins=True", "--id=b"]),
        (["show", "a.yaml", "id=b"], []),
        (["diff", "a", "b"], []),
        (["show", "a", "--allow=x", "--allow-files", "/b,/c"], ["a", "--allow=x,/b,/c"]),
        (["adopt", "there", "--out", "b.yaml"], ["there", "--out=b.yaml"]),
    ],
)
def test_each_word_can_be_taken_for_one_thing_only(words: list[str], same: list[str]) -> None:
    assert understood(words) == [words[0], *(same or words[1:])]


def test_help_of_flags_and_sources_shows_how_they_are_written() -> None:
    assert "\nusage: lighter show SOURCE... [id=value ...] [--id=...] [--origins] [--defaults]" in command_help("show")
    assert "usage: lighter args TARGET [SOURCE... [id=value ...]] [--project=...] [--allow" in command_help("args")
    assert "usage: lighter diff A B [--allow=...]\n" in command_help("diff")
    assert "usage: lighter report RUN... [--out=...] [--single_file]\n" in command_help("report")
    assert "\n  A\n      a config file or a run folder" in command_help("diff")


FLAGS = {
    "fit": ["ckpt_path", "run_dir", "resume", "force", "launcher", "allow"],
    "validate": ["ckpt_path", "run_dir", "allow"],
    "test": ["ckpt_path", "run_dir", "allow"],
    "predict": ["ckpt_path", "run_dir", "allow"],
    "run": [
        *("jobs", "launcher", "run_dir", "resume"),
        *("id", "init_id", "final_id", "meta_file", "logging_file", "allow"),
    ],
    "sweep": ["trials", "jobs", "launcher", "run_dir", "resume", "dry_run", "allow"],
    "runs": ["metric", "where", "sort", "reverse", "format"],
    "report": ["out", "single_file"],
    "export": ["format", "out", "ckpt_path", "input", "tolerance", "allow"],
    "check": ["stage", "fix", "yes", "allow"],
    "show": ["id", "origins", "defaults", "allow"],
    "diff": ["allow"],
    "args": ["project", "allow"],
    "components": ["allow"],
    "new": [],
    "adopt": ["out"],
    "convert": ["to", "kind", "model", "data", "link"],
}


@pytest.mark.parametrize("name", NAMES)
def test_every_command_is_a_function_of_its_name(name: str) -> None:
    function = command(name)
    assert function.__name__ == name
    assert (inspect.getdoc(function) or "").partition("\n")[0] == COMMANDS[name]
    parameters = inspect.signature(function).parameters
    flags = [p.name for p in parameters.values() if p.kind is inspect.Parameter.KEYWORD_ONLY]
    assert flags == FLAGS[name]
    taken = {
        "diff": ["a", "b"],
        "args": ["target", "sources"],
        "components": ["kind", "sources"],
        "new": ["name"],
        "adopt": ["repo"],
        "report": ["run"],
        "runs": ["folder"],
    }.get(name, ["sources"])
    assert [p for p in parameters if p not in flags] == taken


def test_a_flag_without_a_value_is_a_switch() -> None:
    assert {name: switches(name) for name in NAMES if switches(name)} == {
        "check": ["fix", "yes"],
        "fit": ["force"],
        "report": ["single_file"],
        "runs": ["reverse"],
        "show": ["origins", "defaults"],
        "sweep": ["dry_run"],
    }


@pytest.mark.parametrize(("words", "value"), [(["runs"], False), (["runs", "--reverse"], True)])
def test_a_switch_reaches_its_command_as_a_boolean(
    monkeypatch: pytest.MonkeyPatch, words: list[str], value: object
) -> None:
    reached = []

    def runs(folder: str = "runs", *, sort: str = "start", reverse: bool = False) -> None:
        reached.append((folder, sort, reverse))

    monkeypatch.setattr("lighter.cli.runs.runs", runs)
    main([*words, "1.0", "--sort=2"])
    assert reached == [("1.0", "2", value)]
