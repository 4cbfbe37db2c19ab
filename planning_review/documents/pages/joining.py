"""A page's own text and what OCR read of it, joined: neither is ever written over the other.

For worker processes.
"""

from collections.abc import Sequence

import numpy as np

from planning_review.documents.pages.columns import Block
from planning_review.documents.pages.image import PageImage
from planning_review.documents.pages.ocr import OcrText
from planning_review.documents.pages.page_text import clean_text, make_page
from planning_review.models import PageText

UNSURE = "read by OCR with little certainty, so words and figures may be wrong"
NOT_READ = "writing that is drawn or pictured on it could not be read"

SURE_CONFIDENCE = 70.0
"""Below it, of pages that were drawn by noise and blur, figures were wrong."""

_LEAST_AREA_CONFIDENCE = 60.0
_MANY_LINES = 4
_LOOK_PIXELS = 850
_LEAST_PAPER, _PAPER_LEVELS, _PAPER_SHARE = 150, 40, 0.6
_MARK_LEVELS, _LEAST_MARKS = 60, 0.004


def add_ocr(before: PageText, shown: PageImage, found: OcrText, reason: str | None) -> PageText:
    """Return a page with what OCR found in its pixels; reason is what is already wrong with it."""
    is_area = before.unread is not None
    is_read = bool(found.text)
    if is_area and (found.confidence or 0) < _LEAST_AREA_CONFIDENCE:
        is_read = False  # what stands among a map's lines and a photograph's edges
    if not is_read:
        is_lost = before.unread.lines >= _MANY_LINES if before.unread else _shows_writing(shown)
        reason = reason or (NOT_READ if is_lost else None)
        page_class = before.page_class if before.text else "picture"
        return make_page(before.number, page_class, before.text, ocr=not is_area, reason=reason)
    if not is_area and found.confidence is not None and found.confidence < SURE_CONFIDENCE:
        reason = reason or UNSURE
    return make_page(
        before.number,
        before.page_class,
        join_texts(before.text, found.text, _find_top(shown, found), shown.blocks),
        ocr=True,
        ocr_confidence=found.confidence,
        reason=reason,
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


def _find_top(shown: PageImage, found: OcrText) -> float:
    """Return how far down the page, in points, the first word of what was read stands."""
    top = min((word[2] for word in found.words), default=0.0)
    height = shown.page_points
    return (shown.box[1] + top * (shown.box[3] - shown.box[1])) * height


def _shows_writing(shown: PageImage) -> bool:
    """Return whether a page of which OCR made nothing is paper with marks on it, and no photograph."""
    scale = _LOOK_PIXELS / max(1, *shown.image.size)
    size = (max(1, round(shown.image.width * scale)), max(1, round(shown.image.height * scale)))
    levels = np.asarray(shown.image.resize(size))
    paper = np.median(levels)
    is_paper = np.abs(levels - paper) < _PAPER_LEVELS
    # Specks and the shadow of a fold are less.
    marks = np.mean(levels < paper - _MARK_LEVELS)
    return bool(paper > _LEAST_PAPER and is_paper.mean() > _PAPER_SHARE and marks > _LEAST_MARKS)
