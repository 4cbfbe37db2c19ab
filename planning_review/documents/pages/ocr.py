"""Tesseract: its version, and the text of one page image."""

import re
import subprocess
import time
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

NO_OCR = "none"
NEEDS_OCR = "needs OCR, and tesseract is not installed"

# Tesseract's table of words by column, as pytesseract gives it.
_Words = dict[str, list[str | int | float]]

# Part of the identity of what OCR read: raise it when pages.image gives tesseract other pixels.
_PIXELS_VERSION = 2

_SURE_CONFIDENCE = 60.0
_NOISE_CONFIDENCE = 50.0


class OcrFailed(Exception):
    """A page image could not be read; the message is the page's reason."""


@cache
def ocr_version() -> str:
    """Return `tesseract 5.3.0 pixels 2`, or `none` where tesseract can't be run. Asks once a process."""
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


def read_page_image(image: "Image", limit_seconds: float) -> tuple[str, float | None]:
    """Return a page image's text and the mean confidence of its words, 0 to 100.

    ("", None) where there is no word that tesseract is sure of: a photograph gives noise. One call
    gives both. A page that reads badly is looked at again for lying on its side. Tesseract's threads
    are left out by OMP_THREAD_LIMIT=1, which the caller's environment sets: with more it takes 3.7
    times the CPU. Raises OcrFailed.
    """
    deadline = time.monotonic() + limit_seconds
    words = _read_words(image, limit_seconds)
    text, confidence = _assemble(words)
    is_sideways = _lies_on_its_side(words)
    if is_sideways or confidence is None or confidence < _SURE_CONFIDENCE:
        degrees = _find_rotation(image, deadline - time.monotonic())
        if degrees:
            turned = _assemble(_read_words(image.rotate(-degrees, expand=True), deadline - time.monotonic()))
            if (turned[1] or 0) > (0 if is_sideways else confidence or 0):
                return turned
    return text, confidence


def _read_words(image: "Image", limit_seconds: float) -> _Words:
    import pytesseract  # type: ignore[import-untyped]

    try:
        words: _Words = pytesseract.image_to_data(
            image, lang="eng", timeout=max(0.1, limit_seconds), output_type=pytesseract.Output.DICT
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


def _assemble(words: _Words) -> tuple[str, float | None]:
    """Return the text with its lines and paragraphs, without lines that are noise, and its confidence."""
    lines: dict[tuple[object, object, object], list[tuple[str, float]]] = {}
    columns = ("block_num", "par_num", "line_num", "conf", "text")
    for block, paragraph, line, confidence, word in zip(*(words[name] for name in columns), strict=True):
        if str(word).strip() and float(confidence) >= 0:
            lines.setdefault((block, paragraph, line), []).append((str(word).strip(), float(confidence)))
    text, before = "", None
    kept: list[tuple[str, float]] = []
    for (block, paragraph, _), line_words in lines.items():
        # Hatching and photographs come out as lines of letters of which none is sure.
        if max(confidence for _, confidence in line_words) < _NOISE_CONFIDENCE:
            continue
        gap = "" if before is None else "\n" if before == (block, paragraph) else "\n\n"
        text += gap + " ".join(word for word, _ in line_words)
        before = (block, paragraph)
        kept += line_words
    if not any(sure >= _SURE_CONFIDENCE and sum(map(str.isalnum, word)) >= 3 for word, sure in kept):
        return "", None
    return text, round(sum(confidence for _, confidence in kept) / len(kept), 1)
