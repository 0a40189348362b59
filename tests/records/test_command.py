import subprocess
import sys
from pathlib import Path

SCRIPT = "from lighter.records.command import command\nprint(command())\n"


def test_a_script(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(SCRIPT)
    assert told(tmp_path, sys.executable, "train.py", "--api-key=abc", "a b") == (
        f"['{Path(sys.executable).name}', 'train.py', '--api-key=***', 'a b']"
    )


def test_a_module(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(SCRIPT)
    found = told(tmp_path, sys.executable, "-m", "train", "vars::password=abc")
    assert found == f"['{Path(sys.executable).name}', '-m', 'train', \"vars::password=$env('PASSWORD')\"]"


def test_an_installed_command(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.symlink_to(sys.executable)
    installed = tmp_path / "train"
    # As pip writes it, but for the environment, which a link elsewhere does not find.
    installed.write_text(f"#!{python}\nimport sys\nsys.path[:] = {sys.path}\n{SCRIPT}")
    installed.chmod(0o755)
    assert told(tmp_path, str(installed), "fit", "config.yaml") == "['train', 'fit', 'config.yaml']"


def told(folder: Path, *words: str) -> str:
    return subprocess.run(words, capture_output=True, text=True, check=True, cwd=folder).stdout.strip()
