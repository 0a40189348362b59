import io
import os
import threading
from types import SimpleNamespace

import pytest
from lightning_fabric.utilities.rank_zero import rank_zero_only

from lighter.runs.console.log_file import LogFile
from lighter.runs.console.streams import LONGEST, Lines, Outlet, Tee, is_terminal, plain


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


@pytest.mark.parametrize(
    ("pieces", "lines", "rest"),
    [
        (["a", "b\nc", "\n"], ["ab", "c"], ""),
        (["a\n\nb"], ["a", ""], "b"),
        (["10%\r", "20%\r", "100%\n"], ["100%"], ""),
        (["\r 0%", "\r50%", "\r    \r"], [], "    \r"),
        (["windows\r\n", "lines\r", "\n"], ["windows", "lines"], ""),
        (["\r\x1b[2Kbar", "\r\x1b[2Kprinted\nbar"], ["printed"], "bar"),
        (["\r\x1b[2K\x1b[1A\x1b[2Kone\ntwo\nbar 1\nbar 2"], ["one", "two"], ""),
        (["x" * (LONGEST + 1)], ["x" * (LONGEST + 1)], ""),
    ],
)
def test_pieces_become_lines(pieces, lines, rest):
    made = Lines()
    assert [line for piece in pieces for line in made.feed(piece)] == lines
    if rest != "bar":
        assert made.rest() == rest
        assert made.rest() == ""


def test_each_thread_has_its_own_lines():
    made, found = Lines(), []
    made.feed("of one")
    thread = threading.Thread(target=lambda: found.extend(made.feed("of the other\n")))
    thread.start()
    thread.join()
    assert found == ["of the other"]
    assert made.feed("\n") == ["of one"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="only POSIX has it")
@pytest.mark.filterwarnings(
    "ignore:.*multi-threaded, use of fork:DeprecationWarning"
)  # torch's threads, of other tests
def test_a_fork_does_not_go_on_with_what_its_parent_has_begun():
    made = Lines()
    made.feed("begun, ")
    child = os.fork()
    if child == 0:
        os._exit(made.feed("of the child\n") != ["of the child"])
    assert os.waitpid(child, 0)[1] == 0
    assert made.feed("ended\n") == ["begun, ended"]


def test_colours_and_links_are_left_out():
    assert plain("\x1b[1;31mred\x1b[0m \x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\ \x1b[?25l!") == "red link !"


def test_the_console_gets_the_text_and_the_log_plain_lines(tmp_path):
    stream = io.StringIO()
    tee = Tee(Outlet(stream), LogFile(tmp_path / "log.txt"))
    print("a", "\x1b[31mred\x1b[0m", "line", file=tee)
    tee.writelines(["10%\r", "20%\r", "30%"])
    assert stream.getvalue() == "a \x1b[31mred\x1b[0m line\n10%\r20%\r30%"
    assert (tmp_path / "log.txt").read_text() == "a red line\n"
    tee.close_log()
    tee.write("later\n")
    assert stream.getvalue().endswith("30%later\n")
    assert (tmp_path / "log.txt").read_text() == "a red line\n30%\n"


def test_in_all_else_it_is_the_stream(tmp_path, terminal):
    path = tmp_path / "console"
    with path.open("w", encoding="latin-1") as stream:
        tee = Tee(Outlet(stream), LogFile(tmp_path / "log.txt"))
        assert (tee.encoding, tee.fileno(), tee.isatty(), tee.name) == ("latin-1", stream.fileno(), False, str(path))
        tee.write("text")
        tee.flush()
        assert path.read_text() == "text"
    assert Tee(Outlet(terminal), LogFile(tmp_path / "log.txt")).isatty()


def test_a_stream_that_cannot_be_written_to_stops_nothing(tmp_path):
    class Broken(io.StringIO):
        def write(self, text):
            raise BrokenPipeError

        def flush(self):
            raise OSError(28, "No space left on device")

    log = LogFile(tmp_path / "log.txt")
    tee = Tee(Outlet(Broken()), log)
    assert tee.write("said\n") == 5
    tee.flush()
    log.close()
    assert (tmp_path / "log.txt").read_text() == "said\n"
