"""Files read here and now, without the worker processes, the register or a data folder."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from planning_review.documents.classes.classification import Classification, classify_read_document
from planning_review.documents.extraction import read_by_ocr, read_text
from planning_review.documents.formats.sniffing import sniff_kind
from planning_review.documents.formats.table import FileKind, drop_file_suffix
from planning_review.documents.pages.ocr import ocr_version
from planning_review.documents.pages.page_text import needs_ocr
from planning_review.documents.workers.conclusion import conclude_document
from planning_review.documents.workers.messages import (
    Ended,
    OcrJob,
    Opened,
    TextJob,
    Unreadable,
    is_our_fault,
)
from planning_review.errors import UsageError
from planning_review.models import DocumentState, DocumentText, Frozen, ListedDocument, PageText

_OCR_SECONDS = 60.0


class LooseFile(Frozen):
    """A file as it was typed, or as its folder was, with its name inside; category is its sub-folder."""

    name: str
    path: Path
    category: str | None = None

    @property
    def title(self) -> str:
        """The name that a register would give it."""
        return drop_file_suffix(self.path.name).replace("_", " ").strip() or self.path.name


def list_loose_files(names: Sequence[str]) -> list[LooseFile]:
    """Return the files of some names and of whole folders; UsageError where one is neither."""
    found: dict[Path, LooseFile] = {}
    for name in names:
        path = Path(name)
        if path.is_dir():
            files = [
                LooseFile(
                    name=str(inner),
                    path=inner,
                    category=" / ".join(inner.relative_to(path).parts[:-1]).replace("_", " ") or None,
                )
                for inner in sorted(path.rglob("*"))
                if inner.is_file() and not any(p.startswith(".") for p in inner.relative_to(path).parts)
            ]
            if not files:
                raise UsageError(f"{name} is a folder with no file in it.")
        elif path.is_file():
            files = [LooseFile(name=name, path=path)]
        else:
            raise UsageError(f"{name}: there is no such file or folder.")
        for file in files:
            found.setdefault(file.path, file)
    return list(found.values())


def read_loose_file(file: LooseFile) -> DocumentText:
    """Return what the reader makes of a file; raises UsageError where the file itself can't be opened."""
    try:
        sha256 = hashlib.sha256(file.path.read_bytes()).hexdigest()
        kind = sniff_kind(file.path)
    except OSError as error:
        raise UsageError(f"{file.name} cannot be read: {error.strerror}.") from None
    pages: list[PageText] = []
    opened = Opened(page_count=0)
    ended = Ended()
    try:
        for event in read_text(TextJob(path=str(file.path), kind=kind)):
            if isinstance(event, Opened):
                opened = event
            else:
                pages.append(_read_pixels(file.path, kind, event.page))
    except Unreadable as refusal:
        ended = Ended(state=refusal.state, reason=refusal.reason)
    except Exception as error:
        if isinstance(error, OSError) and is_our_fault(error):
            raise
        ended = Ended(state=DocumentState.DAMAGED, reason="the file is damaged and does not open")
    return conclude_document(
        sha256,
        kind,
        ocr_version(),
        page_count=opened.page_count,
        repaired=opened.repaired,
        notes=opened.notes,
        pages=pages,
        ended=ended,
        failure=None,
    )


def classify_loose_file(file: LooseFile, text: DocumentText) -> Classification:
    """Return the file's document type by its name and its first pages, as a run would tell it."""
    listed = ListedDocument(
        document_id=file.name,
        title=file.title,
        file_name=file.path.name,
        category=file.category,
        register_url=file.path.absolute().as_uri(),
    )
    return classify_read_document(listed, text.pages)


def _read_pixels(path: Path, kind: FileKind, page: PageText) -> PageText:
    if not needs_ocr(page):
        return page
    return read_by_ocr(OcrJob(path=str(path), kind=kind, page=page, limit_seconds=_OCR_SECONDS)).page
