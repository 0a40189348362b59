"""The section of sample predictions: images, in the report itself."""

import base64
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from lighter.results.report.markup import Html, element, joined
from lighter.runs.folder import PREDICTIONS
from lighter.runs.plain_files import open_plain

MOST, LARGEST, TOTAL = 24, 1024 * 1024, 8 * 1024 * 1024  # images, bytes of one, bytes of all
_SEEN = 50_000  # files that are looked at
_SMALL = 160  # pixels, below which an image is shown with hard edges, as what it is
_KINDS = {
    ".png": ("image/png", b"\x89PNG\r\n\x1a\n"),
    ".jpg": ("image/jpeg", b"\xff\xd8"),
    ".jpeg": ("image/jpeg", b"\xff\xd8"),
}


class Image(NamedTuple):
    """An image file, as a data URI; `width` in pixels where it is known."""

    place: str
    uri: str
    width: int | None


@dataclass(frozen=True, slots=True)
class Images:
    """Some of the images of a run, and how many there are."""

    shown: tuple[Image, ...] = ()
    count: int = 0


def predictions(runs: Sequence[tuple[str, Images]]) -> Html:
    """The images of each run that has some, under its label where there are several runs."""
    return joined(_of_run(label if len(runs) > 1 else "", images) for label, images in runs if images.shown)


def _of_run(label: str, images: Images) -> Html:
    hint = element("p", f"{len(images.shown)} of {images.count:,} images in {PREDICTIONS}/", class_="hint")
    heading = [element("h3", label)] if label else []
    return joined([*heading, hint, element("div", *map(_image, images.shown), class_="images")])


def _image(image: Image) -> Html:
    is_small = image.width is not None and image.width < _SMALL
    shown = element("img", src=image.uri, alt=image.place, loading="lazy", class_="small" if is_small else None)
    return element("figure", shown, element("figcaption", image.place))


def read_images(run: Path) -> Images:
    """A few images of each folder below a run's predictions, from its whole range."""
    folder = run / PREDICTIONS
    by_folder: defaultdict[Path, list[Path]] = defaultdict(list)
    for path in islice(_files(folder), _SEEN):
        if path.suffix.lower() in _KINDS:
            by_folder[path.parent].append(path)
    count = sum(map(len, by_folder.values()))
    chosen = [path for paths in by_folder.values() for path in _spread(sorted(paths), MOST // len(by_folder) or 1)]
    shown: list[Image] = []
    left = TOTAL
    for path in sorted(chosen)[:MOST]:
        content = _content(path, min(left, LARGEST))
        if content:
            kind = _KINDS[path.suffix.lower()][0]
            width = int.from_bytes(content[16:20]) if content[12:16] == b"IHDR" else None
            uri = f"data:{kind};base64,{base64.b64encode(content).decode()}"
            shown.append(Image(path.relative_to(folder).as_posix(), uri, width))
            left -= len(content)
    return Images(tuple(shown), count)


def _files(folder: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]  # where a writer puts what is not whole
        yield from (Path(root, name) for name in names if not name.startswith("."))


def _spread(paths: list[Path], most: int) -> list[Path]:
    return paths if len(paths) <= most else [paths[at * len(paths) // most] for at in range(most)]


def _content(path: Path, most: int) -> bytes:
    """The bytes of a file that is an image and not too large; none of another."""
    try:
        with open_plain(path) as file:
            content = file.read(most + 1)
    except OSError:
        return b""
    return content if len(content) <= most and content.startswith(_KINDS[path.suffix.lower()][1]) else b""
