"""What was loaded, as it is read."""

from lighter.training.weights import LoadReport
from lighter.training.weights.load_report import grouped


def test_all_is_well() -> None:
    assert str(LoadReport("'a.ckpt'", ("a", "b"))) == "weights of 'a.ckpt': loaded 2 of 2 tensors"


def test_all_that_may_be_told() -> None:
    report = LoadReport(
        "'a.ckpt'",
        loaded=("a", "b"),
        missing=("c",),
        unexpected=("x.w", "x.b"),
        other_shape=(("d", (2, 3), (4, 3)), ("e", (), (1,))),
        ignored=("f",),
        converted=("a",),
    )
    assert str(report).splitlines() == [
        "weights of 'a.ckpt': loaded 2 of 5 tensors",
        "  1 missing in the file: c",
        "  2 not in the model: x.w, x.b",
        "  2 of other shape: d (2x3 in the file, 4x3), e (a number in the file, 1)",
        "  1 ignored: f",
        "  1 converted from another dtype: a",
    ]


def test_many_names_are_told_by_their_modules() -> None:
    layers = [f"layer{n}.{part}" for n in range(2) for part in ("a.w", "a.b", "b.w")]
    assert grouped(layers) == "layer0 (3), layer1 (3)"
    assert grouped([*layers, "fc.weight"]) == "layer0 (3), layer1 (3), fc.weight"
    assert grouped([f"model.{name}" for name in layers]) == "model.layer0 (3), model.layer1 (3)"
    assert grouped([f"a.b{n}" for n in range(9)]) == "a (9)"
    assert grouped([f"b{n}" for n in range(9)]) == "b0, b1, b2, b3, b4, b5, ..."
    assert grouped(["a"] * 4) == "a (4)"
    assert grouped(["a.w", "b.w", "c.w"]) == "a.w, b.w, c.w"
    assert grouped([]) == ""


def test_of_many_shapes_the_first_are_told() -> None:
    (line,) = LoadReport("x", other_shape=tuple((f"p{n}", (1,), (2,)) for n in range(9))).rest()
    assert line == "  9 of other shape: p0 (1 in the file, 2), p1 (1 in the file, 2), p2 (1 in the file, 2), ..."
