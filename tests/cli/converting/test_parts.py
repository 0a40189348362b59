import pytest

from lighter.cli.converting.parts import Part, as_part, literal, literal_key, mapping, with_comments


def test_what_stands_at_a_place():
    root = mapping({"a": Part([Part(1), mapping({"b": Part("x")})]), 2: Part(None)})
    assert root.find("a", 1, "b").text == "x"
    assert root.find("a", 0).value == 1
    assert [root.find(*keys) for keys in (("b",), ("a", 2), ("a", "x"), ("a", 0, "b"))] == [None] * 4
    assert root.plain == {"a": [1, {"b": "x"}], 2: None}


def test_what_is_put_at_a_place():
    root = mapping({"a": Part([Part(1), mapping({"b": Part("x")})]), "c": Part(None, above=["why"])})
    root.put(["a", "1", "b"], Part("y"))
    root.put(["a", 0], Part(2))
    root.put(["c", "d", "e"], Part(3))
    root.put(["new"], Part(4))
    assert root.plain == {"a": [2, {"b": "y"}], "c": {"d": {"e": 3}}, "new": 4}
    assert root.find("c").above == ["why"]


@pytest.mark.parametrize(
    ("value", "target", "builds"),
    [
        ({"_target_": "a.B"}, "a.B", True),
        ({"_target_": 3}, "", True),
        ({"a": [{"_target_": "a.B"}]}, "", True),
        ({"a": [1]}, "", False),
        ("_target_", "", False),
    ],
)
def test_what_is_called(value, target, builds):
    assert (as_part(value).target, as_part(value).builds) == (target, builds)


def test_a_copy_shares_nothing():
    root = mapping({"a": Part([Part(1)], above=["why"])})
    copied = root.copy()
    copied.find("a", 0).value = 2
    copied.find("a").above.append("more")
    assert (root.plain, root.find("a").above) == ({"a": [1]}, ["why"])


@pytest.mark.parametrize(("text", "kept"), [("@a", "@@a"), ("$x", "$$x"), ("%", "%"), ("a@b", "a@b"), ("", "")])
def test_a_text_that_begins_with_a_sign_stays_a_text(text, kept):
    assert literal(text) == kept


def test_a_key_that_begins_with_a_mark_stays_a_key():
    assert [literal_key(key) for key in ("+a", "=a", "~", "a", 1)] == ["=+a", "==a", "~", "a", 1]


def test_comments_are_handed_on():
    part = with_comments(Part(1, above=["own"]), Part(2, above=["first"], beside="by it"), Part(3, beside="not this"))
    assert (part.above, part.beside) == (["first", "own"], "by it")
