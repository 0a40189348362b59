import io

from lighter.runs.console.log_file import LogFile
from lighter.runs.console.streams import Outlet
from lighter.runs.console.tee import Tee


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
