"""A page looked at: what it shows that its text lacks is read by OCR and joined, what it hides is left out.

Neither the page's own text nor what OCR read is ever written over the other. For worker processes.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from planning_review.documents.pages.columns import Block
from planning_review.documents.pages.image import PageImage, load_picture, render_page
from planning_review.documents.pages.ocr import OcrFailed, OcrText
from planning_review.documents.pages.page_text import DAMAGED_IN_PART, HIDDEN_TEXT, clean_text, make_page
from planning_review.documents.pages.unread import shows_writing
from planning_review.documents.pages.words import Word
from planning_review.documents.pages.writing import Box, Writing
from planning_review.documents.places import PLACE_UNITS
from planning_review.documents.workers.messages import PageRead
from planning_review.models import SURE_CONFIDENCE, FileKind, PageText, WordPlace

UNSURE = "read by OCR with little certainty, so words and figures may be wrong"
NOT_READ = "writing that is drawn or pictured on it could not be read"
PARTLY_READ = "some of the writing that is drawn or pictured on it could not be read"

_LEAST_AREA_CONFIDENCE = 60.0
_MANY_LINES = 4
_PAPER_LEVEL = 255

Reader = Callable[[PageImage], OcrText]


class _Shown(NamedTuple):
    """A page as it was read, and what of it is to be read from its pixels: so many lines, or all of it.

    blocks are its own text's, which the pixels don't show, with the page's height in points.
    """

    page: PageText
    image: PageImage | None
    lines: int | None = None
    blocks: tuple[Block, ...] = ()
    height: float = 0.0


def read_pixels(
    path: Path, kind: FileKind, before: PageText, read: Reader, *, is_cut: bool = False
) -> PageRead:
    """Return a page with what its pixels say, and where its words stand. read gives an image to OCR.

    is_cut takes what there is of a picture that ends too early. Raises TooLarge, and what the libraries raise
    for what is damaged.
    """
    if kind is FileKind.PDF:
        shown = _tell_damage(lambda: _look_at_pdf(path, before))
    else:
        shown = _Shown(before, load_picture(path, before.number, is_cut=is_cut))
    if shown.image is None:
        return PageRead(page=shown.page.model_copy(update={"unread": False}))
    try:
        found = read(shown.image)
    except OcrFailed as failure:
        # What it hides is out of its text already.
        return PageRead(page=shown.page.model_copy(update={"reason": str(failure)}))
    page = _add_ocr(shown.page, shown, shown.image, found)
    return PageRead(page=page, places=_place_words(shown.image, found) if page.ocr_confidence else ())


def _tell_damage(look: Callable[[], _Shown]) -> _Shown:
    """Return what a look at a PDF's page gives, with the reason where MuPDF left something out of it."""
    from planning_review.documents.pages.mupdf import is_damaged, pymupdf

    pymupdf.TOOLS.reset_mupdf_warnings()
    shown = look()
    if shown.page.reason is None and is_damaged(pymupdf.TOOLS.mupdf_warnings()):
        return shown._replace(page=shown.page.model_copy(update={"reason": DAMAGED_IN_PART}))
    return shown


def _look_at_pdf(path: Path, before: PageText) -> _Shown:
    # Here and not above: picture files are read without PyMuPDF.
    from planning_review.documents.formats.pdf import open_pdf
    from planning_review.documents.formats.pdf_notes import list_notes
    from planning_review.documents.pages.hidden import find_hidden_words, leave_out_words
    from planning_review.documents.pages.image import find_scan
    from planning_review.documents.pages.mending import join_divided_words, mend_blocks
    from planning_review.documents.pages.mupdf import draw_small
    from planning_review.documents.pages.reading_order import read_blocks
    from planning_review.documents.pages.words import read_words
    from planning_review.documents.pages.writing import find_writing

    page = open_pdf(path)[before.number - 1]
    # Also turns a page upright, as it was when its text was read.
    blocks, textpage = read_blocks(page)
    height = page.rect.height
    if not before.text and not before.unread:
        return _Shown(before, render_page(page))
    words = read_words(page, textpage)
    if not before.unread:
        return _Shown(
            before, render_page(page, None, (word[:4] for word in words)), None, tuple(blocks), height
        )
    grey = draw_small(page)
    is_over_picture = find_scan(page) is not None
    hidden = find_hidden_words(grey, words, is_over_picture=is_over_picture)
    if hidden:
        blocks = leave_out_words(blocks, words, hidden)
        # Without the rows of tables, which may hold such words.
        text = join_divided_words("\n\n".join(block.text for block in mend_blocks(blocks, lambda: words)))
        text = "\n\n".join(filter(None, (text, *list_notes(page, text))))
        before = make_page(before.number, before.page_class, text, reason=before.reason or HIDDEN_TEXT)
        words = [word for word in words if word not in set(hidden)]
    writing = find_writing(grey, (word[:4] for word in words))
    if is_over_picture and shows_writing(_blank_out(grey, words)):
        # A scan below what is written over it: its lines may run askew, or lie on their side.
        image = render_page(page, None, (word[:4] for word in words))
        return _Shown(before, image, max(_MANY_LINES, len(writing.lines)), tuple(blocks), height)
    if not writing.lines:
        return _Shown(before, None)
    area = _widen_to_images(page, writing)
    image = render_page(page, area, (word[:4] for word in words))
    return _Shown(before, image, len(writing.lines), tuple(blocks), height)


def _widen_to_images(page: Any, writing: Writing) -> Box:
    """Return the area of the lines of writing with the images that they stand in: a table has short cells."""
    left, top, right, bottom = writing.box
    for image in page.get_image_info():
        x0, y0, x1, y1 = image["bbox"]
        middles = [((line[0] + line[2]) / 2, (line[1] + line[3]) / 2) for line in writing.lines]
        if any(x0 <= across <= x1 and y0 <= down <= y1 for across, down in middles):
            left, top, right, bottom = min(left, x0), min(top, y0), max(right, x1), max(bottom, y1)
    return left, top, right, bottom


def _blank_out(grey: NDArray[np.uint8], words: Sequence[Word]) -> Image.Image:
    image = Image.fromarray(grey)
    for word in words:
        image.paste(_PAPER_LEVEL, (int(word.left), int(word.top), int(word.right) + 1, int(word.bottom) + 1))
    return image


def _add_ocr(before: PageText, shown: _Shown, image: PageImage, found: OcrText) -> PageText:
    reason = before.reason
    is_area = shown.lines is not None
    # What stands among a map's lines and at a photograph's edges is no text.
    is_noise = is_area and (found.confidence or 0) < _LEAST_AREA_CONFIDENCE
    if not found.text or is_noise:
        is_lost = shown.lines >= _MANY_LINES if shown.lines is not None else shows_writing(image.image)
        reason = reason or (NOT_READ if is_lost else None)
        page_class = before.page_class if before.text or is_area else "picture"
        return make_page(before.number, page_class, before.text, ocr=not is_area, reason=reason)
    is_much = shown.lines is None or shown.lines >= _MANY_LINES
    if is_much and (found.confidence or 0) < SURE_CONFIDENCE:
        reason = reason or UNSURE
    if found.left.is_much:
        reason = reason or PARTLY_READ
    top = (image.box[1] + min(word[2] for word in found.words) * (image.box[3] - image.box[1])) * shown.height
    return make_page(
        before.number,
        before.page_class,
        join_texts(before.text, found.text, top, shown.blocks),
        ocr=True,
        ocr_confidence=found.confidence,
        reason=reason,
    )


def _place_words(image: PageImage, found: OcrText) -> tuple[WordPlace, ...]:
    """Return the words with their places on the page, of which the image may be a part."""
    left, top, right, bottom = image.box
    across, down = right - left, bottom - top
    return tuple(
        (
            word,
            round((left + word_left * across) * PLACE_UNITS),
            round((top + word_top * down) * PLACE_UNITS),
            round((left + word_right * across) * PLACE_UNITS),
            round((top + word_bottom * down) * PLACE_UNITS),
        )
        for word, word_left, word_top, word_right, word_bottom in found.words
    )


def join_texts(text: str, added: str, top: float, blocks: Sequence[Block]) -> str:
    """Return a page's text with what was read below its blocks that stand above `top`, in points."""
    if not text:
        return added
    above = [block for block in blocks if (block.top + block.bottom) / 2 <= top]
    if not above:
        return f"{added}\n\n{text}"
    anchor = clean_text(above[-1].text)
    at = text.find(anchor)
    if at < 0:
        return f"{text}\n\n{added}"
    end = at + len(anchor)
    return "\n\n".join(filter(None, (text[:end], added, text[end:].lstrip("\n"))))
