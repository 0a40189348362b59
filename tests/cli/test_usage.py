import pytest

from lighter.cli.usage import check, command_help, introduction
from lighter.errors import UsageError


def test_help_is_short_and_names_every_command() -> None:
    text = introduction()
    assert len(text.splitlines()) < 25
    assert [line.split()[0] for line in text.splitlines() if line.startswith("  ") and "  " in line.strip()] == [
        "fit",
        "validate",
        "test",
        "predict",
    ]


def test_help_of_a_command_tells_every_argument() -> None:
    text = command_help("fit")
    assert len(text.splitlines()) < 15
    assert "usage: lighter fit SOURCE... [id=value ...] [--ckpt_path=...] [--run_dir=...]" in text
    assert "--ckpt_path\n      go on from a checkpoint" in text


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["fitt"], "there is no command 'fitt'; did you mean 'fit'?"),
        (["frobnicate"], "there is no command 'frobnicate'; there are fit, validate, test, predict"),
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
    ],
)
def test_what_does_not_exist_is_told_with_the_nearest(words: list[str], told: str) -> None:
    with pytest.raises(UsageError) as caught:
        check(words)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    "words",
    [
        ["fit", "a.yaml", "b.json", "system::lr=-1", "~trainer::logger", "+vars={a: 1}"],
        ["test", "a.yaml", "--ckpt_path=best", "--run_dir", "somewhere"],
        ["test", "a.yaml", "--ckpt-path=best"],
    ],
)
def test_what_is_right_passes(words: list[str]) -> None:
    check(words)
