import inspect

import pytest

from lighter.cli.commands import NAMES, command


@pytest.mark.parametrize("name", NAMES)
def test_every_command_is_a_function_of_its_name(name: str) -> None:
    function = command(name)
    assert function.__name__ == name
    assert list(inspect.signature(function).parameters) == ["sources", "ckpt_path", "run_dir"]
