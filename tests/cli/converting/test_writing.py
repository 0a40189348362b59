from hypothesis import given
from hypothesis import strategies as st

from lighter.cli.converting.parts import Part, literal, literal_key, mapping
from lighter.cli.converting.reading import parts_of
from lighter.cli.converting.writing import leave_out, written
from lighter.config.dumping import plain
from lighter.config.loading import load_text
from lighter.errors import Source


def part_of(value):
    if isinstance(value, dict):
        return mapping((literal_key(key), part_of(below)) for key, below in value.items())
    if isinstance(value, list):
        return Part([part_of(item) for item in value])
    return Part(literal(value) if isinstance(value, str) else value)


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12)
KEYS = TEXTS.filter(lambda key: "::" not in key and "#" not in key and not key.startswith("_") and key != "<<")
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(allow_nan=False) | TEXTS,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(KEYS.filter(bool), below, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_what_is_literal_is_read_back_as_it_is(value):
    text = written(mapping({"vars": mapping({"value": part_of(value)})}))
    tree = load_text(Source("converted.yaml", text))
    assert plain(tree) == {"vars": {"value": value}}


def test_signs_are_references_where_they_are_not_literal():
    root = mapping({"a": Part("@b::c"), "d": Part(literal("@b")), "+e": Part("%x.yaml::y")})
    assert written(root) == "a: '@b::c'\nd: '@@b'\n+e: '%x.yaml::y'\n"


def test_what_is_left_out_stands_as_a_comment_with_the_reason_and_its_own_comments():
    root = parts_of(Source("x.yaml", "a:\n  # why b\n  b: [1, 2]  # of b\n  c: 1\nd:\n  e: 1\nf: 2\n"))
    leave_out(root.find("a"), "b", "nothing here is like it")
    leave_out(root, "d", "not needed")
    assert written(root) == (
        "a:\n  # why b\n  # left out: nothing here is like it\n  #   b: [1, 2]  # of b\n  c: 1\n"
        "# left out: not needed\n#   d:\n#     e: 1\nf: 2\n"
    )
    leave_out(root.find("a"), "c", "last")
    assert written(root).startswith("a:\n  # why b\n  # left out")
