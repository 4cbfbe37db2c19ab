"""PyMuPDF as the worker processes load it: without its layout network, silent, with our flags for text."""

import sys
from typing import Any, cast

# PyMuPDF loads its layout network with onnxruntime where it finds it, and runs it once: 1.2 s and 90 MB
# a worker for something that is not used here. Without it the import takes 0.13 s.
for _name in ("pymupdf.layout", "pymupdf4llm"):
    cast(dict[str, Any], sys.modules).setdefault(_name, None)

import pymupdf as _pymupdf  # noqa: E402

pymupdf: Any = _pymupdf  # it calls itself typed, and half of it is not

# PyMuPDF's own set keeps ligatures (a search for "traffic" misses them) and puts glyph numbers in
# place of characters that the font doesn't explain: a garbled page then looks like a clean one.
TEXT_FLAGS: int = (
    pymupdf.TEXTFLAGS_TEXT & ~pymupdf.TEXT_PRESERVE_LIGATURES & ~pymupdf.TEXT_CID_FOR_UNKNOWN_UNICODE
)

pymupdf.no_recommend_layout()
pymupdf.TOOLS.mupdf_display_errors(False)
pymupdf.TOOLS.mupdf_display_warnings(False)


def draw_small(page: Any) -> Any:
    """Return a page in grey, a pixel a point, as an array of its rows."""
    import numpy as np

    pixels = page.get_pixmap(colorspace=pymupdf.csGRAY)
    return np.frombuffer(pixels.samples, np.uint8).reshape(pixels.height, pixels.width)


def is_damaged(warnings: str) -> bool:
    """Return whether MuPDF left something out of a page: what can't be unpacked counts as empty for it."""
    lines = [line for line in warnings.splitlines() if "error" in line or "premature end" in line]
    # A sum at the end of a stream that is wrong takes nothing from what stands before it.
    return any(not line.startswith("ignoring") for line in lines)
