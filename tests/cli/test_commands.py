import inspect

import pytest

from lighter.cli.commands import NAMES, command

FLAGS = {
    "fit": ["ckpt_path", "run_dir", "resume", "force", "allow"],
    "validate": ["ckpt_path", "run_dir", "allow"],
    "test": ["ckpt_path", "run_dir", "allow"],
    "predict": ["ckpt_path", "run_dir", "allow"],
    "run": ["run_dir", "allow"],
    "runs": ["metric", "where", "sort", "reverse", "format"],
    "report": ["out"],
    "export": ["format", "out", "ckpt_path", "input", "tolerance", "allow"],
    "check": ["stage", "allow"],
    "show": ["id", "origins", "allow"],
    "diff": ["allow"],
    "components": ["allow"],
    "adopt": ["out"],
}


@pytest.mark.parametrize("name", NAMES)
def test_every_command_is_a_function_of_its_name(name: str) -> None:
    function = command(name)
    assert function.__name__ == name
    parameters = inspect.signature(function).parameters
    flags = [p.name for p in parameters.values() if p.kind is inspect.Parameter.KEYWORD_ONLY]
    assert flags == FLAGS[name]
    taken = {
        "diff": ["a", "b"],
        "components": ["kind", "sources"],
        "adopt": ["repo"],
        "report": ["run"],
        "runs": ["folder"],
    }.get(name, ["sources"])
    assert [p for p in parameters if p not in flags] == taken
