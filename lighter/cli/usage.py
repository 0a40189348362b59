"""The commands and what each takes: help for people, and an error with the nearest right word for what it does not."""

import os
from collections.abc import Callable, Collection, Sequence
from importlib import import_module
from typing import NamedTuple

from lighter.errors import UsageError, listing, nearest, suggestion

# Each with the first line of its docstring: `lighter --help` imports none of them.
COMMANDS = {
    "fit": "Train a model on the data a config names.",
    "validate": "Evaluate on the validation data.",
    "test": "Evaluate on the test data.",
    "predict": "Predict, and write the predictions to files.",
    "run": "Run a series of experiments, and compare them; or a MONAI bundle, as MONAI does.",
    "sweep": "Search for the best values of a config: a sweep's file, or a config with choices (a::b=1,2,3).",
    "runs": "List runs: config, status, start, duration, best value.",
    "report": "Write one HTML file to look at a run, or to compare several.",
    "export": "Write a trained model to a file that other programs run, and check it on a batch.",
    "check": "Report every mistake of a config, and build nothing.",
    "show": "Print a config, its sources in one, as YAML that runs again.",
    "diff": "Compare two configs, place by place.",
    "args": "Show the arguments of a target: types, defaults, what its docs say.",
    "components": "List what `_target_: kind/name` can mean, with its arguments.",
    "new": "Make a small project that trains at once: config, data, model, tests, README.",
    "adopt": "Read a repository without running it, list its models and data, and write a first config.",
    "convert": "Write a config from one of Hydra, LightningCLI, a MONAI bundle or a former Lighter, and check it.",
}
NAMES = tuple(COMMANDS)
# They only read and report, and need all that they make until they end: none of it is garbage before.
BRIEF = ("check", "show", "diff", "args", "components", "new", "adopt", "convert")
RESUME, ALLOW, ALLOW_FILES = "resume", "allow", "allow_files"
_FILES = "with --allow, files and folders that the config may name beside its own and those of its project."
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

'lighter COMMAND --help' describes one command, 'lighter --version' prints the version.
"""

TRACEBACK = "--traceback"  # which every command takes
JSON = "--json"  # and this those that answer
ANSWERING = (
    "fit",
    "validate",
    "test",
    "predict",
    "run",
    "sweep",
    "runs",
    "check",
    "show",
    "diff",
    "args",
    "components",
)
_ABOUT_JSON = "print one JSON object, the answer, on stdout, and all else on stderr"
_ABOUT_TRACEBACK = "show all frames of a failure, not only those of your own code"

# How any number of words is written, and asked for, by what a command calls them.
_TAKEN = {"sources": "SOURCE... [id=value ...]", "run": "RUN..."}
_NEEDED = {"sources": "a config: lighter {} config.yaml", "run": "the folder of a run: lighter {} runs/config/..."}


def command(name: str) -> Callable[..., None]:
    """The function behind a command; its module imports nothing heavy before it is called."""
    function: Callable[..., None] = getattr(import_module(f"lighter.cli.{name}"), name)
    return function


def switches(name: str) -> list[str]:
    """The flags of a command that take no value: they are on where they are given."""
    return [flag for flag, is_switch in _takes(name).flags.items() if is_switch]


def introduction() -> str:
    """The text of `lighter --help`."""
    width = max(map(len, NAMES))
    return _INTRODUCTION + "".join(f"  {name:<{width}}  {said}\n" for name, said in COMMANDS.items()) + _EXAMPLES


def command_help(name: str) -> str:
    """The text of `lighter NAME --help`."""
    import inspect

    flags = _takes(name).flags
    lines = [COMMANDS[name], "", f"usage: {_usage(name)}", ""]
    for line in (inspect.getdoc(command(name)) or "").partition("Args:\n")[2].splitlines():
        argument, _, text = map(str.strip, line.partition(":"))
        if text:
            lines += [f"  {'--' + argument if argument in flags else argument.upper()}", f"      {text}"]
    lines += [f"  --{ALLOW_FILES.replace('_', '-')}", f"      {_FILES}"] if ALLOW in flags else []
    lines += [f"  {JSON}", f"      {_ABOUT_JSON}"] if name in ANSWERING else []
    return "\n".join([*lines, f"  {TRACEBACK}", f"      {_ABOUT_TRACEBACK}"]) + "\n"


def asks_for_help(words: Sequence[str]) -> bool:
    """Whether help was asked for."""
    return any(word in ("--help", "-h", "help") for word in words)


def understood(words: Sequence[str]) -> list[str]:
    """The same words, so that each can be taken for one thing only: the command, its sources, `--flag=value`.

    Raises UsageError for what the command does not take.
    """
    name, *rest = words
    if name not in NAMES:
        from lighter.cli.other_tools import command_line

        kind = "flag" if name.startswith("-") else "command"
        line = command_line(name, rest)
        cure = f"write '{line}'" if line else suggestion(name, NAMES)
        raise UsageError(f"there is no {kind} '{name}'; {cure}")
    known = _takes(name).flags
    known |= {ALLOW_FILES: False} if ALLOW in known else {}
    sources: list[str] = []
    flags: dict[str, str] = {}
    while rest:
        word = rest.pop(0)
        if not word.startswith("-"):
            sources.append(word)
            continue
        flag = _known_flag(name, word, known, words[1:])
        if flag in flags:
            raise UsageError(f"the flag '--{flag}' is given twice; keep one")
        flags[flag] = _value(flag, word, rest, is_switch=known[flag])
    if files := flags.pop(ALLOW_FILES, ""):  # an absolute path is no name of a package
        flags[ALLOW] = ",".join([*filter(None, [flags.get(ALLOW)]), *map(os.path.abspath, files.split(","))])
    if RESUME not in flags:  # a run has its config
        _check_count(name, len(sources))
    return [name, *sources, *(f"--{flag}={value}" for flag, value in flags.items())]


def _known_flag(name: str, word: str, known: Collection[str], words: Sequence[str]) -> str:
    flag = word.lstrip("-").partition("=")[0].replace("-", "_")
    if not word.startswith("--") or flag not in known:
        from lighter.cli.other_tools import flag_cure

        answers = [JSON] if name in ANSWERING else []
        there = _nearest_flag(name, flag, [one.lstrip("-") for one in (*known, *answers, TRACEBACK)])
        has_config = _takes(name).rest == "sources" or name == "diff"
        cure = (flag_cure(name, word, words) if has_config else "") or there
        raise UsageError(f"'lighter {name}' has no flag '{word.partition('=')[0]}'; {cure}")
    return flag


def _nearest_flag(name: str, flag: str, flags: Sequence[str]) -> str:
    near = nearest(flag, flags) if len(flag) > 1 else None  # a single letter is like any word
    return f"did you mean '--{near}'?" if near else f"'lighter {name}' takes {listing(f'--{one}' for one in flags)}"


def _value(flag: str, word: str, rest: list[str], is_switch: bool) -> str:
    """The value of a flag, behind its `=` or the next of the words; a switch has none."""
    _, equals, value = word.partition("=")
    if is_switch:
        if equals:
            raise UsageError(f"the flag '--{flag}' takes no value: write '--{flag}', or leave it out")
        return str(True)
    if not equals and rest and not rest[0].startswith("-"):
        value = rest.pop(0)
    if not value:
        raise UsageError(f"the flag '--{flag}' needs a value: --{flag}=...")
    return value


def _check_count(name: str, count: int) -> None:
    """Raises UsageError where there are too few or too many sources."""
    needed, optional, rest, _ = _takes(name)
    by_position = needed or optional
    if not by_position and not count:
        raise UsageError(f"'lighter {name}' needs {_NEEDED.get(rest, _NEEDED['sources']).format(name)}")
    if count < len(needed) or (by_position and count > len(by_position) and not rest):
        what = f"{len(by_position)} configs" if len(by_position) > 1 else f"one {by_position[0]}"
        raise UsageError(f"'lighter {name}' takes {what}, not {count}: {_usage(name)}")


def _usage(name: str) -> str:
    needed, optional, rest, flags = _takes(name)
    taken = _TAKEN.get(rest, _TAKEN["sources"])
    by_position = " ".join(needed).upper() or (f"[{' '.join(optional).upper()}]" if optional else "")
    sources = f"{by_position} [{taken}]" if by_position and rest else by_position or taken
    written = (f" [--{flag}]" if is_switch else f" [--{flag}=...]" for flag, is_switch in flags.items())
    return f"lighter {name} {sources}{''.join(written)}"


class _Takes(NamedTuple):
    """What a command takes: words by position, of which some may be left out, any number of others, flags."""

    needed: list[str]
    optional: list[str]
    rest: str  # what the others are called; empty where there may be none
    flags: dict[str, bool]  # and whether each is a switch, on where it is given


def _takes(name: str) -> _Takes:
    import inspect

    parameters = inspect.signature(command(name)).parameters.values()
    by_position = [p for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
    return _Takes(
        [p.name for p in by_position if p.default is p.empty],
        [p.name for p in by_position if p.default is not p.empty],
        next((p.name for p in parameters if p.kind is p.VAR_POSITIONAL), ""),
        {p.name: p.annotation is bool for p in parameters if p.kind is p.KEYWORD_ONLY},
    )
