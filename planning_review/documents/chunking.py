"""Pages cut into passages that the embedder can take whole.

all-MiniLM-L6-v2 drops everything after 256 tokens without a word.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby, islice

from planning_review.documents.pages.edges import find_body, find_running_lines
from planning_review.documents.pages.headings import HeadingPath, drop_contents, find_headings, split_opening
from planning_review.errors import ExtractionError
from planning_review.models import Chunk, DocumentText, FileKind, PageText
from planning_review.text.sentences import ends_sentence

CHUNKER_VERSION = "4"
"""Part of a passage's identity: raise it when the same text is cut in another way."""

MAX_TOKENS = 220
OVERLAP_TOKENS = 30

MAX_PASSAGES = 20_000
"""Of one document: some 4,000 pages full of prose, and five minutes of embedding on two cores."""

_PIECE_CHARACTERS = 40
_OPENING_CHARACTERS = 400
_WORD = re.compile(r"\S+")
_LIST_MARK = re.compile(r"[•●▪■◦‣·*o–-]|\(?[a-z0-9]{1,3}[.)]|\d+(?:\.\d+)+")
_INSIDE, _SENTENCE, _PARAGRAPH, _HEADING = range(4)


@dataclass(frozen=True, slots=True)
class _Word:
    """A word's place on its page. opens says what begins with it; heading is the path it stands under."""

    page: int
    start: int
    end: int
    opens: int
    heading: str | None


def cut_chunks(text: DocumentText, count_tokens: Callable[[Sequence[str]], list[int]]) -> list[Chunk]:
    """Return a document's passages in order, each at most 220 tokens, with about 30 of overlap.

    A passage ends at a heading, a paragraph or a sentence where one is near, and may run over the
    end of a page. Its text is the page's own, character for character, with a line break between
    pages; headers, footers, page numbers and lists of contents belong to none. None runs from one part of the
    document into another. count_tokens is asked once a part, or twice where a word is longer than a passage:
    for its different words, since a tokenizer that splits at white space counts a text as their sum.
    Raises ExtractionError for a document of more than MAX_PASSAGES: text without words, as a rule.
    """
    chunks: list[Chunk] = []
    for part, group in groupby((page for page in text.pages if page.text), key=lambda page: page.part):
        pages = list(group)
        own_pages = {page.number: page.part_page for page in pages}
        room = MAX_PASSAGES - len(chunks)
        for chunk in _cut_part(_find_bodies(pages, text.kind), count_tokens, room):
            place = {"position": len(chunks), "part": part, "part_page": own_pages[chunk.page_start]}
            chunks.append(chunk.model_copy(update=place))
    return chunks


def _cut_part(
    pages: dict[int, str], count_tokens: Callable[[Sequence[str]], list[int]], room: int
) -> list[Chunk]:
    # A word is a token at least: more of them need not be held in memory to be too many.
    most_words = room * MAX_TOKENS
    words = list(islice(_find_words(pages), most_words + 1))
    if len(words) > most_words:
        raise _too_many_passages()
    if not words:
        return []
    different = sorted({pages[word.page][word.start : word.end] for word in words})
    empty, *counts = count_tokens(["", *different])
    # A counter that adds special tokens adds them to each word: they count once a passage.
    tokens_of = dict(zip(different, (count - empty for count in counts), strict=True))
    limit = MAX_TOKENS - empty
    if max(tokens_of.values()) > limit:
        words = list(_split_long_words(words, pages, tokens_of, limit))
        pieces = sorted({pages[word.page][word.start : word.end] for word in words} - tokens_of.keys())
        # A piece can cost one more inside its word than alone.
        tokens_of |= {
            piece: count - empty + 1 for piece, count in zip(pieces, count_tokens(pieces), strict=True)
        }
    lengths = [tokens_of[pages[word.page][word.start : word.end]] for word in words]
    spans = list(islice(_pack(words, lengths, limit), room + 1))
    if len(spans) > room:
        raise _too_many_passages()
    return [_make_chunk(position, words[start:end], pages) for position, (start, end) in enumerate(spans)]


def _too_many_passages() -> ExtractionError:
    return ExtractionError(f"of one document {MAX_PASSAGES:,} passages are indexed, and this one has more.")


def _find_bodies(pages: Sequence[PageText], kind: FileKind) -> dict[int, str]:
    """Return the pages' own text by their numbers."""
    bodies = {page.number: page.text for page in pages}
    # Other kinds have no pages: sheets that begin with the same row are no pages with a header.
    if kind in (FileKind.PDF, FileKind.TIFF) and len(pages) > 2:
        running = find_running_lines(pages)
        bodies |= {
            page.number: body for page in pages if (body := page.text[find_body(page.text, running)].strip())
        }
    return drop_contents(bodies)


def _find_words(pages: dict[int, str]) -> Iterator[_Word]:
    headings, path = find_headings(list(pages.values())), HeadingPath(list(pages.values()))
    heading: str | None = None
    is_after_heading = False
    for number, page in pages.items():
        end, opens = 0, _PARAGRAPH
        for match in _WORD.finditer(page):
            gap = page[end : match.start()]
            if gap.count("\n") > 1:
                opens = _PARAGRAPH
            elif "\n" in gap and _LIST_MARK.fullmatch(match.group()):
                opens = max(opens, _SENTENCE)
            if opens == _PARAGRAPH:
                line, _ = split_opening(page[match.start() : match.start() + _OPENING_CHARACTERS])
                if line in headings:
                    heading, opens, is_after_heading = path.enter(line), _HEADING, True
                elif is_after_heading:
                    # A heading stays with what stands under it.
                    opens, is_after_heading = _INSIDE, False
            yield _Word(number, match.start(), match.end(), opens, heading)
            end = match.end()
            opens = _SENTENCE if ends_sentence(match.group()) else _INSIDE


def _split_long_words(
    words: list[_Word], pages: dict[int, str], tokens_of: dict[str, int], limit: int
) -> Iterator[_Word]:
    """Yield the words, those longer than a passage (the dots of a table of contents) in pieces."""
    for word in words:
        if tokens_of[pages[word.page][word.start : word.end]] <= limit:
            yield word
            continue
        for start in range(word.start, word.end, _PIECE_CHARACTERS):
            opens = word.opens if start == word.start else _INSIDE
            yield _Word(word.page, start, min(start + _PIECE_CHARACTERS, word.end), opens, word.heading)


def _pack(words: list[_Word], lengths: list[int], limit: int) -> Iterator[tuple[int, int]]:
    """Yield the passages as ranges of words."""
    tokens_before = [0, *accumulate(lengths)]
    start, done = 0, 0
    while done < len(words):
        end = done + 1
        while end < len(words) and tokens_before[end + 1] - tokens_before[start] <= limit:
            end += 1
        if end < len(words):
            end = _best_cut(words, tokens_before, start, done, end)
        yield start, end
        done = end
        start = _overlap_start(words, tokens_before, start, end, limit)


def _best_cut(words: list[_Word], tokens_before: list[int], start: int, done: int, end: int) -> int:
    """Return the best place at or before end: the strongest break in the passage's last part."""
    size = tokens_before[end] - tokens_before[start]
    for opens, least in ((_HEADING, 0.5), (_PARAGRAPH, 0.6), (_SENTENCE, 0.3)):
        for cut in range(end, done, -1):
            if tokens_before[cut] - tokens_before[start] < size * least:
                break
            if words[cut].opens >= opens:
                return cut
    return end


def _overlap_start(words: list[_Word], tokens_before: list[int], start: int, end: int, limit: int) -> int:
    """Return where the next passage begins: up to 30 tokens back, at a sentence's start if there is one."""
    if end == len(words) or words[end].opens == _HEADING:
        return end
    room = min(OVERLAP_TOKENS, limit - (tokens_before[end + 1] - tokens_before[end]))
    first = end
    while first - 1 > start and tokens_before[end] - tokens_before[first - 1] <= room:
        first -= 1
    return next((at for at in range(first, end) if words[at].opens >= _SENTENCE), first)


def _make_chunk(position: int, words: list[_Word], pages: dict[int, str]) -> Chunk:
    first, last = words[0], words[-1]
    parts = []
    for number in sorted({word.page for word in words}):
        start = first.start if number == first.page else 0
        end = last.end if number == last.page else len(pages[number])
        parts.append(pages[number][start:end].strip())
    return Chunk(
        position=position,
        page_start=first.page,
        page_end=last.page,
        heading=first.heading,
        text="\n".join(parts),
    )
