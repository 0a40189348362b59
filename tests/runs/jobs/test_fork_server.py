import select

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
