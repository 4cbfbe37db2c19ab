"""A letter as a scanner leaves it: pages that are pictures, with no text behind them."""

import io
from pathlib import Path

import numpy as np
from PIL import Image

from planning_review.sample.canvas import Canvas, load_pymupdf, wrap_text, write_pdf

_DPI = 170
_A4_WIDTH, _A4_HEIGHT = 595.28, 841.89


def build_scanned_letter(path: Path, text: str) -> None:
    """Write a letter as scanned pages; a line of `---` in the text ends a page."""
    pages = []
    for number, part in enumerate(text.split("\n---\n")):
        picture = _scan_page(_draw_letter_page(part, letterhead=number == 0), seed=number)
        page = Canvas(_A4_WIDTH, _A4_HEIGHT)
        page.place_image((0, 0, _A4_WIDTH, _A4_HEIGHT), picture)
        pages.append(page)
    write_pdf(path, pages, title="", author="")


def _draw_letter_page(text: str, *, letterhead: bool) -> Canvas:
    page = Canvas(_A4_WIDTH, _A4_HEIGHT)
    y = 96.0
    lines = text.strip().splitlines()
    if letterhead:
        page.draw_text((78, 74), lines[0], font="tibo", size=19)
        page.draw_path([(78, 84), (517, 84)], width=1.2)
        lines = lines[1:]
    for line in lines:
        for row in wrap_text(line, "tiro", 12, 439):
            page.draw_text((78, y), row, font="tiro", size=12)
            y += 16.5
        y += 0 if line.strip() else 8
        if line.startswith("H. M. "):
            _draw_signature(page, y - 4)
    return page


def _draw_signature(page: Canvas, y: float) -> None:
    stroke = [
        (240 + step * 4.0, y - 14 + 11 * float(np.sin(step * 1.1)) * (1 - step / 46)) for step in range(32)
    ]
    page.draw_path(stroke, stroke=(0.1, 0.1, 0.4), width=1.3)


def _scan_page(page: Canvas, seed: int) -> bytes:
    """Turn a drawn page into a grey JPEG: a little askew, grainy, darker towards one edge."""
    pymupdf = load_pymupdf()
    buffer = io.BytesIO()
    write_pdf(buffer, [page], title="", author="")
    with pymupdf.open(stream=buffer.getvalue(), filetype="pdf") as pdf:
        pixels = pdf[0].get_pixmap(dpi=_DPI, colorspace=pymupdf.csGRAY)
        image = Image.frombytes("L", (pixels.width, pixels.height), pixels.samples)
    image = image.rotate(0.45 - 0.8 * seed, resample=Image.Resampling.BICUBIC, fillcolor=250)
    grey = np.asarray(image, dtype=np.float32)
    noise = np.random.default_rng(seed)
    shade = np.linspace(1.0, 0.93, grey.shape[1], dtype=np.float32)[None, :]
    grey = grey * shade + noise.normal(0, 5, grey.shape).astype(np.float32)
    scanned = Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8))
    out = io.BytesIO()
    scanned.save(out, "JPEG", quality=68, dpi=(_DPI, _DPI))
    return out.getvalue()
