import pytest

from lighter.cli.converting.hydra_interpolations import Interpolation, constant, pieces, unquoted


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("a", ["a"]),
        ("${a.b}", [("a.b", "", ("a.b",))]),
        ("x${a}y${b}", ["x", ("a", "", ("a",)), "y", ("b", "", ("b",))]),
        ("\\${a}", ["${a}"]),
        ("${a", ["${a"]),
        ("${oc.env:A, b}", [("oc.env:A, b", "oc.env", ("A", "b"))]),
        ("${f:[1,2],'}',${g:3,4}}", [("f:[1,2],'}',${g:3,4}", "f", ("[1,2]", "'}'", "${g:3,4}"))]),
        ("${${a}.b}", [("${a}.b", "", ("${a}.b",))]),
        ("${hydra.job.name}", [("hydra.job.name", "hydra", ("job.name",))]),
        ("${now:%H:%M}", [("now:%H:%M", "now", ("%H:%M",))]),
    ],
)
def test_pieces_of_a_text(written, found):
    given = [
        (piece.written, piece.resolver, piece.arguments) if isinstance(piece, Interpolation) else piece
        for piece in pieces(written)
    ]
    assert given == found


def test_quotes_and_plain_values():
    assert [unquoted(one) for one in ("'a'", '"a"', "a'", "'", "'it\\'s'")] == ["a", "a", "a'", "'", "it's"]
    assert [constant(one) for one in ("'a'", "5", "@a", "env('A')")] == [(True, "a"), (True, 5), *[(False, None)] * 2]
