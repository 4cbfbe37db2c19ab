"""How well scans are read, from 100 to 300 dpi, skewed and with noise: through the workers, as in a run."""

import shutil
from pathlib import Path

import numpy as np
import pymupdf
import pytest
from PIL import Image, ImageFilter

from planning_review.documents.workers.pool import ExtractionPool
from planning_review.models import FileKind

MOST_ERRORS = 0.03
PAGES = [
    "Transport Statement. The shared footway and cycleway along Mill Road will be 2.5 metres wide over its "
    "whole length, and will join the existing track at the junction with Station Lane. Cycle parking for 24 "
    "bicycles is provided in a covered and secure store beside the main entrance of each building. The speed "
    "limit on Mill Road is 30 mph, and some 8,400 vehicles a day were counted there in June.",
    "Travel Plan. The share of trips made by cycle is to rise from 4 per cent to 12 per cent by the fifth "
    "year, as measured by annual surveys. A coordinator will be in post three months before the first home "
    "is occupied, and will report to the county council each year. Where targets are missed, the remedial "
    "measures listed in section 7 will be put in place at the expense of the developer.",
]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("tesseract") is None, reason="tesseract is not installed"),
]


def draw_page(text: str, dpi: int) -> Image.Image:
    """Return an A4 page of 11 point text, as a scanner without faults would see it."""
    document = pymupdf.open()
    page = document.new_page(width=595, height=842)
    page.insert_textbox(pymupdf.Rect(70, 70, 525, 770), text, fontsize=11, lineheight=1.4)
    pixels = page.get_pixmap(dpi=dpi, colorspace=pymupdf.csGRAY)
    return Image.frombytes("L", (pixels.width, pixels.height), pixels.samples)


def skew(image: Image.Image) -> Image.Image:
    return image.rotate(1, resample=Image.Resampling.BICUBIC, fillcolor=255)


def add_noise(image: Image.Image) -> Image.Image:
    """Return a page with the grain of a sensor and a speck on every five-hundredth pixel."""
    chance = np.random.default_rng(7)
    pixels = np.asarray(image.filter(ImageFilter.GaussianBlur(0.4)), dtype=np.float32)
    pixels = pixels + chance.normal(0, 12, pixels.shape)
    pixels[chance.random(pixels.shape) < 0.002] = 0
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def write_scan(path: Path, images: list[Image.Image], dpi: int) -> Path:
    images[0].save(path, save_all=True, append_images=images[1:], resolution=dpi, quality=80)
    return path


def count_edits(one: str, other: str) -> int:
    """Return how many characters must be changed, added or dropped to make one text the other."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]


@pytest.fixture(scope="module")
def pool():
    with ExtractionPool(2) as workers:
        yield workers


@pytest.mark.parametrize(
    ("fault", "dpi"),
    [
        ("clean", 100),
        ("skewed", 150),
        ("noisy", 200),
        *(("skewed and noisy", dpi) for dpi in (100, 150, 200, 300)),
    ],
)
def test_scans_are_read_with_few_errors(pool, tmp_path: Path, dpi: int, fault: str, record_property) -> None:
    images = [draw_page(text, dpi) for text in PAGES]
    if "skewed" in fault:
        images = [skew(image) for image in images]
    if "noisy" in fault:
        images = [add_noise(image) for image in images]
    path = write_scan(tmp_path / "scan.pdf", images, dpi)

    found = pool.read_document(path, "0" * 64, FileKind.PDF)

    assert [page.number for page in found.pages] == [1, 2]
    assert all(page.ocr and page.page_class == "scan" for page in found.pages)
    errors = [
        count_edits(" ".join(page.text.split()), text) / len(text)
        for page, text in zip(found.pages, PAGES, strict=True)
    ]
    record_property("character_error_rate", round(sum(errors) / len(errors), 4))
    assert max(errors) < MOST_ERRORS
