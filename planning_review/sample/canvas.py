"""Pages of a PDF as plain drawing operators, and the writing of them into a file.

Coordinates are points from the top left corner of the page. The operators are written here and not
by PyMuPDF's drawing calls because a site plan has thousands of paths, and because the same calls
must give the same bytes each time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

Colour = tuple[float, float, float]
Point = tuple[float, float]

BLACK: Colour = (0, 0, 0)
GREY: Colour = (0.45, 0.45, 0.45)
FONTS = ("helv", "hebo", "heit", "tiro", "tibo")
"""Fonts that every PDF reader has: Helvetica and Times, so that nothing is embedded."""

_PDF_DATE = "D:20261001090000Z"
_SAME_WIDTH = str.maketrans({"–": "n", "’": "'", "“": '"', "”": '"', "•": "*"})


def load_pymupdf() -> Any:
    """Return PyMuPDF, which costs 137 MB and has no types: only where documents are built."""
    return import_module("pymupdf")


@cache
def _unit_width(text: str, font: str) -> float:
    return float(load_pymupdf().get_text_length(text.translate(_SAME_WIDTH), fontname=font, fontsize=1))


def measure_text(text: str, font: str, size: float) -> float:
    """Return the width of a line of text in points."""
    return sum(_unit_width(word, font) for word in text.split(" ")) * size + (
        text.count(" ") * _unit_width(" ", font) * size
    )


def wrap_text(text: str, font: str, size: float, width: float) -> list[str]:
    """Break a text into lines of at most `width` points; a longer word keeps its own line."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if line and measure_text(longer, font, size) > width:
            lines.append(line)
            line = word
        else:
            line = longer
    return [*lines, line] if line else lines


@dataclass
class Canvas:
    """One page that is being drawn."""

    width: float
    height: float
    _operators: list[str] = field(default_factory=list)
    _images: list[tuple[tuple[float, float, float, float], bytes]] = field(default_factory=list)

    def draw_text(
        self, at: Point, text: str, *, font: str = "helv", size: float = 10, colour: Colour = BLACK
    ) -> None:
        """Set one line of text with its baseline at a point."""
        safe = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        place = f"{at[0]:.2f} {self.height - at[1]:.2f}"
        self._operators.append(f"BT {_numbers(*colour)} rg /{font} {size:g} Tf {place} Td ({safe}) Tj ET")

    def draw_path(
        self,
        points: Sequence[Point],
        *,
        stroke: Colour | None = BLACK,
        fill: Colour | None = None,
        width: float = 0.5,
        closed: bool = False,
    ) -> None:
        """Draw straight lines from point to point."""
        first, *rest = [f"{x:.2f} {self.height - y:.2f}" for x, y in points]
        paint = {(True, True): "B", (True, False): "S", (False, True): "f"}[
            (stroke is not None, fill is not None)
        ]
        self._operators.append(
            " ".join(
                [
                    f"{_numbers(*stroke)} RG {width:g} w" if stroke else "",
                    f"{_numbers(*fill)} rg" if fill else "",
                    f"{first} m",
                    *(f"{point} l" for point in rest),
                    "h" if closed else "",
                    paint,
                ]
            )
        )

    def draw_box(
        self,
        box: tuple[float, float, float, float],
        *,
        stroke: Colour | None = BLACK,
        fill: Colour | None = None,
        width: float = 0.5,
    ) -> None:
        """Draw a rectangle, given its left, top, right and bottom."""
        left, top, right, bottom = box
        corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
        self.draw_path(corners, stroke=stroke, fill=fill, width=width, closed=True)

    def place_image(self, box: tuple[float, float, float, float], image: bytes) -> None:
        """Place a JPEG or PNG within left, top, right and bottom."""
        self._images.append((box, image))


def write_pdf(
    path: Path | BinaryIO,
    pages: Sequence[Canvas],
    *,
    title: str,
    author: str,
    outline: Sequence[tuple[int, str, int]] = (),
) -> None:
    """Write pages as a PDF whose bytes depend on nothing but what is given."""
    pymupdf = load_pymupdf()
    pdf = pymupdf.open()
    for canvas in pages:
        page = pdf.new_page(width=canvas.width, height=canvas.height)
        for font in FONTS:
            page.insert_font(fontname=font)
        contents = pdf.get_new_xref()
        pdf.update_object(contents, "<<>>")
        pdf.update_stream(contents, "\n".join(canvas._operators).encode("cp1252"))
        page.set_contents(contents)
        for box, image in canvas._images:
            page.insert_image(pymupdf.Rect(*box), stream=image)
    pdf.set_metadata(
        {
            "title": title,
            "author": author,
            "producer": author,
            "creationDate": _PDF_DATE,
            "modDate": _PDF_DATE,
        }
    )
    if outline:
        pdf.set_toc([list(entry) for entry in outline])
    # A new id would differ from one building to the next.
    pdf.save(path, garbage=3, deflate=True, no_new_id=True)
    pdf.close()


def _numbers(*values: float) -> str:
    return " ".join(f"{value:g}" for value in values)
