"""The conclusion on a document, once all of its pages were tried: its state, and the reason in words.

Apart from the pool, which only carries pages: here the words are that a reader of the review sees.
"""

from collections.abc import Sequence

from planning_review.documents.extraction import EXTRACTOR_VERSION
from planning_review.documents.workers.messages import Ended
from planning_review.models import DocumentState, DocumentText, FileKind, PageText

_LISTED_PAGES = 5


def refused_document(
    sha256: str, kind: FileKind, ocr: str, state: DocumentState, reason: str
) -> DocumentText:
    """Return the record of a document of which nothing could be read."""
    return DocumentText(
        sha256=sha256, kind=kind, extractor=EXTRACTOR_VERSION, ocr=ocr, state=state, reason=reason
    )


def conclude_document(
    sha256: str,
    kind: FileKind,
    ocr: str,
    *,
    page_count: int,
    repaired: bool,
    notes: Sequence[str] = (),
    pages: Sequence[PageText],
    ended: Ended | None,
    failure: str | None,
) -> DocumentText:
    """Return the record of a document from its pages. failure is why reading stopped before its end."""
    if not pages:
        state = (ended.state if ended else None) or DocumentState.DAMAGED
        reason = (ended.reason if ended else failure) or "no page of it could be read"
        return refused_document(sha256, kind, ocr, state, reason)
    reasons = []
    if repaired:
        reasons.append("the file is damaged and was repaired, so text may be missing")
    reasons += notes
    reasons += _page_reasons(pages)
    if len(pages) < page_count:
        why = failure or (ended.reason if ended else None) or "only so many are read of one file"
        reasons.append(f"{page_count - len(pages)} of its {page_count} pages were not read ({why})")
    state = _state_of(pages)
    if state is DocumentState.STORED and not any(page.reason for page in pages):
        reasons.insert(0, _without_text(pages))
    return DocumentText(
        sha256=sha256,
        kind=kind,
        extractor=EXTRACTOR_VERSION,
        ocr=ocr,
        state=state,
        reason="; ".join(reasons) or None,
        pages=tuple(pages),
        page_count=max(page_count, len(pages)),
    )


def _state_of(pages: Sequence[PageText]) -> DocumentState:
    if any(page.text for page in pages):
        return DocumentState.INDEXED
    if all(page.part and page.part_page is None for page in pages):
        return DocumentState.UNSUPPORTED
    # Scans that wait for tesseract are whole, and so are drawings.
    if all(page.reason and page.page_class == "blank" for page in pages):
        return DocumentState.DAMAGED
    return DocumentState.STORED


def _without_text(pages: Sequence[PageText]) -> str:
    classes = {page.page_class for page in pages} - {"blank"}
    if not classes:
        return "its pages are blank"
    names = {"drawing": "a drawing", "picture": "a picture"}
    return f"{' and '.join(sorted(names.get(name, 'a scan') for name in classes))} without readable text"


def _page_reasons(pages: Sequence[PageText]) -> list[str]:
    """Return one phrase a reason, with the pages it is true of."""
    places: dict[tuple[str, str | None], list[int]] = {}
    for page in pages:
        if page.reason:
            # What was not read at all of a part has no page of it.
            numbers = places.setdefault((page.reason, page.part), [])
            if page.part is None or page.part_page is not None:
                numbers.append(page.part_page or page.number)
    phrases: dict[str, list[str]] = {}
    for (reason, part), numbers in places.items():
        where = ", ".join(filter(None, (part, _name_pages(numbers))))
        phrases.setdefault(reason, []).append(where)
    return [f"{'; '.join(where)}: {reason}" for reason, where in phrases.items()]


def _name_pages(numbers: list[int]) -> str:
    if len(numbers) < 2:
        return f"page {numbers[0]}" if numbers else ""
    shown = ", ".join(map(str, numbers[:_LISTED_PAGES]))
    more = len(numbers) - _LISTED_PAGES
    return f"pages {shown}" + (f" and {more} more" if more > 0 else "")
