"""What is no YAML, told in words of people, where it stands."""

import pytest

from lighter.config.parsing import position_of, yaml_events
from lighter.errors import ConfigError, Source

BY_3 = "this line is indented by 3, the others by multiples of 2"


def problem(text, has_lines=True):
    with pytest.raises(ConfigError) as raised:
        list(yaml_events(Source("x", text, has_lines)))
    (told,) = raised.value.problems
    return told


@pytest.mark.parametrize(
    ("text", "at", "what", "help"),
    [
        ("a: @b::c", (1, 4), "a text that begins with '@' needs quotes", 'write "@b::c"'),
        ("a: [1, %b]", (1, 8), "a text that begins with '%' needs quotes", 'write "%b"'),
        ("a: `b` c", (1, 4), "a text that begins with '`' needs quotes", 'write "`b`"'),
        ("a: *.png", (1, 4), "a text that begins with '*' needs quotes", 'write "*.png"'),
        ("a: &.png", (1, 4), "a text that begins with '&' needs quotes", 'write "&.png"'),
        ("a: {b}/c  # d", (1, 4), "a text that begins with '{' needs quotes", "write '{b}/c', with the quotes"),
        ("a:\n  - [b]c-{d}", (2, 5), "a text that begins with '[' needs quotes", "write '[b]c-{d}', with the quotes"),
        ("a: {b: 1} c", (1, 11), "this does not belong to the mapping above", "the keys of one mapping"),
        ("a: @", (1, 4), "a text that begins with '@' needs quotes", 'write "@"'),
        ("a:\n\tb: 1", (2, 1), "a tab cannot indent YAML", "indent with spaces"),
        ("a: |\n\tb", (2, 1), "a tab cannot indent YAML", "indent with spaces"),
        ("a: b: c", (1, 5), "': ' is not allowed here", "a text with ': ' needs quotes"),
        ("a: {b: ${vars.w}}", (1, 8), "'${vars.w}' needs quotes within brackets", 'write "@vars::w"'),
        ("a: [1, ${w}]", (1, 8), "'${w}' needs quotes within brackets", 'write "@w"'),
        ("a: [${oc.env:X}]", (1, 5), "'${oc.env:X}' needs quotes within brackets", "put it in quotes"),
        ("a: [1", (1, 6), "a ',' or a ']' is missing in a list", ""),
        ("a: {b: 1\nc: 1\n", (2, 2), "a ',' or a '}' is missing in a mapping", ""),
        ("a: 'b\n", (1, 6), "the quotes of a text are not closed", ""),
        ("a: [", (1, 5), "a value is missing here, or a bracket is not closed", ""),
        ("a: [1,\n", (1, 7), "a value is missing here, or a bracket is not closed", ""),
        ("a: 1\nb\nc: 1", (2, 1), "a ':' is missing behind a key", "write 'key: value'"),
        ("a:\n  b: 1\n c: 1", (3, 2), "this does not belong to the mapping above", "the keys of one mapping"),
        ("a:\n  lr:3e-3\n  b: 1", (2, 3), "a space is missing after a colon", "write 'lr: 3e-3'"),
        ("a:\n  b: 1\n  lr:3e-3\n", (3, 3), "a space is missing after a colon", "write 'lr: 3e-3'"),
        ("a:\n  - lr:3\n    b: 1", (2, 5), "a space is missing after a colon", "write 'lr: 3'"),
        ("a: http://x:80\n b: 1", (2, 3), "': ' is not allowed here", "a text with ': ' needs quotes"),
        ("a:\n   b: 1\n  c: 1", (2, 4), BY_3, "the keys of one"),
        ("a:\n  b:\n   c: 1\n   d: 2\n    e: 1", (3, 4), BY_3, "the keys"),
        ("a:\n  b:\n     c: 1\n    d: 2\n  e: 1", (3, 6), BY_3.replace("3", "5"), "the keys"),
        ("a:\n    b:\n        c: 1\n      d: 2\n", (4, 7), "this does not belong to the mapping above", "the keys"),
        ("a:\n  b: 1\n   c: 1", (3, 5), "': ' is not allowed here", "a text with ': ' needs quotes"),
        ("- a\nb: 1", (2, 1), "this is no item of the list above", "items begin with '- '"),
        ("a: - b", (1, 4), "'- ' is not allowed here", "a list begins in a line of its own"),
        ('a: "\\d"', (1, 5), "there is no such escape", "double quotes hold a backslash as two"),
        ("é: 1\nb: '\a'", (2, 5), "the character U+0007 is not allowed in YAML", 'write "\\u0007", in double quotes'),
        ("a: \ud800", (1, 4), "the character U+D800 is not allowed in YAML", ""),
    ],
)
def test_what_is_no_yaml(text, at, what, help):
    told = problem(text)
    assert (told.what, (told.position.line, told.position.column)) == (what, at)
    assert told.help.startswith(help)


def test_a_shell_takes_one_pair_of_quotes_away():
    assert problem("{b}/c", has_lines=False).help == """write '"{b}/c"', with both pairs of quotes"""


@pytest.mark.parametrize(
    ("text", "label", "at"),
    [
        ("a:\n  [1\n", "the list begins here", (2, 3)),
        ("a: {b: 1", "the mapping begins here", (1, 4)),
        ('a:\n "b\nc', "the text begins here", (2, 2)),
    ],
)
def test_what_began_is_shown(text, label, at):
    ((said, position),) = problem(text).also
    assert (said, (position.line, position.column)) == (label, at)
    assert problem(text, has_lines=False).also == ()


@pytest.mark.parametrize(
    ("index", "at"), [(0, (1, 1)), (1, (1, 2)), (2, (2, 1)), (4, (3, 1)), (5, (4, 1)), (6, (4, 2)), (7, (4, 3))]
)
def test_a_character_has_a_line_and_a_column(index, at):
    position = position_of(Source("x", "a\nb\u2028\nab"), index)
    assert (position.line, position.column) == at
