import io
import os
from types import SimpleNamespace

import pytest
from lightning_fabric.utilities.rank_zero import rank_zero_only

from lighter.console.outlet import Outlet, is_terminal


class Above:
    """A display that keeps what is shown above it."""

    def __init__(self):
        self.lines = []

    def above(self, line):
        self.lines.append(line)


def test_text_goes_through_as_it_is():
    stream = io.StringIO()
    assert Outlet(stream).write("a\rb") == 3
    assert stream.getvalue() == "a\rb"


def test_lines_go_above_a_display_and_the_rest_after_it(terminal):
    outlet, display = Outlet(terminal), Above()
    outlet.place(display)
    outlet.write("one\ntw")
    outlet.write("o\nthr")
    assert (display.lines, terminal.getvalue()) == (["one", "two"], "")
    outlet.place(None)
    assert terminal.getvalue() == "thr"


def test_another_rank_writes_whole_lines_in_place_of_a_display(terminal, monkeypatch):
    monkeypatch.setattr(rank_zero_only, "rank", 1)
    outlet = Outlet(terminal)
    outlet.write("one")
    outlet.write("\ntw")
    assert terminal.getvalue() == "\r\x1b[2Kone\n"
    outlet.finish()
    assert terminal.getvalue() == "\r\x1b[2Kone\ntw"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="only POSIX has it")
@pytest.mark.filterwarnings(
    "ignore:.*multi-threaded, use of fork:DeprecationWarning"
)  # torch's threads, of other tests
def test_a_fork_does_not_draw_its_parent_s_display(terminal):
    outlet, display = Outlet(terminal), Above()
    outlet.place(display)
    child = os.fork()
    if child == 0:
        outlet.write("of a worker\n")
        os._exit(display.lines != [] or terminal.getvalue() != "\r\x1b[2Kof a worker\n")
    assert os.waitpid(child, 0)[1] == 0


def test_a_stream_that_cannot_say_so_is_no_terminal(terminal):
    assert is_terminal(terminal)
    assert not is_terminal(SimpleNamespace(write=print, flush=list))
    assert not is_terminal(io.StringIO())
    assert not is_terminal(None)
