"""A page as grey pixels for OCR: a PDF's page rendered, or a picture file's frame. For worker processes."""

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from planning_review.documents.pages.page_text import IMAGE_SHARE, make_page
from planning_review.documents.pages.scan_cleaning import READ_DPI, clean_scan
from planning_review.documents.workers.messages import Opened, PageRead, Unreadable
from planning_review.models import DocumentState, FileKind

MAX_PIXELS = 25_000_000
"""What is given to OCR: an A0 page at 300 dpi would cost 135 MB."""

MAX_PICTURE_PIXELS = 150_000_000
"""What is decoded from a picture file at all: an A1 sheet scanned at 400 dpi fits."""

MAX_FRAMES = 2000
_A3_INCHES = 17.0
_A4_INCHES = 11.7
_SAME_SCALE = 0.02
_COARSEST_DPI = 60.0  # below it no letter of a page can be read: it is a clipping, of unknown size
_MAX_COUNTED_FRAMES = 1_000_000


class TooLarge(ValueError):
    """A page or picture of more pixels than are read; the message is its reason."""


# Our own limit, checked before anything is decoded, stands in for Pillow's warning.
Image.MAX_IMAGE_PIXELS = None


def load_page_image(path: Path, kind: FileKind, number: int, *, is_cut: bool = False) -> Image.Image:
    """Return page `number` in grey, at most 200 dpi and 25 megapixels.

    is_cut takes what there is of a picture file that ends too early; the rest stays empty.

    Raises TooLarge, and what the libraries raise for what is damaged.
    """
    if kind is FileKind.PDF:
        return _render_pdf_page(path, number)
    ImageFile.LOAD_TRUNCATED_IMAGES = is_cut
    with Image.open(path) as picture:
        if number > 1:
            picture.seek(number - 1)
        return _prepare_picture(picture)


def read_picture(path: Path, kind: FileKind) -> Iterator[Opened | PageRead]:
    """Yield the frames of a picture file as pages that wait for OCR. Raises Unreadable."""
    try:
        with Image.open(path):
            pass
        # Phones put a second, smaller picture behind the first of a JPEG.
        frames = _count_tiff_frames(path) if kind is FileKind.TIFF else 1
    except (UnidentifiedImageError, ValueError, TypeError, SyntaxError, EOFError) as error:
        raise Unreadable(DocumentState.DAMAGED, "the picture is damaged and does not open") from error
    yield Opened(page_count=frames)
    for number in range(1, min(frames, MAX_FRAMES) + 1):
        yield PageRead(page=make_page(number, "scan", ""))


def _count_tiff_frames(path: Path) -> int:
    """Return how many frames a TIFF has, from the chain of its directories.

    Pillow takes each directory apart to count them: minutes, where a file has a million.
    """
    with path.open("rb") as file:
        head = file.read(16)
        order = "<" if head.startswith(b"II") else ">"
        is_big = head[2:4] in (b"+\x00", b"\x00+")
        offset = struct.unpack_from(f"{order}Q" if is_big else f"{order}I", head, 8 if is_big else 4)[0]
        counter, number, entry_bytes = ("Q", "Q", 20) if is_big else ("H", "I", 12)
        seen: set[int] = set()
        size_bytes = path.stat().st_size
        while 0 < offset < size_bytes and offset not in seen and len(seen) < _MAX_COUNTED_FRAMES:
            file.seek(offset)
            count = file.read(struct.calcsize(counter))
            if len(count) < struct.calcsize(counter):
                break
            seen.add(offset)
            file.seek(min(size_bytes, struct.unpack(order + counter, count)[0] * entry_bytes), os.SEEK_CUR)
            following = file.read(struct.calcsize(number))
            if len(following) < struct.calcsize(number):
                break
            offset = struct.unpack(order + number, following)[0]
    return max(1, len(seen))


def _render_pdf_page(path: Path, number: int) -> Image.Image:
    # Here and not above: picture files are read without PyMuPDF.
    from planning_review.documents.formats.pdf import open_pdf
    from planning_review.documents.pages.mupdf import pymupdf

    page = open_pdf(path)[number - 1]
    square_inches = page.rect.width * page.rect.height / 72**2
    scan = _find_scan(page, square_inches)
    # Edges are rounded up to whole pixels: one per cent keeps the page below the limit. A coarse scan
    # is drawn pixel for pixel, so that its specks are still specks.
    dpi: float = min(READ_DPI, int((MAX_PIXELS * 0.99 / max(square_inches, 1e-6)) ** 0.5))
    zoom = (dpi / 72, dpi / 72)
    if scan and _COARSEST_DPI <= scan.dpi <= dpi:
        dpi, zoom = scan.dpi, scan.zoom
    if dpi < 1:
        raise TooLarge("the page is too large to be drawn")
    pixels = page.get_pixmap(matrix=pymupdf.Matrix(*zoom), colorspace=pymupdf.csGRAY)
    image = Image.frombytes("L", (pixels.width, pixels.height), pixels.samples)
    return clean_scan(image, dpi, MAX_PIXELS) if scan else image


class _Scan(NamedTuple):
    """The image that fills most of a page: its resolution, and by what the page is enlarged to its pixels.

    A whole resolution is not enough: one pixel more in the width blends every speck with its neighbours.
    """

    dpi: float
    zoom: tuple[float, float]


def _find_scan(page: Any, square_inches: float) -> _Scan | None:
    """Return the image that fills most of a PDF's page, None where none does."""
    best: _Scan | None = None
    covered = square_inches * IMAGE_SHARE
    for image in page.get_image_info():
        left, top, right, bottom = image["bbox"]
        size = abs((right - left) * (bottom - top)) / 72**2
        if size > covered:
            dpi = (image["width"] * image["height"] / size) ** 0.5
            across, down = image["width"] / abs(right - left), image["height"] / abs(bottom - top)
            # An image that lies on its side has its width along the page's height.
            is_upright = abs(across / down - 1) < _SAME_SCALE
            best, covered = _Scan(dpi, (across, down) if is_upright else (dpi / 72, dpi / 72)), size
    return best


def _prepare_picture(picture: Image.Image) -> Image.Image:
    width, height = picture.size
    if width * height > MAX_PICTURE_PIXELS:
        raise TooLarge(f"the picture has {width * height // 1_000_000} megapixels, too many to read")
    scale = (MAX_PIXELS / (width * height)) ** 0.5
    target = (max(1, int(width * scale)), max(1, int(height * scale)))
    if scale < 1:
        # A JPEG can be decoded at a half or a quarter of its size.
        picture.draft("L", target)
    dpi = _guess_dpi(picture, max(width, height))
    grey = _flatten(picture).convert("L")
    if scale < 1:
        grey.thumbnail(target)
    upright = ImageOps.exif_transpose(grey)
    return upright if dpi < _COARSEST_DPI else clean_scan(upright, dpi, MAX_PIXELS)


def _guess_dpi(picture: Image.Image, long_side: int) -> float:
    """Return a picture's resolution as it says, or as it would be for A4 where that can't be true.

    Cameras and web sites write 72 into everything.
    """
    try:
        dpi = min(map(float, picture.info["dpi"]))
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        dpi = 0.0
    if dpi > 0 and _A4_INCHES / 2 <= long_side / dpi <= _A3_INCHES:
        return dpi
    return long_side / _A4_INCHES


def _flatten(picture: Image.Image) -> Image.Image:
    """Put a picture that has transparency on white, or its black text would stand on black."""
    if picture.mode not in ("RGBA", "LA", "PA") and "transparency" not in picture.info:
        return picture
    # In grey at once: three more copies in colour of a picture of 150 megapixels are 1.8 GB.
    layer = picture if picture.mode in ("RGBA", "LA") else picture.convert("RGBA")
    white = Image.new("L", layer.size, 255)
    white.paste(layer.convert("L"), mask=layer.getchannel("A"))
    white.info.update(picture.info)
    return white
