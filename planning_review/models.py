"""What passes between the parts: one frozen, typed model at each border.

The shape of review.json has a module of its own, `planning_review.report.contract`.
"""

from datetime import date
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from planning_review.documents.formats.table import FileKind as FileKind


class Frozen(BaseModel):
    """A model that nobody changes and that knows all its fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Application(Frozen):
    """An application as its register page states it; None where the page shows `-` or nothing."""

    reference: str
    council: str
    site_address: str | None = None
    proposal: str | None = None
    application_type: str | None = None
    status: str | None = None
    decision: str | None = None
    applicant: str | None = None
    agent: str | None = None
    case_officer: str | None = None
    parish: str | None = None
    ward: str | None = None
    received_date: date | None = None
    valid_date: date | None = None
    consultation_end: date | None = None
    target_decision_date: date | None = None
    decision_date: date | None = None
    register_url: str
    other_fields: dict[str, str] = Field(default_factory=dict)


class ListedDocument(Frozen):
    """One row of the register's documents table.

    document_id is recordNumber-planId-imageId. category is the group that the row stands in,
    listed_type the row's own "Document Type". size_bytes_listed is read from the printed size and
    as exact as that. register_url is absolute.
    """

    document_id: str
    title: str
    file_name: str | None = None
    category: str | None = None
    listed_type: str | None = None
    listed_date: date | None = None
    size_listed: str | None = None
    size_bytes_listed: int | None = None
    drawing_number: str | None = None
    register_url: str


class ApplicationPage(Frozen):
    """An application and its documents.

    documents_available is False where the page has no documents section at all, which is not the
    same as an empty one. documents_elsewhere is the address of another site that has them, if one is named.
    warnings say what of the page was not understood or could not be had.
    """

    application: Application
    documents: tuple[ListedDocument, ...]
    documents_available: bool
    documents_elsewhere: str | None = None
    warnings: tuple[str, ...] = ()


class Choice(Frozen):
    """Whether a listed document is read, and why."""

    document: ListedDocument
    selected: bool
    reason: str
    priority: Literal["normal", "low"] = "normal"


class DocumentState(StrEnum):
    """What became of a document."""

    LEFT_OUT = "left_out"
    INDEXED = "indexed"
    STORED = "stored"
    DAMAGED = "damaged"
    LOCKED = "locked"
    UNSUPPORTED = "unsupported"
    GONE = "gone"
    FAILED = "failed"


class StoredFile(Frozen):
    """The bytes of one document.

    key is `{ref}/{index:03d}_{name}.{ext}`: a path under the raw or temp folder, and a storage key
    without its prefix. Equal bytes share the key of the document that brought them first.
    """

    document_id: str
    index: int
    key: str
    sha256: str
    size_bytes: int
    kind: FileKind


PageClass = Literal["text", "scan", "garbled", "drawing", "picture", "blank"]


WordPlace = tuple[str, int, int, int, int]
"""A word, and its left, top, right and bottom in ten-thousandths of its page's width and height."""


SURE_CONFIDENCE = 70.0
"""Of OCR: below it, of pages that were drawn by noise and blur, figures were wrong."""


class PageText(Frozen):
    """The text of one page, 1-based. reason says why a page could not be read, or only in part.

    unread says that it may show more, or less, than its text says, and was not looked at for it.

    part is the place of a page that belongs to a file in the document, or to its comments (`attachment 2`),
    and part_page its number there; number goes on from the document's own pages. Without part_page it stands
    for a part that was not read at all.
    """

    number: int
    page_class: PageClass
    text: str
    ocr: bool = False
    ocr_confidence: float | None = None
    reason: str | None = None
    unread: bool = False
    part: str | None = None
    part_page: int | None = None

    @property
    def has_unsure_figures(self) -> bool:
        """Whether OCR read it, in whole or in part, with so little certainty that a figure may be another."""
        return self.ocr_confidence is not None and self.ocr_confidence < SURE_CONFIDENCE


def name_place(page: int, part: str | None, part_page: int | None) -> str:
    """Return how a place in a document is called: `page 12`, or `attachment 2, page 1`."""
    return f"{part}, page {part_page}" if part and part_page else f"page {page}"


class DocumentText(Frozen):
    """All that was read from one file: the truth that the index is made from.

    state is indexed where there is text to index, else stored, damaged, locked or unsupported.
    extractor and ocr are versions; ocr is "none" where tesseract was not there. places are those of the
    words that OCR read, by page: those of a PDF's own words are in the file itself. The text store keeps them
    apart.
    """

    sha256: str
    kind: FileKind
    extractor: str
    ocr: str
    state: DocumentState
    reason: str | None = None
    pages: tuple[PageText, ...] = ()
    page_count: int = 0
    places: dict[int, tuple[WordPlace, ...]] = Field(default_factory=dict)

    @property
    def ocr_pages(self) -> int:
        """How many pages were read by OCR."""
        return sum(page.ocr for page in self.pages)


class Chunk(Frozen):
    """A passage of at most 220 tokens; pages are 1-based and inclusive, part is that of its pages."""

    position: int
    page_start: int
    page_end: int
    heading: str | None
    text: str
    part: str | None = None
    part_page: int | None = None


class Passage(Frozen):
    """A passage found by a search; a higher score is better. part and part_page are its first page's."""

    document_id: str
    title: str
    page_start: int
    page_end: int
    heading: str | None = None
    text: str
    score: float
    part: str | None = None
    part_page: int | None = None
