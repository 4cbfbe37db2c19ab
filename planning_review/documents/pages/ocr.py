"""Tesseract: its version, and the words of one page image with their places."""

import math
import re
import subprocess
import time
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from planning_review.documents.pages.unread import NOTHING_UNREAD, Unread, find_unread, shows_writing

if TYPE_CHECKING:
    from PIL.Image import Image

NO_OCR = "none"
NEEDS_OCR = "needs OCR, and tesseract is not installed"

# Tesseract's table of words by column, as pytesseract gives it.
_Words = dict[str, list[str | int | float]]

# Part of the identity of what OCR read: raise it when pages.image gives tesseract other pixels.
_PIXELS_VERSION = 4

_SURE_CONFIDENCE = 60.0
_NOISE_CONFIDENCE = 50.0
_ALONE_CONFIDENCE = 70.0
_LEAST_ALONE = 3
_SCATTERED = "--psm 11"
"""Tesseract's way with words that stand anywhere."""
_STEEPEST_DEGREES = 15
_LEAST_DEGREES = 2.0
_SKEW_PIXELS = 700
"""To this width a page is made smaller before its skew is looked for: lines are still lines."""

WordBox = tuple[str, float, float, float, float]
"""A word, and its left, top, right and bottom as shares of the image's width and height."""


class OcrFailed(Exception):
    """A page image could not be read; the message is the page's reason."""


class OcrText(NamedTuple):
    """What was read of an image: the confidence is the mean of its words, 0 to 100, None without any.

    sure_letters are those of the words that tesseract is sure of; left is what looks like writing and stands
    under none of the words.
    """

    text: str
    confidence: float | None
    words: tuple[WordBox, ...] = ()
    sure_letters: int = 0
    left: Unread = NOTHING_UNREAD


@cache
def ocr_version() -> str:
    """Return `tesseract 5.3.0 pixels 3`, or `none` where tesseract can't be run. Asks once a process."""
    try:
        answer = subprocess.run(
            ["tesseract", "--version"],  # noqa: S607 - found on the path, as pytesseract finds it
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError):
        return NO_OCR
    found = re.search(r"tesseract v?(\d[\w.\-]*)", answer.stdout + answer.stderr)
    return f"tesseract {found[1]} pixels {_PIXELS_VERSION}" if found else NO_OCR


def read_page_image(image: "Image", limit_seconds: float) -> OcrText:
    """Return a page image's words.

    None where there is no word that tesseract is sure of: a photograph gives noise. A page that reads
    badly is looked at again for lying on its side, and it, or one with marks that were not read, for lines
    that run askew and for words that stand alone. Tesseract's
    threads are left out by OMP_THREAD_LIMIT=1, which the caller's environment sets: with more it takes
    3.7 times the CPU. Raises OcrFailed.
    """
    deadline = time.monotonic() + limit_seconds
    words = _read_words(image, limit_seconds)
    best = _assemble(words, image, 0)
    is_sideways = _lies_on_its_side(words)
    if is_sideways or _is_poor(best):
        degrees = _find_rotation(image, deadline - time.monotonic())
        if degrees:
            turned = _read_turned(image, degrees, deadline)
            if (turned.confidence or 0) > (0 if is_sideways else best.confidence or 0):
                return turned
    if _is_poor(best) or best.left.may_be_askew:
        degrees_askew = find_skew(image)
        if abs(degrees_askew) >= _LEAST_DEGREES:
            straight = _read_turned(image, degrees_askew, deadline)
            if straight.sure_letters > best.sure_letters:
                return straight
    if best.left.lines or (not best.text and shows_writing(image)):
        # What has been read stays, whatever becomes of the rest.
        with suppress(OcrFailed):
            return _add_scattered(best, image, _read_words(image, deadline - time.monotonic(), _SCATTERED))
    return best


def _add_scattered(read: OcrText, image: "Image", words: _Words) -> OcrText:
    """Return what was read with the words that stand alone, as on a map: looked for anywhere."""
    added: dict[tuple[object, object, object], list[str]] = {}
    boxes = [word[1:] for word in read.words]
    confidences, places = [], list(read.words)
    columns = ("block_num", "par_num", "line_num", "conf", "text")
    for at, (block, paragraph, line, sure, text) in enumerate(
        zip(*(words[name] for name in columns), strict=True)
    ):
        word, confidence = str(text).strip(), float(sure)
        if confidence < _ALONE_CONFIDENCE or sum(map(str.isalnum, word)) < _LEAST_ALONE:
            continue
        box = _place(words, at, image.size, 0)
        if not any(_holds_middle(other, box) for other in boxes):
            added.setdefault((block, paragraph, line), []).append(word)
            confidences.append(confidence)
            places.append((word, *box))
    if not added:
        return read
    width, height = image.size
    return OcrText(
        "\n\n".join(filter(None, (read.text, "\n".join(map(" ".join, added.values()))))),
        # That of a page is not better for a few words of which only the sure ones were taken.
        read.confidence or round(sum(confidences) / len(confidences), 1),
        tuple(places),
        read.sure_letters + sum(len(word) for line in added.values() for word in line),
        find_unread(image, [(b[1] * width, b[2] * height, b[3] * width, b[4] * height) for b in places]),
    )


def _holds_middle(box: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    across, down = (other[0] + other[2]) / 2, (other[1] + other[3]) / 2
    return box[0] <= across <= box[2] and box[1] <= down <= box[3]


def _is_poor(read: OcrText) -> bool:
    return read.confidence is None or read.confidence < _SURE_CONFIDENCE


def _read_turned(image: "Image", degrees: float, deadline: float) -> OcrText:
    """Return the words of an image that is turned clockwise first, placed on the image as it is."""
    turned = image.rotate(-degrees, expand=True, fillcolor=255)
    return _assemble(_read_words(turned, deadline - time.monotonic()), image, degrees, turned)


def find_skew(image: "Image") -> float:
    """Return by how many degrees clockwise an image must be turned for its lines to be level."""
    import numpy as np
    from PIL import Image, ImageFilter

    scale = min(1.0, _SKEW_PIXELS / max(image.size))
    small = image.resize((max(1, round(image.width * scale)), max(1, round(image.height * scale))))
    around = np.asarray(small.filter(ImageFilter.BoxBlur(8)), dtype=np.int16)
    marks = Image.fromarray(((around - np.asarray(small)) > 20).astype(np.uint8) * 255)

    def sharpness(degrees: float) -> float:
        # Level lines leave rows full of marks beside empty ones.
        rows = np.asarray(marks.rotate(-degrees, resample=Image.Resampling.BILINEAR)).sum(axis=1, dtype=float)
        return float(np.square(np.diff(rows)).sum())

    best = max(range(-_STEEPEST_DEGREES, _STEEPEST_DEGREES + 1), key=sharpness)
    return max((best + step / 4 for step in range(-3, 4)), key=sharpness)


def _read_words(image: "Image", limit_seconds: float, config: str = "") -> _Words:
    import pytesseract  # type: ignore[import-untyped]

    try:
        words: _Words = pytesseract.image_to_data(
            image,
            lang="eng",
            config=config,
            timeout=max(0.1, limit_seconds),
            output_type=pytesseract.Output.DICT,
        )
        return words
    except pytesseract.TesseractNotFoundError as error:
        raise OcrFailed(NEEDS_OCR) from error
    except pytesseract.TesseractError as error:
        raise OcrFailed(f"tesseract failed on it (status {error.status})") from error
    except RuntimeError as error:
        # How pytesseract reports its time-out.
        raise OcrFailed("OCR took longer than it may") from error


def _lies_on_its_side(words: _Words) -> bool:
    """Return whether most words are taller than wide: tesseract reads such lines, but not in their order."""
    sizes = zip(words["text"], words["width"], words["height"], strict=True)
    tall = [float(height) > float(width) for word, width, height in sizes if len(str(word).strip()) >= 4]
    return sum(tall) * 2 > len(tall)


def _find_rotation(image: "Image", limit_seconds: float) -> int:
    """Return by how many degrees clockwise the image must be turned to be upright, 0 where unknown."""
    import pytesseract

    try:
        answer = pytesseract.image_to_osd(
            image, timeout=max(0.1, limit_seconds), output_type=pytesseract.Output.DICT
        )
        return int(answer["rotate"])
    except (RuntimeError, ValueError, KeyError):
        # Too few letters to tell, or tesseract has no data for orientation.
        return 0


def _assemble(words: _Words, image: "Image", degrees: float, turned: "Image | None" = None) -> OcrText:
    """Return the text with its lines and paragraphs, without lines that are noise.

    turned is the image as it was read, where it was turned.
    """
    lines: dict[tuple[object, object, object], list[tuple[str, float, int]]] = {}
    columns = ("block_num", "par_num", "line_num", "conf", "text")
    rows = zip(*(words[name] for name in columns), strict=True)
    for at, (block, paragraph, line, confidence, word) in enumerate(rows):
        if str(word).strip() and float(confidence) >= 0:
            lines.setdefault((block, paragraph, line), []).append((str(word).strip(), float(confidence), at))
    text, before = "", None
    kept: list[tuple[str, float, int]] = []
    for (block, paragraph, _), line_words in lines.items():
        # Hatching and photographs come out as lines of letters of which none is sure.
        if max(confidence for _, confidence, _ in line_words) < _NOISE_CONFIDENCE:
            continue
        gap = "" if before is None else "\n" if before == (block, paragraph) else "\n\n"
        text += gap + " ".join(word for word, _, _ in line_words)
        before = (block, paragraph)
        kept += line_words
    sure = [word for word, confidence, _ in kept if confidence >= _SURE_CONFIDENCE]
    if not any(sum(map(str.isalnum, word)) >= 3 for word in sure):
        return OcrText("", None)
    return OcrText(
        text,
        round(sum(confidence for _, confidence, _ in kept) / len(kept), 1),
        tuple((word, *_place(words, at, image.size, degrees)) for word, _, at in kept),
        sum(map(len, sure)),
        find_unread(turned or image, [_box(words, at) for _, _, at in kept]),
    )


def _box(words: _Words, at: int) -> tuple[float, float, float, float]:
    left, top, width, height = (float(words[name][at]) for name in ("left", "top", "width", "height"))
    return left, top, left + width, top + height


def _place(
    words: _Words, at: int, size: tuple[int, int], degrees: float
) -> tuple[float, float, float, float]:
    """Return a word's box as shares of the image that was turned by so many degrees before it was read."""
    left, top, right, bottom = _box(words, at)
    turn = math.radians(degrees)
    cosine, sine = math.cos(turn), math.sin(turn)
    page_width, page_height = size
    # The size of the turned image, which holds all of the page's corners.
    turned_width = abs(page_width * cosine) + abs(page_height * sine)
    turned_height = abs(page_width * sine) + abs(page_height * cosine)
    across, down = [], []
    for x in (left, right):
        for y in (top, bottom):
            from_middle, below_middle = x - turned_width / 2, y - turned_height / 2
            across.append((from_middle * cosine + below_middle * sine + page_width / 2) / page_width)
            down.append((below_middle * cosine - from_middle * sine + page_height / 2) / page_height)
    return min(across), min(down), max(across), max(down)
