"""A page as grey pixels for OCR: a PDF's page rendered, or a picture file's frame. For worker processes."""

from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from planning_review.documents.page_text import make_page
from planning_review.documents.worker_messages import Opened, PageRead, Unreadable
from planning_review.models import DocumentState, FileKind

MAX_PIXELS = 25_000_000
"""What is given to OCR. 300 dpi gains nothing over 200; an A0 page at 300 dpi would cost 135 MB."""

MAX_DPI = 200
MAX_PICTURE_PIXELS = 150_000_000
"""What is decoded from a picture file at all: an A1 sheet scanned at 400 dpi fits."""

MAX_FRAMES = 2000

# Our own limit, checked before anything is decoded, stands in for Pillow's warning.
Image.MAX_IMAGE_PIXELS = None


def load_page_image(path: Path, kind: FileKind, number: int) -> Image.Image:
    """Return page `number` in grey, at most 200 dpi and 25 megapixels. Raises ValueError, RuntimeError."""
    if kind is FileKind.PDF:
        return _render_pdf_page(path, number)
    with Image.open(path) as picture:
        if number > 1:
            picture.seek(number - 1)
        return _prepare_picture(picture)


def read_picture(path: Path, kind: FileKind) -> Iterator[Opened | PageRead]:
    """Yield the frames of a picture file as pages that wait for OCR. Raises Unreadable."""
    try:
        with Image.open(path) as picture:
            # Phones put a second, smaller picture behind the first of a JPEG.
            frames = getattr(picture, "n_frames", 1) if kind is FileKind.TIFF else 1
    except (UnidentifiedImageError, ValueError, TypeError, SyntaxError, EOFError) as error:
        raise Unreadable(
            DocumentState.DAMAGED, f"the picture is damaged and does not open ({type(error).__name__})"
        ) from error
    yield Opened(page_count=frames)
    for number in range(1, min(frames, MAX_FRAMES) + 1):
        yield PageRead(page=make_page(number, "scan", ""))


def _render_pdf_page(path: Path, number: int) -> Image.Image:
    # Here and not above: picture files are read without PyMuPDF.
    from planning_review.documents.pdf import open_pdf, pymupdf

    page = open_pdf(path)[number - 1]
    square_inches = page.rect.width * page.rect.height / 72**2
    # Edges are rounded up to whole pixels: one per cent keeps the page below the limit.
    dpi = min(MAX_DPI, int((MAX_PIXELS * 0.99 / max(square_inches, 1e-6)) ** 0.5))
    if dpi < 1:
        raise ValueError("the page is too large to be drawn")
    pixels = page.get_pixmap(dpi=dpi, colorspace=pymupdf.csGRAY)
    return Image.frombytes("L", (pixels.width, pixels.height), pixels.samples)


def _prepare_picture(picture: Image.Image) -> Image.Image:
    width, height = picture.size
    if width * height > MAX_PICTURE_PIXELS:
        raise ValueError(f"the picture has {width * height // 1_000_000} megapixels, too many to read")
    scale = (MAX_PIXELS / (width * height)) ** 0.5
    target = (max(1, int(width * scale)), max(1, int(height * scale)))
    if scale < 1:
        # A JPEG can be decoded at a half or a quarter of its size.
        picture.draft("L", target)
    grey = _flatten(picture).convert("L")
    if scale < 1:
        grey.thumbnail(target)
    return ImageOps.exif_transpose(grey)


def _flatten(picture: Image.Image) -> Image.Image:
    """Put a picture that has transparency on white, or its black text would stand on black."""
    if picture.mode not in ("RGBA", "LA", "PA") and "transparency" not in picture.info:
        return picture
    layer = picture.convert("RGBA")
    white = Image.new("RGBA", layer.size, "white")
    white.alpha_composite(layer)
    white.info.update(picture.info)
    return white
