"""A part of a page drawn as a picture, in a process of its own that is killed at its limits.

`python -P -m planning_review.documents.workers.drawing PARENT_PID PATH KIND PAGE LEFT TOP RIGHT BOTTOM`
writes the picture to its output; draw_part starts it.
"""

import io
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import planning_review
from planning_review.documents.workers.parent_death import die_with_parent
from planning_review.documents.workers.process import limit_memory
from planning_review.models import FileKind

LONGEST_EDGE_PIXELS = 1_400
"""Models shrink what is larger, and charge by the pixel."""

_PICTURES = (
    FileKind.JPEG,
    FileKind.PNG,
    FileKind.TIFF,
    FileKind.WEBP,
    FileKind.GIF,
    FileKind.BMP,
    FileKind.JP2,
    FileKind.HEIC,
)
_LIMIT_SECONDS = 40.0
_MEMORY_BYTES = 4 * 1024**3
_MOST_BYTES = 4 * 1024**2


class Part(NamedTuple):
    """A part of a page, in hundredths of its width and height."""

    left: int
    top: int
    right: int
    bottom: int


def draw_part(path: Path, kind: FileKind, page: int, part: Part) -> bytes | None:
    """Return a part of a page (1-based) as PNG; None where it can't be drawn within its limits."""
    if kind not in (FileKind.PDF, *_PICTURES):
        return None
    command = [sys.executable, "-P", "-m", __name__, str(os.getpid()), str(path), kind.value, str(page)]
    process = subprocess.Popen(  # noqa: S603 - our own module, by our own interpreter
        [*command, *map(str, part)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        # It reads anyone's files: no secret of the environment goes along.
        env={
            "PATH": os.pathsep.join(os.get_exec_path()),
            "PYTHONPATH": str(Path(planning_review.__file__).resolve().parent.parent),
            "PYTHONUTF8": "1",
        },
        start_new_session=True,
    )
    try:
        png, _ = process.communicate(timeout=_LIMIT_SECONDS)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return None
    return png if process.returncode == 0 and 0 < len(png) <= _MOST_BYTES else None


def main() -> None:
    """Draw what the command line names."""
    parent, path, kind, page, *part = sys.argv[1:]
    die_with_parent(int(parent))
    limit_memory(_MEMORY_BYTES)
    # MuPDF prints its complaints to the standard output.
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    draw = _draw_pdf if FileKind(kind) is FileKind.PDF else _draw_picture
    output.write(draw(Path(path), int(page), Part(*map(int, part))))
    output.flush()


def _draw_pdf(path: Path, number: int, part: Part) -> bytes:
    from planning_review.documents.formats.pdf import open_pdf
    from planning_review.documents.pages.mupdf import pymupdf

    page = open_pdf(path)[number - 1]
    whole = page.rect
    clip = pymupdf.Rect(
        whole.x0 + whole.width * part.left / 100,
        whole.y0 + whole.height * part.top / 100,
        whole.x0 + whole.width * part.right / 100,
        whole.y0 + whole.height * part.bottom / 100,
    )
    zoom = LONGEST_EDGE_PIXELS / max(clip.width, clip.height, 1)
    pixels = page.get_pixmap(matrix=pymupdf.Matrix(zoom, zoom), clip=clip, alpha=False)
    return bytes(pixels.tobytes("png"))


def _draw_picture(path: Path, number: int, part: Part) -> bytes:
    from planning_review.documents.pages.image import load_picture

    image = load_picture(path, number).image
    width, height = image.size
    box = (
        width * part.left // 100,
        height * part.top // 100,
        width * part.right // 100,
        height * part.bottom // 100,
    )
    cut = image.crop(box)
    cut.thumbnail((LONGEST_EDGE_PIXELS, LONGEST_EDGE_PIXELS))
    buffer = io.BytesIO()
    cut.save(buffer, "png")
    return buffer.getvalue()


if __name__ == "__main__":
    main()
