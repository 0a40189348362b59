import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from lighter.cli.streams import Console

LIGHTER = (sys.executable, "-m", "lighter")
FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="there is no device that is always full")


def _run(command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """What a shell makes of `lighter COMMAND`."""
    words = ["sh", "-c", f'exec "$0" -m lighter {command}', sys.executable]
    return subprocess.run(words, capture_output=True, text=True, check=False, env={**os.environ, **environment})


def test_a_console_whose_reader_is_gone_is_given_up():
    out, into = os.pipe()
    console = Console(into, "w")
    os.close(out)
    assert console.write(b"one") == 3
    assert isinstance(console.lost, BrokenPipeError)
    assert os.write(into, b"by somebody else") == 16
    console.close()


def test_all_of_a_text_comes_to_a_reader_who_takes_it_slowly():
    out, into = os.pipe()
    os.set_blocking(into, False)
    text, read = b"x" * 10**6, bytearray()
    console = Console(into, "w")

    def take() -> None:
        while piece := os.read(out, 10_000):
            read.extend(piece)

    reader = threading.Thread(target=take)
    reader.start()
    assert console.write(text) == len(text)
    console.close()
    reader.join()
    os.close(out)
    assert read == text
    assert console.lost is None


@needs_full
def test_training_goes_on_without_a_console(line):
    closed, into = os.pipe()
    os.close(closed)
    with FULL.open("w") as full:
        done = subprocess.run([*LIGHTER, "fit", "config.yaml", "--run_dir=run"], stdout=into, stderr=full, check=False)
    os.close(into)
    assert done.returncode == 0
    assert (line / "run" / "checkpoints" / "last.ckpt").is_file()
    assert "report: run/report.html" in (line / "run" / "log.txt").read_text().splitlines()[-1]


@pytest.mark.parametrize("command", ["--help", "--version", "show a.yaml", "diff a.yaml a.yaml", "runs ."])
def test_what_is_asked_for_and_cannot_be_written_is_told(write, command):
    write("a.yaml", "vars: {x: 1}")
    if "diff" in command:
        write("b.yaml", "vars: {x: 2}")
        command = "diff a.yaml b.yaml"
    done = _run(f"{command} > /dev/full")
    assert (done.returncode, done.stderr) == (
        1,
        "error: what is asked for cannot be written to stdout: No space left on device\n",
    )


def test_a_closed_stream_is_the_null_device(write):
    write("a.yaml", "vars: {x: 1}")
    assert _run("show a.yaml >&- 2>&- <&-").returncode == 0
    done = _run("show nosuch.yaml >&-")
    assert (done.returncode, done.stderr.splitlines()[0]) == (2, "error: there is no file 'nosuch.yaml'")


def test_a_config_is_written_so_that_a_console_of_ascii_can_show_it(write):
    write("a.yaml", "vars: {name: é, 日: '\U0001f600 b'}")
    shown = _run("show a.yaml", PYTHONIOENCODING="ascii")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert 'name: "\\xE9"' in shown.stdout
    write("b.yaml", shown.stdout)
    assert _run("diff a.yaml b.yaml").stdout == ""
    told = _run("show é.yaml", PYTHONIOENCODING="ascii")
    assert (told.returncode, told.stderr.splitlines()[0]) == (2, r"error: there is no file '\xe9.yaml'")
