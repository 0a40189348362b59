"""Commands and flags of other tools, each with the line to write instead."""

import shlex
from collections.abc import Sequence
from contextlib import suppress

# What others call a command, and its name here.
_COMMANDS = {
    **dict.fromkeys(("train", "trainer", "training", "start", "finetune"), "fit"),
    **dict.fromkeys(("eval", "evaluate", "evaluation"), "test"),
    **dict.fromkeys(("val", "valid", "validation"), "validate"),
    **dict.fromkeys(("infer", "inference", "generate"), "predict"),
    **dict.fromkeys(("tune", "hpo", "hparams", "multirun", "optimize", "search"), "sweep"),
    **dict.fromkeys(("print", "print_config", "cat", "view", "config"), "show"),
    **dict.fromkeys(("lint", "verify", "dry-run", "dry_run"), "check"),
    **dict.fromkeys(("ls", "list", "status"), "runs"),
    **dict.fromkeys(("init", "create", "startproject", "init_bundle"), "new"),
    "compare": "diff",
    "resume": "fit --resume",
}
_CONFIG = frozenset(
    {"c", "cd", "cfg", "cn", "conf", "config", "config_dir", "config_file", "config_name", "config_path", "cp"}
)
_SWEEP = frozenset({"m", "multirun"})
_SHOW = frozenset({"cfg", "info", "print_config"})
_RENAMED = {
    **dict.fromkeys(
        ("default_root_dir", "exp_dir", "log_dir", "logdir", "out_dir", "output_dir", "work_dir"), "run_dir"
    ),
    **dict.fromkeys(("checkpoint", "ckpt", "ckpt_file"), "ckpt_path"),
}
_CONFIG_ENDINGS = (".yaml", ".yml", ".json")


def command_line(word: str, rest: Sequence[str]) -> str:
    """The whole line that is written here for another tool's command; empty where none is known."""
    if word.endswith(_CONFIG_ENDINGS):
        return _line("fit", [word, *rest])
    known = _COMMANDS.get(word.lower())
    return _line(known, rest) if known is not None else ""


def flag_cure(command: str, word: str, words: Sequence[str]) -> str:
    """What is written here for another tool's flag among the words behind a command; empty where nothing is known."""
    written, equals, value = word.partition("=")
    flag = written.lstrip("-").replace("-", "_")
    at = [*words].index(word)
    before, behind = [*words[:at]], [*words[at + 1 :]]
    is_next = not equals and bool(behind) and not behind[0].startswith("-")
    value = behind[0] if is_next else value
    others = [*before, *behind[is_next:]]  # without the flag and its value
    each = (one.strip(" '\"") for one in value.strip("[]").split(","))  # several as MONAI takes them
    files = [file for file in each if file.endswith(_CONFIG_ENDINGS)]
    if flag in _SWEEP and command == "convert":
        return f"values with commas become a sweep without it: write '{_line(command, [*before, *behind])}'"
    if flag in _SWEEP:
        return f"'{_line('sweep', [*before, *behind])}' tries several values"
    if flag in _SHOW and not files:
        return f"'{_line('show', others)}' prints the config, and its part at a place with --id"
    if flag in _CONFIG:
        line = _line(command, [*before, *(files or ["path/to/config.yaml"]), *behind[is_next:]])
        return f"a config is named without a flag: write '{line}'"
    if flag in _RENAMED:
        return f"write '--{_RENAMED[flag]}={value or '...'}'"
    return _as_override(flag, value or "...", others)


def _as_override(name: str, value: str, words: Sequence[str]) -> str:
    """The override that sets what a flag means, in the config that the other words name."""
    from lighter.config import Config
    from lighter.config.override_spelling import spelling
    from lighter.errors import ConfigError

    with suppress(ConfigError):
        config = Config.load(*(word for word in words if not word.startswith("-") and "=" not in word))
        if written := spelling(config.tree, name, value):
            return f"a value of the config is set without dashes: write {written}"
    if "." in name or "::" in name or "#" in name:
        return "a value of the config is set without dashes, by its place: write 'system::optimizer::lr=0.01'"
    return ""


def _line(command: str, words: Sequence[str]) -> str:
    return shlex.join(["lighter", *command.split(), *words])
