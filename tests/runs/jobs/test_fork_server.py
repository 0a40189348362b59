import select
import socket

import pytest

from lighter.runs.jobs.fork_server import IS_HERE, ForkServer

pytestmark = [pytest.mark.timeout(900), pytest.mark.skipif(not IS_HERE, reason="it forks on Linux alone")]


def test_it_ends_in_silence_though_nobody_reads_what_it_says(capfd: pytest.CaptureFixture[str]) -> None:
    unread, unheard = ForkServer(), ForkServer()
    unheard.send({"devices": True})
    unheard.close()  # while it begins
    unread.devices()
    select.select([unread._connection], [], [])  # that the process which has counted them has ended
    unread.close()
    assert (unread._process.returncode, unheard._process.returncode) == (0, 0)
    assert capfd.readouterr().err == ""


def test_an_answer_is_not_lost_behind_a_job_that_ends() -> None:
    """Both may be there before the first is read."""
    server = object.__new__(ForkServer)
    server._connection, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    server._ended = {}
    with server._connection, there:
        there.send(b'{"devices": 2}')
        there.send(b'{"ended": 1, "status": 0}')
        assert server.devices() == 2
    assert server._ended == {1: 0}
