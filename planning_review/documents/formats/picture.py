"""A picture file: its frames as pages that wait for OCR. For worker processes."""

import os
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from planning_review.documents.pages.page_text import make_page
from planning_review.documents.workers.messages import Opened, PageRead, Unreadable, is_our_fault
from planning_review.models import DocumentState

MAX_FRAMES = 2000
_MAX_COUNTED_FRAMES = 1_000_000

# The limit of pages.image, checked before anything is decoded, stands in for Pillow's warning.
Image.MAX_IMAGE_PIXELS = None


def open_picture(path: Path) -> Image.Image:
    """Return a picture of which nothing is decoded yet. Raises what Pillow does for what is damaged."""
    with path.open("rb") as file:
        is_of_a_phone = file.read(8)[4:] == b"ftyp"
    if is_of_a_phone:
        # Loads the library for HEIC and AVIF, which no other picture needs.
        import pillow_heif

        pillow_heif.register_heif_opener()
    return Image.open(path)


def read_picture(path: Path) -> Iterator[Opened | PageRead]:
    """Yield a picture file's one frame as a page that waits for OCR. Raises Unreadable.

    Phones put a second, smaller picture behind the first of a JPEG; a GIF's other frames are its motion.
    """
    return _read_frames(path, lambda _: 1)


def read_tiff(path: Path) -> Iterator[Opened | PageRead]:
    """Yield a TIFF's frames as pages that wait for OCR. Raises Unreadable."""
    return _read_frames(path, _count_tiff_frames)


def _read_frames(path: Path, count_frames: Callable[[Path], int]) -> Iterator[Opened | PageRead]:
    try:
        with open_picture(path):
            pass
        frames = count_frames(path)
    except (UnidentifiedImageError, ValueError, TypeError, SyntaxError, EOFError, OSError) as error:
        # Pillow raises an OSError of its own, too, for what can't be decoded.
        if isinstance(error, OSError) and is_our_fault(error):
            raise
        raise Unreadable(DocumentState.DAMAGED, "the picture is damaged and does not open") from error
    yield Opened(page_count=frames)
    for number in range(1, min(frames, MAX_FRAMES) + 1):
        yield PageRead(page=make_page(number, "scan", ""))


def _count_tiff_frames(path: Path) -> int:
    """Return how many frames a TIFF has, from the chain of its directories.

    Pillow takes each directory apart to count them: minutes, where a file has a million.
    """
    with path.open("rb") as file:
        head = file.read(16)
        order = "<" if head.startswith(b"II") else ">"
        is_big = head[2:4] in (b"+\x00", b"\x00+")
        offset = struct.unpack_from(f"{order}Q" if is_big else f"{order}I", head, 8 if is_big else 4)[0]
        counter, number, entry_bytes = ("Q", "Q", 20) if is_big else ("H", "I", 12)
        seen: set[int] = set()
        size_bytes = path.stat().st_size
        while 0 < offset < size_bytes and offset not in seen and len(seen) < _MAX_COUNTED_FRAMES:
            file.seek(offset)
            count = file.read(struct.calcsize(counter))
            if len(count) < struct.calcsize(counter):
                break
            seen.add(offset)
            file.seek(min(size_bytes, struct.unpack(order + counter, count)[0] * entry_bytes), os.SEEK_CUR)
            following = file.read(struct.calcsize(number))
            if len(following) < struct.calcsize(number):
                break
            offset = struct.unpack(order + number, following)[0]
    return max(1, len(seen))
