"""A page as grey pixels for OCR: a PDF's page rendered, or a picture file's frame, made ready for tesseract.

Specks are taken off a scan, and it is enlarged where it is coarse. What each step gains was measured on A4
pages of 9 and 11 points at 100 to 300 dpi, skewed by a degree, with Gaussian noise and specks;
tests/documents/test_ocr_quality.py has the same pages. A skew of one degree needs no step: tesseract reads
it as well as none. For worker processes.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, ImageChops, ImageFile, ImageFilter, ImageOps

from planning_review.documents.formats.picture import open_picture
from planning_review.documents.pages.page_text import IMAGE_SHARE
from planning_review.documents.pages.writing import Box

MAX_PIXELS = 25_000_000
"""What is given to OCR: an A0 page at 300 dpi would cost 135 MB."""

MAX_PICTURE_PIXELS = 150_000_000
"""What is decoded from a picture file at all: an A1 sheet scanned at 400 dpi fits."""
_A3_INCHES = 17.0
_A4_INCHES = 11.7
_SAME_SCALE = 0.02
_COARSEST_DPI = 60.0  # below it no letter of a page can be read: it is a clipping, of unknown size

READ_DPI = 200
"""What tesseract reads well: 100 dpi enlarged to it has a third of the errors, 300 dpi has no fewer."""

_COARSE_DPI = 180
_SPECK_LEVELS = 40
# Of the pixels, those that are specks: at most 0.0001 of a clean scan, whatever its resolution.
_NOISY_SHARE = 0.0003


_MARGIN = 6.0
_PAPER_LEVEL = 255


class TooLarge(ValueError):
    """A page or picture of more pixels than are read; the message is its reason."""


class PageImage(NamedTuple):
    """What of a page is to be read from its pixels.

    box is where it stands: left, top, right and bottom as shares of the page.
    """

    image: Image.Image
    box: Box = (0.0, 0.0, 1.0, 1.0)


def load_picture(path: Path, number: int, *, is_cut: bool = False) -> PageImage:
    """Return a picture file's frame `number` in grey, at most 200 dpi and 25 megapixels.

    is_cut takes what there is of a file that ends too early; the rest stays empty. Raises TooLarge, and what
    the library raises for what is damaged.
    """
    ImageFile.LOAD_TRUNCATED_IMAGES = is_cut
    with open_picture(path) as picture:
        if number > 1:
            picture.seek(number - 1)
        return PageImage(_prepare_picture(picture))


def render_page(
    page: Any, area: Box | None = None, leave_out: Iterable[tuple[float, float, float, float]] = ()
) -> PageImage:
    """Return a PDF's page, or an area of it in points, with the boxes white that are to be left out.

    At most 200 dpi and 25 megapixels. Raises TooLarge, and what MuPDF raises.
    """
    from planning_review.documents.pages.mupdf import pymupdf

    clip = pymupdf.Rect(page.rect)
    if area:
        left, top, right, bottom = area
        clip &= pymupdf.Rect(left - _MARGIN, top - _MARGIN, right + _MARGIN, bottom + _MARGIN)
    square_inches = clip.width * clip.height / 72**2
    scan = find_scan(page) if area is None else None
    # Edges are rounded up to whole pixels: one per cent keeps the page below the limit. A coarse scan
    # is drawn pixel for pixel, so that its specks are still specks.
    dpi: float = min(READ_DPI, int((MAX_PIXELS * 0.99 / max(square_inches, 1e-6)) ** 0.5))
    zoom = (dpi / 72, dpi / 72)
    if scan and _COARSEST_DPI <= scan.dpi <= dpi:
        dpi, zoom = scan.dpi, scan.zoom
    if dpi < 1:
        raise TooLarge("the page is too large to be drawn")
    pixels = page.get_pixmap(matrix=pymupdf.Matrix(*zoom), colorspace=pymupdf.csGRAY, clip=clip)
    image = Image.frombytes("L", (pixels.width, pixels.height), pixels.samples)
    for left, top, right, bottom in leave_out:
        # What was read of the page already is not to be read again.
        box = (
            int((left - clip.x0) * zoom[0]),
            int((top - clip.y0) * zoom[1]),
            int((right - clip.x0) * zoom[0]) + 1,
            int((bottom - clip.y0) * zoom[1]) + 1,
        )
        if box[2] > 0 and box[3] > 0:
            image.paste(_PAPER_LEVEL, box)
    if scan:
        image = clean_scan(image, dpi, MAX_PIXELS)
    width, height = page.rect.width, page.rect.height
    return PageImage(image, (clip.x0 / width, clip.y0 / height, clip.x1 / width, clip.y1 / height))


class Scan(NamedTuple):
    """The image that fills most of a page: its resolution, and by what the page is enlarged to its pixels.

    A whole resolution is not enough: one pixel more in the width blends every speck with its neighbours.
    """

    dpi: float
    zoom: tuple[float, float]


def find_scan(page: Any) -> Scan | None:
    """Return the image that fills most of a PDF's page, None where none does."""
    best: Scan | None = None
    covered = page.rect.width * page.rect.height / 72**2 * IMAGE_SHARE
    for image in page.get_image_info():
        left, top, right, bottom = image["bbox"]
        size = abs((right - left) * (bottom - top)) / 72**2
        if size > covered:
            dpi = (image["width"] * image["height"] / size) ** 0.5
            across, down = image["width"] / abs(right - left), image["height"] / abs(bottom - top)
            # An image that lies on its side has its width along the page's height.
            is_upright = abs(across / down - 1) < _SAME_SCALE
            best, covered = Scan(dpi, (across, down) if is_upright else (dpi / 72, dpi / 72)), size
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


def clean_scan(image: Image.Image, dpi: float, max_pixels: int) -> Image.Image:
    """Return a grey scan of a resolution as it is best read: of at most max_pixels, unless it has more."""
    without_specks = remove_specks(image)
    is_noisy = _share_changed(image, without_specks) > _NOISY_SHARE
    # Before it is enlarged: a speck of one pixel would become a dot that looks like print.
    enlarged = _enlarge(without_specks if is_noisy else image, dpi, max_pixels)
    # A median over single pixels wipes out the strokes of coarse print: only after enlarging.
    return enlarged.filter(ImageFilter.MedianFilter(3)) if is_noisy else enlarged


def remove_specks(image: Image.Image) -> Image.Image:
    """Return a grey image in which no pixel is darker or lighter than all of its eight neighbours.

    A stroke one pixel wide stays, which a median filter would take away.
    """
    pixels = np.asarray(image)
    height, width = pixels.shape
    padded = np.pad(pixels, 1, mode="edge")
    darkest = np.full_like(pixels, 255)
    lightest = np.zeros_like(pixels)
    for down in range(3):
        for across in range(3):
            if (down, across) != (1, 1):
                neighbour = padded[down : down + height, across : across + width]
                np.minimum(darkest, neighbour, out=darkest)
                np.maximum(lightest, neighbour, out=lightest)
    return Image.fromarray(np.clip(pixels, darkest, lightest))


def _share_changed(before: Image.Image, after: Image.Image) -> float:
    levels = ImageChops.difference(before, after).histogram()
    return sum(levels[_SPECK_LEVELS + 1 :]) / sum(levels)


def _enlarge(image: Image.Image, dpi: float, max_pixels: int) -> Image.Image:
    if dpi >= _COARSE_DPI:
        return image
    scale = min(READ_DPI / dpi, (max_pixels / (image.width * image.height)) ** 0.5)
    if scale <= 1:
        return image
    size = (int(image.width * scale), int(image.height * scale))
    return image.resize(size, Image.Resampling.LANCZOS)
