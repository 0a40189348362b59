"""What may stand on the command line: help for people, and an error with the nearest right word for the rest."""

import inspect
from collections.abc import Callable, Sequence

from lighter.cli.commands import NAMES, command
from lighter.errors import UsageError, suggestion

_INTRODUCTION = """\
Lighter: one YAML file names the pieces of a training run, PyTorch Lightning runs it.

usage: lighter COMMAND SOURCE... [id=value ...] [--flag=value ...]

commands:
"""
_EXAMPLES = """
examples:
  lighter fit config.yaml
  lighter fit config.yaml system::optimizer::lr=0.01 trainer::devices=4
  lighter test config.yaml --ckpt_path=best

'lighter COMMAND --help' tells more of one command, 'lighter --version' the version.
"""

__all__ = ["asks_for_help", "check", "command_help", "introduction"]


def introduction() -> str:
    """The text of `lighter --help`."""
    width = max(map(len, NAMES))
    return _INTRODUCTION + "".join(f"  {n:<{width}}  {_summary(command(n))}\n" for n in NAMES) + _EXAMPLES


def command_help(name: str) -> str:
    """The text of `lighter NAME --help`."""
    function = command(name)
    flags = "".join(f" [--{flag}=...]" for flag in _flags(function))
    lines = [_summary(function), "", f"usage: lighter {name} SOURCE... [id=value ...]{flags}", ""]
    for argument, told in _arguments(function):
        lines.append(f"  {'--' + argument if argument in _flags(function) else argument.upper()}")
        lines.append(f"      {told}")
    return "\n".join(lines) + "\n"


def asks_for_help(words: Sequence[str]) -> bool:
    """Whether help was asked for."""
    return any(word in ("--help", "-h", "help") for word in words)


def check(words: Sequence[str]) -> None:
    """Raises UsageError for a command or flag that does not exist, before anything could take it for another."""
    name, *rest = words
    if name not in NAMES:
        kind = "flag" if name.startswith("-") else "command"
        raise UsageError(f"there is no {kind} '{name}'; {suggestion(name, NAMES)}")
    known = _flags(command(name))
    given = [word for word in rest if word.startswith("-")]
    for word in given:
        _check_flag(name, word, known, rest)
    flags = [_flag(word) for word in given]
    twice = next((flag for flag in flags if flags.count(flag) > 1), None)
    if twice is not None:
        raise UsageError(f"the flag '--{twice}' is given twice; keep one")


def _check_flag(name: str, word: str, known: Sequence[str], words: Sequence[str]) -> None:
    flag = _flag(word)
    if not word.startswith("--") or flag not in known:
        told = suggestion(f"--{flag}", [f"--{k}" for k in known], f"'lighter {name}' takes")
        raise UsageError(f"'lighter {name}' has no flag '{word.partition('=')[0]}'; {told}")
    following = words[words.index(word) + 1 :][:1]
    if word.endswith("=") or ("=" not in word and (not following or following[0].startswith("-"))):
        raise UsageError(f"the flag '--{flag}' needs a value: --{flag}=...")


def _flag(word: str) -> str:
    return word.lstrip("-").partition("=")[0].replace("-", "_")


def _flags(function: Callable[..., None]) -> list[str]:
    parameters = inspect.signature(function).parameters.values()
    return [p.name for p in parameters if p.kind is not inspect.Parameter.VAR_POSITIONAL]


def _summary(function: Callable[..., None]) -> str:
    return inspect.getdoc(function).partition("\n")[0] if function.__doc__ else ""  # type: ignore[union-attr]  # has one


def _arguments(function: Callable[..., None]) -> list[tuple[str, str]]:
    """The arguments of a command with what its docstring tells of each."""
    told = (inspect.getdoc(function) or "").partition("Args:\n")[2].splitlines()
    return [(name.strip(), text.strip()) for name, _, text in (line.partition(":") for line in told) if text]
