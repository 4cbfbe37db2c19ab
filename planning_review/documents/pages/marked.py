"""Pictures of quotes: the part of a page around a quote's words, the words marked. For worker processes."""

import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from PIL import Image, ImageChops, ImageDraw, ImageOps

from planning_review.documents.places import PLACE_UNITS, Box, find_passage
from planning_review.models import FileKind, WordPlace

PICTURE_KINDS = frozenset(
    {FileKind.PDF, FileKind.JPEG, FileKind.PNG, FileKind.TIFF, FileKind.WEBP, FileKind.GIF, FileKind.BMP}
    | {FileKind.JP2, FileKind.HEIC}
)
"""The kinds of files that have pages to be shown."""

MAX_PICTURE_BYTES = 100_000
PICTURE_SUFFIX = "webp"

_WIDTH_PIXELS, _NARROWEST_PIXELS = 1100, 700
_LINE_PIXELS = 19
"""How high a line of the quote is drawn, where the page's width allows it: as easily read as the page is."""
_LINES_AROUND = 3.5
_LEAST_PIXELS, _MOST_PIXELS = 150, 520
_MAX_DRAWN = 40_000_000
_MARK, _EDGE = (255, 232, 90), (196, 120, 0)


class Marked(NamedTuple):
    """A picture's bytes, and its size in pixels."""

    data: bytes
    width: int
    height: int


class _Clip(NamedTuple):
    """What of a page is drawn, as shares of it, and by how much: pixels for its whole width and height."""

    left: float
    top: float
    right: float
    bottom: float
    page_width: float
    page_height: float


def draw_quotes(
    path: Path, kind: FileKind, number: int, quotes: Sequence[str], by_ocr: Sequence[WordPlace]
) -> Iterator[Marked | None]:
    """Yield a picture of each quote on a page, None for one whose words don't stand there.

    by_ocr are the places of the words that OCR read on the page. Raises what the libraries do for what is
    damaged.
    """
    page = _PdfPage(path, number) if kind is FileKind.PDF else _PictureFile(path, number)
    orders = [*page.list_words(), by_ocr]
    for quote in quotes:
        boxes = next(filter(None, (find_passage(places, quote) for places in orders)), [])
        yield _mark(page, boxes) if boxes else None


class _PdfPage:
    """A PDF's page, as its text was read."""

    def __init__(self, path: Path, number: int) -> None:
        from planning_review.documents.formats.pdf import open_pdf
        from planning_review.documents.pages.reading_order import read_blocks

        self._document = open_pdf(path)
        self._page: Any = self._document[number - 1]
        # Also turns the page upright, as it was when its text was read.
        self._blocks, self._textpage = read_blocks(self._page)
        self.width, self.height = float(self._page.rect.width), float(self._page.rect.height)

    def list_words(self) -> Iterator[Sequence[WordPlace]]:
        """Yield the page's own words: in the order of its file, and in that of reading."""
        from planning_review.documents.pages.words import read_words, words_in

        words = read_words(self._page, self._textpage)
        yield self._place(words)
        yield self._place(word for block in self._blocks for word in words_in(words, block))

    def _place(self, words: Iterable[Any]) -> list[WordPlace]:
        across, down = PLACE_UNITS / self.width, PLACE_UNITS / self.height
        return [
            (
                word.text,
                round(word.left * across),
                round(word.top * down),
                round(word.right * across),
                round(word.bottom * down),
            )
            for word in words
        ]

    def draw(self, clip: _Clip) -> Image.Image:
        """Return a part of the page."""
        from planning_review.documents.pages.mupdf import pymupdf

        across, down = clip.page_width / self.width, clip.page_height / self.height
        box = pymupdf.Rect(
            clip.left * self.width,
            clip.top * self.height,
            clip.right * self.width,
            clip.bottom * self.height,
        )
        pixels = self._page.get_pixmap(matrix=pymupdf.Matrix(across, down), clip=box, alpha=False)
        return Image.frombytes("RGB", (pixels.width, pixels.height), pixels.samples)


class _PictureFile:
    """A frame of a picture file, upright as its camera says."""

    def __init__(self, path: Path, number: int) -> None:
        from planning_review.documents.formats.picture import open_picture
        from planning_review.documents.pages.image import MAX_PICTURE_PIXELS, TooLarge

        with open_picture(path) as picture:
            if number > 1:
                picture.seek(number - 1)
            if picture.width * picture.height > MAX_PICTURE_PIXELS:
                raise TooLarge("the picture has too many pixels to be drawn")
            if picture.width * picture.height > _MAX_DRAWN:
                picture.draft("RGB", (picture.width // 2, picture.height // 2))
            self._image = ImageOps.exif_transpose(picture).convert("RGB")
        self.width, self.height = map(float, self._image.size)

    def list_words(self) -> Iterator[Sequence[WordPlace]]:
        """Yield nothing: a picture has no words of its own."""
        yield from ()

    def draw(self, clip: _Clip) -> Image.Image:
        """Return a part of the picture."""
        box = (
            clip.left * self.width,
            clip.top * self.height,
            clip.right * self.width,
            clip.bottom * self.height,
        )
        size = (
            max(1, round((clip.right - clip.left) * clip.page_width)),
            max(1, round((clip.bottom - clip.top) * clip.page_height)),
        )
        return self._image.resize(size, Image.Resampling.LANCZOS, box=box)


def _mark(page: _PdfPage | _PictureFile, boxes: Sequence[Box]) -> Marked:
    shares = [tuple(side / PLACE_UNITS for side in box) for box in boxes]
    sizes = [((b[2] - b[0]) * page.width, (b[3] - b[1]) * page.height) for b in shares]
    # Words that run up or down the page stand one above the other, each in a box of its own.
    is_sideways = sum(high for _, high in sizes) > sum(wide for wide, _ in sizes)
    clip = _choose_clip(page.width, page.height, shares, sizes, is_sideways=is_sideways)
    image = page.draw(clip)
    layer = Image.new("RGB", image.size, (255, 255, 255))
    drawing = ImageDraw.Draw(layer)
    places = [
        (
            (left - clip.left) * clip.page_width - 2,
            (top - clip.top) * clip.page_height - 1,
            (right - clip.left) * clip.page_width + 2,
            (bottom - clip.top) * clip.page_height + 1,
        )
        for left, top, right, bottom in shares
    ]
    for place in places:
        drawing.rectangle(place, fill=_MARK)
    image = ImageChops.multiply(image, layer)
    drawing = ImageDraw.Draw(image)
    for left, _, right, bottom in places:
        # A line too: on a dark page the colour alone is not seen.
        drawing.line((left, bottom, right, bottom), fill=_EDGE, width=2)
    if is_sideways:
        # Words that follow each other upwards read upright when they are turned to the right.
        rising = sum(after[1] < before[1] for before, after in pairwise(boxes))
        image = image.rotate(-90 if rising * 2 >= len(boxes) - 1 else 90, expand=True)
    return _compress(image)


def _choose_clip(
    width: float,
    height: float,
    shares: Sequence[tuple[float, ...]],
    sizes: Sequence[tuple[float, float]],
    *,
    is_sideways: bool,
) -> _Clip:
    """Return the part of a page to draw: the quote, some lines around it, and as much beside as fits."""
    line = median(min(size) for size in sizes) or 1.0
    left, top = min(s[0] for s in shares) * width, min(s[1] for s in shares) * height
    right, bottom = max(s[2] for s in shares) * width, max(s[3] for s in shares) * height
    long_side, along = (height, bottom - top) if is_sideways else (width, right - left)
    # As large as its lines are read well, unless the quote would not fit, or the page is small.
    scale = min(_LINE_PIXELS / line, _WIDTH_PIXELS / (along + line))
    scale = max(scale, _NARROWEST_PIXELS / long_side)
    reach, around = _WIDTH_PIXELS / scale, _LINES_AROUND * line
    quote_deep = right - left if is_sideways else bottom - top
    most = max(_MOST_PIXELS / scale, quote_deep + line)
    deep = min(max(quote_deep + 2 * around, _LEAST_PIXELS / scale), most)
    wide, high = (deep, reach) if is_sideways else (reach, deep)
    x0, x1 = _fit((left + right) / 2, wide, width)
    y0, y1 = _fit((top + bottom) / 2, high, height)
    return _Clip(x0 / width, y0 / height, x1 / width, y1 / height, scale * width, scale * height)


def _fit(middle: float, length: float, limit: float) -> tuple[float, float]:
    """Return a stretch of so much length around a middle, moved and cut to lie within the limit."""
    start = max(0.0, min(middle - length / 2, limit - length))
    return start, min(limit, start + length)


def _compress(image: Image.Image) -> Marked:
    for quality, share in ((72, 1.0), (50, 1.0), (40, 0.8), (30, 0.6), (20, 0.4)):
        shown = image
        if share < 1:
            size = (max(1, round(image.width * share)), max(1, round(image.height * share)))
            shown = image.resize(size, Image.Resampling.LANCZOS)
        file = io.BytesIO()
        shown.save(file, "WEBP", quality=quality, method=4)
        if file.tell() <= MAX_PICTURE_BYTES:
            break
    return Marked(file.getvalue(), shown.width, shown.height)
