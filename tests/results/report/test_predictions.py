from pathlib import Path

from PIL import Image

from lighter.results.report.predictions import predictions
from lighter.results.report.record import read_record
from lighter.runs.folder import RunDirectory


def with_image(run: Path, name: str, size: int) -> None:
    (run / "predictions").mkdir(exist_ok=True)
    Image.new("L", (size, size)).save(run / "predictions" / name)


def test_images_are_shown_with_their_names(make_run) -> None:
    run = make_run()
    with_image(run, "a & b.png", 16)
    with_image(run, "large.png", 300)
    made = predictions([read_record(RunDirectory(run), "one")])
    assert "2 of 2 images in predictions/" in made
    assert 'alt="a &amp; b.png"' in made
    assert made.count('class="small"') == 1
    assert made.count("data:image/png;base64,") == 2


def test_each_run_has_its_own_and_a_run_without_is_left_out(make_run) -> None:
    run, other = make_run("a"), make_run("b")
    with_image(run, "1.png", 16)
    made = predictions([read_record(RunDirectory(run), "<a>"), read_record(RunDirectory(other), "<b>")])
    assert "&lt;a&gt;" in made
    assert "&lt;b&gt;" not in made
    assert predictions([read_record(RunDirectory(other), "b")]) == ""
