"""Where a quote stands on its page: the boxes of its words, from places that were kept or are in the file."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from planning_review.models import WordPlace
from planning_review.text.folding import fold_quote

PLACE_UNITS = 10_000
"""A page's width and height in the units of a place."""

Box = tuple[int, int, int, int]

_FEWEST_WORDS = 4


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

    Case, spaces, hyphens and kinds of quotation marks are nothing, as where a quote is verified. Where its
    letters are whole words they go before where they are parts of some.
    """
    return _join_lines(_find_words(places, fold_quote(quote).squeezed))


def find_passage(places: Sequence[WordPlace], quote: str) -> list[Box]:
    """Return the boxes of a quote's words, or of as much of its beginning as stands on its page.

    A quote that runs over the end of its page begins with the page's last words. The row of a table is quoted
    with bars between its cells, which the page does not have.
    """
    if boxes := find_quote_boxes(places, quote):
        return boxes
    if " | " in quote:
        return find_passage(places, quote.replace(" | ", " "))
    words = quote.split()
    for count in range(len(words) - 1, _FEWEST_WORDS - 1, -1):
        if found := _find_words(places, fold_quote(" ".join(words[:count])).squeezed):
            return _join_lines(found)
    return []


def _find_words(places: Sequence[WordPlace], wanted: str) -> list[WordPlace]:
    letters: str = ""
    word_of: list[int] = []
    begins: set[int] = set()
    for number, place in enumerate(places):
        folded = fold_quote(place[0]).squeezed
        begins.add(len(letters))
        letters += folded
        word_of += [number] * len(folded)
    begins.add(len(letters))
    found = []
    at = letters.find(wanted) if wanted else -1
    while at >= 0:
        found.append(at)
        if at in begins and _ends_word(letters, begins, at + len(wanted)):
            found = [at]
            break
        at = letters.find(wanted, at + 1)
    if not found:
        return []
    return [places[number] for number in dict.fromkeys(word_of[found[0] : found[0] + len(wanted)])]


def _ends_word(letters: str, begins: set[int], end: int) -> bool:
    """Return whether a place is the end of a word, but for its full stop or comma."""
    while end not in begins and not letters[end].isalnum():
        end += 1
    return end in begins


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
