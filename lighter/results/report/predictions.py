"""The section of sample predictions."""

from collections.abc import Sequence

from lighter.results.report.images import Image
from lighter.results.report.markup import Html, element, joined
from lighter.results.report.record import Record
from lighter.runs.folder import PREDICTIONS

_SMALL = 160  # pixels, below which an image is shown with hard edges, as what it is


def predictions(records: Sequence[Record]) -> Html:
    """The images of each run that has some; nothing where none has."""
    shown = [record for record in records if record.images.shown]
    return joined(_of_run(record, with_name=len(records) > 1) for record in shown)


def _of_run(record: Record, with_name: bool) -> Html:
    images = record.images
    told = f"{len(images.shown)} of {images.count:,} images in {PREDICTIONS}/"
    parts = [element("h3", record.label)] if with_name else []
    return joined(
        [*parts, element("p", told, class_="hint"), element("div", *map(_image, images.shown), class_="images")]
    )


def _image(image: Image) -> Html:
    is_small = image.width is not None and image.width < _SMALL
    shown = element("img", src=image.uri, alt=image.place, loading="lazy", class_="small" if is_small else None)
    return element("figure", shown, element("figcaption", image.place))
