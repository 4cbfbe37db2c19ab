"""Where a quote stands on its page: the boxes of its words, from places that were kept or are in the file."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from planning_review.models import WordPlace
from planning_review.text.folding import fold_quote

PLACE_UNITS = 10_000
"""A page's width and height in the units of a place."""

Box = tuple[int, int, int, int]


def read_pdf_places(path: Path, number: int) -> tuple[WordPlace, ...]:
    """Return the places of a PDF page's own words. For worker processes."""
    from planning_review.documents.formats.pdf import open_pdf
    from planning_review.documents.pages.reading_order import read_blocks
    from planning_review.documents.pages.words import read_words

    page = open_pdf(path)[number - 1]
    _, textpage = read_blocks(page)
    across, down = PLACE_UNITS / page.rect.width, PLACE_UNITS / page.rect.height
    return tuple(
        (
            word.text,
            round(word.left * across),
            round(word.top * down),
            round(word.right * across),
            round(word.bottom * down),
        )
        for word in read_words(page, textpage)
    )


def find_quote_boxes(places: Sequence[WordPlace], quote: str) -> list[Box]:
    """Return a box for each line of a quote's words, where they first stand together; nothing where not.

    Case, spaces, hyphens and kinds of quotation marks are nothing, as where a quote is verified.
    """
    wanted = fold_quote(quote).squeezed
    letters: str = ""
    word_of: list[int] = []
    for number, place in enumerate(places):
        folded = fold_quote(place[0]).squeezed
        letters += folded
        word_of += [number] * len(folded)
    at = letters.find(wanted) if wanted else -1
    if at < 0:
        return []
    return _join_lines(places[number] for number in dict.fromkeys(word_of[at : at + len(wanted)]))


def _join_lines(places: Iterable[WordPlace]) -> list[Box]:
    boxes: list[Box] = []
    for _, left, top, right, bottom in places:
        if boxes:
            last_left, last_top, last_right, last_bottom = boxes[-1]
            if last_top <= (top + bottom) / 2 <= last_bottom and left >= last_left:
                boxes[-1] = (last_left, min(top, last_top), max(right, last_right), max(bottom, last_bottom))
                continue
        boxes.append((left, top, right, bottom))
    return boxes
