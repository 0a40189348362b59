"""Files, override values and Python mappings to trees; whatever is read, the answer is a tree or a ConfigError."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lighter.config.dumping import plain
from lighter.config.loading import LARGEST, load_file, load_mapping, load_value, read_text, real_path
from lighter.config.nodes import DEEPEST
from lighter.config.tree import Mapping, find
from lighter.errors import ConfigError, Source, shown_path

PIECES = st.sampled_from(
    [
        *"abc:-?#&*!|>'\"%@`{}[],~<=.\\",
        ": ",
        "- ",
        "? ",
        "\n",
        "\n  ",
        "\t",
        "&a ",
        "*a",
        "<<: *a",
        "!!int ",
        "---\n",
        "é",
        "1e3",
        "$",
        "::",
    ]
)


def problem(function, *args):
    with pytest.raises(ConfigError) as raised:
        function(*args)
    return raised.value.problems[0]


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "null", "\ufeff"])
def test_an_empty_file_is_an_empty_config(write, text):
    assert plain(load_file(write("a.yaml", text))) == {}


@pytest.mark.parametrize("name", ["a.yaml", "a.yml", "a.json", "A.JSON"])
def test_yaml_and_json(write, name):
    assert plain(load_file(write(name, '\ufeff{"a": [1, 1e-3, "yes", null]}\n'))) == {"a": [1, 1e-3, "yes", None]}


@pytest.mark.parametrize(("text", "at"), [("- a", 1), ("text", 1), ("\n\n[a]", 3)])
def test_a_config_is_a_mapping(write, text, at):
    told = problem(load_file, write("a.yaml", text))
    assert told.what == "a config is a mapping of keys to values"
    assert told.position.line == at


def test_a_value_knows_its_file(write):
    source = find(load_file(write("d/a.yaml", "a: 1")), ("a",)).position.source
    assert (source.name, source.folder) == ("d/a.yaml", Path("d").absolute())


@pytest.mark.parametrize(
    ("content", "what"),
    [(b"a: \xff", "'a.yaml' is not UTF-8 text (byte 3)"), (b"\xff\xfea\0", "'a.yaml' is not UTF-8 text (byte 0)")],
)
def test_what_is_no_text_is_told(write, content, what):
    assert problem(load_file, write("a.yaml", content)).what == what


def test_a_file_may_be_too_large(write):
    with write("a.yaml", "").open("wb") as file:
        file.truncate(LARGEST + 1)
    assert problem(load_file, Path("a.yaml")).what == "'a.yaml' is larger than 64 MiB"


def test_what_is_no_file_is_told_at_once(write):
    write("d/a.yaml", "")
    os.mkfifo("fifo.yaml")
    assert problem(load_file, Path("fifo.yaml")).what == "'fifo.yaml' is not a regular file"
    assert problem(load_file, Path("/dev/zero")).what == "'/dev/zero' is not a regular file"

    assert (problem(load_file, Path("d")).what, problem(load_file, Path("d")).help) == (
        "'d' is a folder",
        "'d' holds a.yaml",
    )
    assert problem(load_file, Path("a\0b")).what.endswith("cannot be read: embedded null byte")
    Path("loop.yaml").symlink_to("loop.yaml")
    assert "cannot be read" in problem(load_file, Path("loop.yaml")).what


@pytest.mark.parametrize(
    ("name", "help"),
    [
        ("base.yml", "did you mean 'base.yaml'?"),
        ("x", "'.' holds base.yaml, exp.json"),
        ("d/x", "'d' holds no config"),
        ("e/x", "'.' has no 'e'; it has d"),
        ("dd/x", "'.' has no 'dd'; did you mean 'd'?"),
        ("e/f/x", "'.' has no 'e'; it has d"),
        ("d/e/x", "'d' has no 'e'"),
        ("base.yaml/x", "'base.yaml' is no folder, or cannot be read"),
    ],
)
def test_a_missing_file_is_told_with_the_nearest(write, name, help):
    for path in ("base.yaml", "exp.json", "d/x.txt"):
        write(path, "")
    told = problem(load_file, Path(name))
    assert (told.what, told.help) == (f"there is no file '{name}'", help)


def test_a_link_to_itself_has_a_path(write):
    Path("loop").symlink_to("loop")
    assert real_path(Path("loop")).endswith("loop")
    assert real_path(Path("a\0b")) == "a\0b"


def test_a_path_is_shown_as_it_is_typed(write, tmp_path):
    assert shown_path(tmp_path / "a" / "b.yaml") == "a/b.yaml"
    assert shown_path(Path("/dev/zero")) == "/dev/zero"


SIGNS_OF_YAML = (
    *["#ff0000", "---", "-", "--", "?", "|", ">", "&", "&x", "*", "*x", "...", "]", "}", ",", ":", "::", "abc:"],
    *["`", "%", "~x", "!", "!a"],
)
AS_TYPED = (*SIGNS_OF_YAML, "loss #1", "a # b", " a ", ", ", "? a", "| a", "&x 5", "a\nb", "#a\n#b", "- ", "12:30, a:b")


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_an_override_is_what_is_typed_or_yaml_or_a_mistake(text):
    try:
        value = plain(load_value(text, Source("command line: x", has_lines=False)))
    except ConfigError:
        return
    if isinstance(value, str) and text.lstrip()[:1] not in "@$%'\"" and text[:2] != "!!" and "\n" not in text:
        assert value == text


@pytest.mark.parametrize(
    "text", ["{a: 1} # b", "[1] #b", "'x' # b", "[é😀] # b", "a: 1 # b", "- # b", "{} #", "- 'a' # 'b'"]
)
def test_no_part_of_an_override_is_a_comment(text):
    told = problem(load_value, text, Source("command line: x", has_lines=False))
    assert told.what.endswith("would be left out, as a comment")


@pytest.mark.parametrize("text", ["{a: #ff0000, b: 1}", "[#ff0000, #00ff00]"])
def test_brackets_that_a_comment_leaves_open_are_told_so(write, text):
    help = "a '#' begins a comment here: a text with one needs quotes"
    assert problem(load_value, text, Source("command line: x", has_lines=False)).help == help
    assert problem(load_file, write("a.yaml", f"x: 1\ny: {text}\n")).help == help


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 1e-3),
        ("yes", "yes"),
        ("'1'", "1"),
        ("", None),
        ("[1, a]", [1, "a"]),
        ("{a: 1}", {"a": 1}),
        ("@a::b", "@a::b"),
        ("%a.yaml::b", "%a.yaml::b"),
        ("$lambda x: x  # y", "$lambda x: x  # y"),
        ("@@a", "@a"),
        ("/a/b=c", "/a/b=c"),
        *[(text, text) for text in AS_TYPED],
        (" @a", "@a"),
        (" 5 ", 5),
        ("~", None),
        ("'#' ", "#"),
        ("{a: 'x # y', b: c#d}", {"a": "x # y", "b": "c#d"}),
        ("- 1", [1]),
        ("a: 1", {"a": 1}),
        ("a: 1  # of a text with lines\nb: 2", {"a": 1, "b": 2}),
        ("!!str 5", "5"),
        ("{'a':1}", {"a": 1}),
        ("{a:1: , a::b: 2}", {"a:1": None, "a::b": 2}),
        ("{a, b}", {"a": None, "b": None}),
    ],
)
def test_an_override_value(text, value):
    assert plain(load_value(text, Source("command line: x"))) == value


@pytest.mark.parametrize("text", ["[1", "a: b: c", "@a b", "@::", "{a: 1, a: 2}"])
def test_a_mistake_in_an_override_is_told_there(text):
    assert str(problem(load_value, text, Source("command line: x", has_lines=False)).position) == "command line: x"


def test_a_python_mapping_is_taken_as_it_is():
    value = object()
    tree = load_mapping({"a": value, "b": (1, 2), "c": "@a", 1: {"+d": [None]}})
    assert plain(tree) == {"a": value, "b": (1, 2), "c": "@a", 1: {"d": [None]}}
    assert tree.marked


def test_a_key_stands_once_in_a_python_mapping():
    assert problem(load_mapping, {"a": 1, "+a": 2}).what == "the key 'a' occurs twice in one mapping"
    assert problem(load_mapping, {"a": {1: 1, "1": 2}}).what == "the key '1' occurs twice in one mapping"


@pytest.mark.parametrize(
    ("name", "help"),
    [
        ("t/mine.yaml", "copy 't/sample.yaml' to it, and fill it in"),
        ("t/yuor.yaml", "did you mean 'your.yaml'? Else copy 't/sample.yaml' to it, and fill it in"),
    ],
)
def test_a_missing_file_beside_a_sample_is_to_be_copied_from_it(write, name, help):
    for path in ("t/sample.yaml", "t/your.yaml"):
        write(path, "")
    assert problem(load_file, Path(name)).help == help


def test_a_python_mapping_that_holds_itself_is_too_deep():
    value = {}
    value["a"] = [value]
    assert problem(load_mapping, value).what == f"the nesting is deeper than {DEEPEST} levels"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(["a.yaml", "a.json"]), content=st.binary(max_size=60))
def test_any_bytes_are_a_config_or_a_mistake(write, name, content):
    read_or_refused(write(name, content))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=500)
@given(name=st.sampled_from(["a.yaml", "a.json"]), pieces=st.lists(PIECES, max_size=40))
def test_any_text_like_yaml_is_a_config_or_a_mistake(write, name, pieces):
    read_or_refused(write(name, "".join(pieces)))


def read_or_refused(path):
    try:
        tree, told = load_file(path), ""
    except ConfigError as error:
        tree, told = None, str(error)
    assert isinstance(tree, Mapping) or told


def test_a_mistake_names_who_asked_for_the_file(write):
    position = load_file(write("a.yaml", "a: 1")).position
    with pytest.raises(ConfigError) as raised:
        read_text(Path("b.txt"), position)
    assert raised.value.problems[0].position is position


@pytest.mark.skipif(not os.access("/proc/kmsg", os.R_OK), reason="the kernel's log is not to be read here")
def test_a_file_of_the_kernel_s_is_not_waited_for():
    for _ in range(2):  # the second time there is nothing new
        found = problem(load_file, Path("/proc/kmsg"))
    assert "/proc/kmsg" in f"{found.what} {found.position}"
