import pytest

from lighter.cli.converting.reading import parts_of, read_parts
from lighter.cli.converting.writing import written
from lighter.errors import ConfigError, Source

TEXT = """\
# head

# about a
a: 1e-3  # beside a
b:  # of b
  # first
  - x: 1 # of x
    y: "yes"
  - [1, 2, {a: 3}] # flow
  - "a # no comment"
base: &b {z: 1, k: 0}
d:
  <<: *b
  z: yes
  e: "@x::y"
  1: 2
  t: |
    multi # not
    line
# end
"""


def read(text, name="x.yaml"):
    return parts_of(Source(name, text))


def test_values_and_nothing_is_taken_for_our_language():
    assert read(TEXT).plain == {
        "a": 0.001,
        "b": [{"x": 1, "y": "yes"}, [1, 2, {"a": 3}], "a # no comment"],
        "base": {"z": 1, "k": 0},
        "d": {"z": True, "k": 0, "e": "@x::y", 1: 2, "t": "multi # not\nline\n"},
    }
    assert read("a: ${b.c}\n").find("a").text == "${b.c}"


def test_comments_stand_by_what_they_are_about():
    root = read(TEXT)
    assert (root.find("a").above, root.find("a").beside) == (["head", "about a"], "beside a")
    assert root.find("b").beside == "of b"
    assert root.find("b", 0).above == ["first"]
    assert (root.find("b", 0).beside, root.find("b", 0, "x").beside) == ("", "of x")
    assert root.find("b", 1).beside == "flow"
    assert root.below == ["end"]


def test_a_number_is_kept_as_it_is_written_and_its_place():
    part = read(TEXT).find("a")
    assert (part.written, str(part.position)) == ("1e-3", "x.yaml:4:1")


def test_json(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('{"a": [1, "# no comment"], "b": {"c": null}}')
    assert read_parts(path).plain == {"a": [1, "# no comment"], "b": {"c": None}}


@pytest.mark.parametrize("empty", ["", "# only a comment\n", "null\n"])
def test_an_empty_file_is_a_mapping(empty):
    assert read(empty).plain == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- 1\n", "a config is a mapping of keys to values"),
        ("a: 1\nb: 2\na: 3\n", "the key 'a' occurs twice in one mapping"),
        ("a: *b\n", "there is no anchor 'b' above"),
        ("a: 1\n---\nb: 1\n", "the file holds several documents"),
        ("? [1]\n: 2\n", "a key is a single value"),
        ("a: " + "[" * 200 + "]" * 200, "the nesting is deeper than 100 levels"),
        ("a: [1\n", "a ',' or a ']' is missing in a list"),
        (
            "a: &a [1, 1]\n"
            + "".join(f"{c}: &{c} [{', '.join([f'*{b}'] * 9)}]\n" for b, c in zip("abcdefg", "bcdefgh", strict=True)),
            "this holds more than 500,000 values",
        ),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(text, said):
    with pytest.raises(ConfigError) as error:
        read(text)
    assert said in str(error.value)
    assert "x.yaml:" in str(error.value)


def test_what_is_read_is_written_the_same():
    text = "a: 1e-3  # beside\nb:\n  # first\n  - x: 1  # of x\n    y: 'yes'\n  - [1, 2, {a: 3}]\n"
    assert written(read(text)) == text
