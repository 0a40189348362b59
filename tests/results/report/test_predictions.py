import base64
from pathlib import Path

import pytest
from PIL import Image as Picture

from lighter.results.report.predictions import LARGEST, MOST, Images, predictions, read_images


def with_image(run: Path, name: str, size: int) -> None:
    (run / "predictions").mkdir(exist_ok=True)
    Picture.new("L", (size, size)).save(run / "predictions" / name)


def test_images_are_shown_with_their_names(make_run) -> None:
    run = make_run()
    with_image(run, "a & b.png", 16)
    with_image(run, "large.png", 300)
    made = predictions([("one", read_images(run))])
    assert "2 of 2 images in predictions/" in made
    assert 'alt="a &amp; b.png"' in made
    assert made.count('class="small"') == 1
    assert made.count("data:image/png;base64,") == 2


def test_each_run_has_its_own_and_a_run_without_is_left_out(make_run) -> None:
    run, other = make_run("a"), make_run("b")
    with_image(run, "1.png", 16)
    made = predictions([("<a>", read_images(run)), ("<b>", read_images(other))])
    assert "&lt;a&gt;" in made
    assert "&lt;b&gt;" not in made
    assert predictions([("b", read_images(other))]) == ""


@pytest.fixture
def put(tmp_path: Path):
    def put(place: str, size: tuple[int, int] = (16, 8)) -> Path:
        path = tmp_path / "predictions" / place
        path.parent.mkdir(parents=True, exist_ok=True)
        Picture.new("L", size).save(path)
        return path

    return put


def test_a_run_without_predictions_has_no_images(tmp_path: Path) -> None:
    assert read_images(tmp_path) == Images()


def test_images_are_embedded_as_they_are(tmp_path: Path, put) -> None:
    path = put("mask/disc 4.png")
    put("photo.jpg")
    photo, mask = sorted(read_images(tmp_path).shown, key=lambda image: image.place, reverse=True)
    assert (mask.place, mask.width) == ("mask/disc 4.png", 16)
    assert mask.uri == f"data:image/png;base64,{base64.b64encode(path.read_bytes()).decode()}"
    assert (photo.place, photo.width) == ("photo.jpg", None)
    assert photo.uri.startswith("data:image/jpeg;")


def test_some_of_many_from_each_folder_and_its_whole_range(tmp_path: Path, put) -> None:
    for number in range(60):
        put(f"a/{number:06}.png")
    put("b/0.png")
    images = read_images(tmp_path)
    assert images.count == 61
    places = [image.place for image in images.shown]
    assert len(places) <= MOST
    assert {"a/000000.png", "a/000055.png", "b/0.png"} <= set(places)


def test_what_is_no_image_or_too_large_is_left_out(tmp_path: Path, put) -> None:
    put("good.png")
    put(".part0/half.png")
    (tmp_path / "predictions" / "text.png").write_text("<script>alert(1)</script>")
    large = put("large.png")
    large.write_bytes(large.read_bytes() + bytes(LARGEST))
    assert [image.place for image in read_images(tmp_path).shown] == ["good.png"]
