from lighter.cli.printing import put


def test_a_text_is_printed_as_it_is(capsys):
    put("a\n\nb")
    assert capsys.readouterr().out == "a\n\nb"


def test_a_name_cannot_move_the_cursor(capsys):
    put("a\x1b[2Jb\r\tc\u202e\ud800\n")
    assert capsys.readouterr().out == "a\\x1b[2Jb\\r\tc\\u202e\\ud800\n"


def test_a_closed_pipe_is_no_failure(lighter_into_head, line):
    (line / "large.yaml").write_text("a: [" + ", ".join(["some text"] * 50_000) + "]")
    assert lighter_into_head("show", "large.yaml") == ("a:\n", "")
