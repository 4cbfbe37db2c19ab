"""A part of a page as a picture, drawn in a process of its own."""

import io

import pymupdf
import pytest
from PIL import Image

from planning_review.documents.workers.drawing import LONGEST_EDGE_PIXELS, Part, draw_part
from planning_review.models import FileKind

WHOLE = Part(0, 0, 100, 100)


@pytest.fixture(scope="module")
def drawing(tmp_path_factory):
    """A page whose right half is black."""
    path = tmp_path_factory.mktemp("drawings") / "layout.pdf"
    with pymupdf.open() as pdf:
        page = pdf.new_page(width=400, height=200)
        page.draw_rect(pymupdf.Rect(200, 0, 400, 200), color=(0, 0, 0), fill=(0, 0, 0))
        pdf.save(path)
    return path


def open_drawn(png):
    return Image.open(io.BytesIO(png)).convert("L")


def test_a_page_is_drawn_whole(drawing):
    image = open_drawn(draw_part(drawing, FileKind.PDF, 1, WHOLE))
    assert max(image.size) == pytest.approx(LONGEST_EDGE_PIXELS, abs=2)
    assert image.getpixel((10, 10)) == 255
    assert image.getpixel((image.width - 10, 10)) == 0


def test_a_page_is_cut_to_what_is_asked(drawing):
    image = open_drawn(draw_part(drawing, FileKind.PDF, 1, Part(60, 10, 90, 90)))
    assert set(image.crop((5, 5, image.width - 5, image.height - 5)).tobytes()) == {0}
    assert image.height > image.width


def test_a_picture_is_cut_too(tmp_path):
    path = tmp_path / "plan.png"
    image = Image.new("L", (300, 300), 255)
    image.paste(0, (0, 0, 150, 300))
    image.save(path)
    cut = open_drawn(draw_part(path, FileKind.PNG, 1, Part(0, 0, 40, 100)))
    assert cut.getpixel((cut.width // 2, cut.height // 2)) == 0


def test_what_cannot_be_drawn_is_none(tmp_path, drawing):
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7 and nothing else")
    assert draw_part(broken, FileKind.PDF, 1, WHOLE) is None
    assert draw_part(drawing, FileKind.PDF, 9, WHOLE) is None
    assert draw_part(drawing, FileKind.DOCX, 1, WHOLE) is None
