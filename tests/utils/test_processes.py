import os
import subprocess
import sys

from lighter.utils.processes import is_alive


def test_a_process_is_alive_until_it_has_ended() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        assert is_alive(process.pid)
        process.kill()
        process.wait()
        assert not is_alive(process.pid)
    assert is_alive(os.getpid())
    assert is_alive(1)
    assert not is_alive(2**70)
